"""When a pipeline runs next, and which periods a backfill has. Pure."""

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def next_due(
    cadence: str, minute: int, at: dt.time | None, after: dt.datetime
) -> dt.datetime | None:
    """Return the first moment after another at which a clocked pipeline runs; None: no clock."""
    local = after.astimezone(ZONE)
    if cadence == "hourly":
        due = local.replace(minute=minute, second=0, microsecond=0)
        return due if due > local else due + dt.timedelta(hours=1)
    if cadence == "daily":
        due = dt.datetime.combine(local.date(), at or dt.time(0, 30), ZONE)
        return due if due > local else due + dt.timedelta(days=1)
    return None


def periods(start: dt.date, end: dt.date, step: str) -> Iterator[tuple[dt.date, dt.date]]:
    """Yield [from, to) spans that cover [start, end) exactly, cut at days, months or years."""
    while start < end:
        after = min(_after(start, step), end)
        yield start, after
        start = after


def _after(day: dt.date, step: str) -> dt.date:
    if step == "year":
        return dt.date(day.year + 1, 1, 1)
    if step == "month":
        return (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    return day + dt.timedelta(days=1)
