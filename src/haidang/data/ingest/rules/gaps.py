"""Days with too few readings, and what interval the readings themselves show. Pure."""

import datetime as dt
import statistics
from collections.abc import Iterable

DAY = dt.timedelta(days=1)
ENOUGH = 0.9
"""A day with nine tenths of its readings is whole: clocks drift, one message may be lost."""


def expected(interval: int, uncovered: dt.timedelta = DAY) -> int:
    """Return how many readings a day promises, less what planned work takes of it."""
    return int(uncovered.total_seconds() // interval)


def is_short(promised: int, present: int) -> bool:
    """Tell whether a day has too few readings; a device slower than a day promises none."""
    return present < promised * ENOUGH


def learned(counts: Iterable[int]) -> int | None:
    """Return the seconds between two readings that the counts of whole days show."""
    known = [count for count in counts if count > 0]
    return max(1, round(DAY.total_seconds() / statistics.median(known))) if known else None
