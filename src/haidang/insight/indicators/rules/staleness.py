"""When a figure is too old to be shown as current."""

from datetime import datetime, timedelta


def stale_at(*, period_end: datetime, as_of: datetime, cycle: timedelta, live: bool) -> datetime:
    """Return when a figure becomes stale: `cycle` after its period ended.

    A live figure has no closed period: it ages from its newest reading.
    """
    return (as_of if live else max(period_end, as_of)) + cycle


def shown(state: str, *, stale_at: datetime, now: datetime) -> str:
    """Return the state to show: an old figure is stale whatever it said when it was new."""
    if state == "no_data":
        return state
    return "stale" if now >= stale_at else state
