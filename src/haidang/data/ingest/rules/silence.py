"""How long a device may be silent before that means something. Pure."""

import datetime as dt

INTERVALS = 3
"""So many readings in a row may be missing: one lost message is not silence."""

_LEAST = dt.timedelta(minutes=2)
_UNKNOWN = dt.timedelta(hours=24)
PROMISED = {"minute5": 300, "hour": 3600, "day": 86_400}


def interval_of(declared: int | None, learned: int | None, cycle: str) -> int | None:
    """Return the seconds between two readings: declared, else learned, else the source's cycle."""
    return declared or learned or PROMISED.get(cycle)


def patience(interval: int | None) -> dt.timedelta:
    """Return how long silence may last; a device of unknown interval has a day."""
    if interval is None:
        return _UNKNOWN
    return max(_LEAST, dt.timedelta(seconds=interval) * INTERVALS)


def heard_at(
    last: tuple[dt.datetime, dt.datetime] | None, watched_since: dt.datetime
) -> dt.datetime:
    """Return since when a device has been quiet.

    `last` is its newest reading's own time and the moment at which that came: a clock that runs
    ahead does not make a device heard later than it was. A device that never spoke is quiet since
    it was registered.
    """
    if last is None:
        return watched_since
    return min(last)
