"""Rows on their way: text by column, with the line of the file that each came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from haidang.data.ingest.rules.values import Reason

Broken = tuple[int, Mapping[str, str], Reason]
"""A row that cannot even be parted into columns: (line, what stands there, why)."""


@dataclass(frozen=True)
class Lines:
    """Consecutive rows of a file as text. `plain` marks cells that a program wrote as numbers."""

    rows: pa.Array
    columns: Sequence[pa.Array]
    plain: Sequence[pa.Array | None]
    broken: Sequence[Broken] = ()


@dataclass(frozen=True)
class Chunk:
    """Rows by field of the contract. `labels` is the heading that a user sees for a field."""

    rows: pa.Array
    columns: Mapping[str, pa.Array]
    plain: Mapping[str, pa.Array | None]
    labels: Mapping[str, str | pa.Array]
    broken: Sequence[Broken] = ()
    empty_cells: int = 0
    notes: Sequence[str] = field(default=())

    def __len__(self) -> int:
        return len(self.rows)
