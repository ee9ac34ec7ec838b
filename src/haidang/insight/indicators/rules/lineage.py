"""What a figure rests on, as a tree: from the figure down to batches, files and persons."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from haidang.insight.indicators.rules.figures import Figure

if TYPE_CHECKING:
    from haidang.data.ingest.api import Lineage


@dataclass(frozen=True)
class Definition:
    """How an indicator is measured: the version in force, and what it is measured from."""

    code: str
    name: str
    version: int
    method: str
    method_label: str
    expression: str
    dataset: str = ""
    dataset_title: str = ""
    contract_version: int = 0


@dataclass(frozen=True)
class Part:
    """One batch with rows below a figure; `origin` is None where the scope may not see it."""

    batch: int
    rows: int
    origin: "Lineage | None"


@dataclass(frozen=True)
class Typed:
    """One value that a person typed for a unit and period, and what another decided."""

    id: int
    value: float
    typed_by: str
    typed_at: datetime
    is_approved: bool | None
    decided_by: str
    decided_at: datetime | None
    note: str = ""


@dataclass(frozen=True)
class Reference:
    """Something of an upper domain that a figure came with, such as a report."""

    title: str
    url: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """One figure and what it was made of.

    `figure` is None where the scope may not see it. `inputs` are the figures of a formula, or the
    reporting units of a sum; `has_more` says that there are further batches or units.
    """

    definition: Definition
    figure: Figure | None
    inputs: tuple["Step", ...] = ()
    parts: tuple[Part, ...] = ()
    typed: tuple[Typed, ...] = ()
    reference: Reference | None = None
    has_more: bool = False


@dataclass(frozen=True)
class SourceRows:
    """Rows of one batch below a figure. `columns` are (name, title); `_row` is the file's line."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[object, ...], ...]
    total: int
