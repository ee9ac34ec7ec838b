"""Questions that blocks may answer, and the rule that says when they do. Plain data, no clock."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from haidang.data.warehouse.engine.blocks.listing import ALL, NOTHING
from haidang.data.warehouse.engine.filters import Condition

COLUMNS = frozenset({"device", "metric", "time", "value", "status", "unit"})
FIELDS = ("device", "metric", "time", "value", "status", "unit", "_batch", "_row")
GROUPS = ("device", "metric")
BUCKETS = ("minute", "minute5", "hour", "day", "month")
_OF_VALUES = ("avg", "max", "min", "sum")
_OF_SERIES = ("first", "last")  # of several series at one moment either may be meant
ORDERED = {"=", "<", "<=", ">", ">="}
_COMPARED = ORDERED | {"!="}
# What every engine reads the same way; anything else is the lake's to read or refuse.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?")
# Vietnam's days have begun at 17:00 UTC since 1975.
OLDEST = int(datetime(1980, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000


@dataclass(frozen=True)
class Wanted:
    """Which rows: None means all; times in µs, the end outside."""

    devices: tuple[str, ...] | None = None
    metrics: tuple[str, ...] | None = None
    start: int = ALL
    end: int = NOTHING
    values: tuple[tuple[str, float], ...] = ()


def wanted(where: Sequence[Condition]) -> Wanted | None:
    """Return what conditions ask for; None for what only the lake may judge."""
    names: dict[str, frozenset[str]] = {}
    start, end, values = ALL, NOTHING, []
    for column, operator, given in where:
        if column in GROUPS and operator in ("=", "in"):
            those = frozenset([given] if operator == "=" else given)
            names[column] = names.get(column, those) & those
        elif column == "time" and operator in ORDERED:
            if (moment := microseconds(given)) is None:
                return None
            low, high = span(operator, moment)
            start, end = max(start, low), min(end, high)
        elif column == "value" and operator in _COMPARED and _NUMBER.fullmatch(str(given)):
            values.append((operator, float(given)))
        else:
            return None
    devices, metrics = (tuple(sorted(names[one])) if one in names else None for one in GROUPS)
    return Wanted(devices, metrics, start, end, tuple(values))


def microseconds(text: str) -> int | None:
    """Return a moment that every engine reads the same way in µs; None for any other text."""
    if not _MOMENT.fullmatch(str(text)):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return int(moment.replace(microsecond=0).timestamp()) * 1_000_000 + moment.microsecond


def span(operator: str, moment: int) -> tuple[int, int]:
    """Return the µs that a comparison with a moment means, the end outside."""
    return {
        "=": (moment, moment + 1),
        "<": (ALL, moment),
        "<=": (ALL, moment + 1),
        ">": (moment + 1, NOTHING),
        ">=": (moment, NOTHING),
    }[operator]


def is_covered(wanted: Wanted, since: int) -> bool:
    """Tell whether every row that is wanted is at or after `since`."""
    return since == ALL or wanted.start >= since


def is_answerable(
    measures: Sequence[tuple[str, str]], group: Sequence[str], bucket: str | None, oldest: int
) -> bool:
    """Tell whether blocks compute these aggregates as the lake does; `oldest` is the first row."""
    if len(set(group)) != len(group) or not set(group) <= set(GROUPS):
        return False
    if bucket is not None and (bucket not in BUCKETS or oldest < OLDEST):
        return False
    return bool(measures) and all(_is_known(one, group) for one in measures)


def _is_known(measure: tuple[str, str], group: Sequence[str]) -> bool:
    function, column = measure
    if column == "*":
        return function == "count"
    if column != "value":
        return False
    return function in (*_OF_VALUES, "count") or (
        function in _OF_SERIES and set(group) == set(GROUPS)
    )


def is_near(one: float, other: float) -> bool:
    """Tell whether two sums of the same numbers are equal but for the order of adding them."""
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
