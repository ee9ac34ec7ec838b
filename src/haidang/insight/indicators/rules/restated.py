"""When a period is closed, and what late data made of it afterwards. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

LONGEST = timedelta(days=10)


@dataclass(frozen=True)
class Known:
    """One revision of a value: what was known from a moment on."""

    at: datetime
    value: float | None


def closing(start: datetime, end: datetime) -> datetime:
    """Return when a period counts as told: its own length after its end, ten days at most."""
    return end + min(end - start, LONGEST)


def before(revisions: Sequence[Known], closed_at: datetime) -> Known | None:
    """Return what stood before the first revision after the close, with when the last one came.

    `revisions` are in order; None when none came after the close to what was known already.
    """
    for known, later in pairwise(revisions):
        if later.at > closed_at:
            return Known(revisions[-1].at, known.value)
    return None
