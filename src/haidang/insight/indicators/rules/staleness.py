"""When a figure is too old to be shown as current."""

from datetime import datetime, timedelta


def stale_at(*, period_end: datetime, as_of: datetime, cycle: timedelta, said: bool) -> datetime:
    """Return when a figure becomes stale: `cycle` after its newest datum, though its period runs.

    One that people said is dated by its period: it ages from the period's end.
    """
    return (max(period_end, as_of) if said else as_of) + cycle


def shown(state: str, *, stale_at: datetime, now: datetime) -> str:
    """Return the state to show: an old figure is stale whatever it said when it was new."""
    if state == "no_data":
        return state
    return "stale" if now >= stale_at else state
