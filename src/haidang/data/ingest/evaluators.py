"""The fast path's registry: upper domains judge readings the moment they are durable.

An evaluator is registered by dotted path in the upper domain's `apps.ready` and built inside the
intake process. It may not import Ibis or pages: intake stays small.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from django.db import connection
from django.utils.module_loading import import_string

if TYPE_CHECKING:  # upper domains register from every process; only intake needs arrays
    import numpy as np
    from numpy.typing import NDArray

CHANNEL = "haidang_intake"

MEASURING, CALIBRATING, FAULT = 0, 1, 2
STATUSES = ("measuring", "calibrating", "fault")


@dataclass(frozen=True, slots=True)
class Readings:
    """Accepted readings of one tick as columns, in order of arrival.

    `device` and `metric` index `devices` and `metrics`. A name keeps its index while intake
    runs; the tables only grow. `unit` indexes `units`, the codes of the devices' units.
    """

    devices: Sequence[str]
    metrics: Sequence[str]
    units: Sequence[str]
    device: "NDArray[np.int32]"
    metric: "NDArray[np.int32]"
    unit: "NDArray[np.int32]"
    time: "NDArray[np.int64]"  # microseconds since 1970, UTC
    value: "NDArray[np.float64]"
    status: "NDArray[np.uint8]"  # index of STATUSES

    def __len__(self) -> int:
        return len(self.time)


class Evaluator(Protocol):
    """What an upper domain does with readings before they reach the lake.

    After a crash the same readings come again: judge by the readings' own time, so that a second
    evaluation changes nothing.
    """

    def load(self) -> None:
        """Read thresholds and the like as plain data. Called at start and after `changed`."""

    def evaluate(self, readings: Readings) -> Any | None:
        """Return what must change, or None. Pure: arrays in, plain data out."""

    def apply(self, changes: Any) -> None:
        """Write the changes. One transaction holds all evaluators' changes of a tick."""


_factories: dict[str, str] = {}


def register(name: str, factory: str) -> None:
    """Have intake build an evaluator by calling `factory`, a dotted path."""
    _factories[name] = factory


def build() -> dict[str, Evaluator]:
    """Build every registered evaluator by its name."""
    return {name: import_string(path)() for name, path in _factories.items()}


def changed(name: str) -> None:
    """Tell every intake, on commit, to load evaluator `name` again ("devices": the registry)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, name])
