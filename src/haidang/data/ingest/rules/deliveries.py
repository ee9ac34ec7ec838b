"""Which deliveries a source owed in a span of time, and which of them came, came late or never."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from haidang.data.ingest.rules import cycles

_HOUR = dt.timedelta(hours=1)
# The longest that may lie between two deadlines of a cycle, and a little.
REACH = {
    "day": dt.timedelta(days=2),
    "week": dt.timedelta(days=8),
    "month": dt.timedelta(days=32),
    "quarter": dt.timedelta(days=93),
    "half": dt.timedelta(days=185),
    "year": dt.timedelta(days=367),
}


@dataclass(frozen=True)
class Delivery:
    """One deadline and what came for it. `came_at` is None when nothing did."""

    due_at: dt.datetime
    came_at: dt.datetime | None

    @property
    def state(self) -> str:
        if self.came_at is None:
            return "missing"
        return "on_time" if self.came_at <= self.due_at else "late"

    @property
    def by(self) -> dt.timedelta:
        """How late it came; nothing for what came in time or never."""
        late = self.state == "late" and self.came_at is not None
        return self.came_at - self.due_at if late and self.came_at else dt.timedelta()


def deadlines(
    cycle: str, deadline: dt.time, *, after: dt.datetime, until: dt.datetime
) -> list[dt.datetime]:
    """Return the deadlines of a slow cycle in (after, until], in order."""
    found: list[dt.datetime] = []
    due = cycles.due_after(cycle, deadline, after)
    while due <= until:
        found.append(due)
        due = cycles.due_after(cycle, deadline, due)
    return found


def deliveries(
    cycle: str,
    deadline: dt.time,
    *,
    after: dt.datetime,
    until: dt.datetime,
    arrivals: Sequence[dt.datetime],
    now: dt.datetime,
) -> list[Delivery]:
    """Return what was due in (after, until] and not after `now`, each with what came for it.

    What came since the deadline before is in time. Without such, the first arrival up to the next
    deadline is late. `arrivals` are sorted and reach back and ahead by one cycle.
    """
    dues = deadlines(cycle, deadline, after=after, until=min(until, now))
    if not dues:
        return []
    edges = [before(cycle, deadline, dues[0]), *dues, cycles.due_after(cycle, deadline, dues[-1])]
    return [
        Delivery(due, _first(arrivals, edges[at], due) or _first(arrivals, due, edges[at + 2]))
        for at, due in enumerate(dues)
    ]


def before(cycle: str, deadline: dt.time, due: dt.datetime) -> dt.datetime:
    """Return the deadline before one."""
    return deadlines(cycle, deadline, after=due - 2 * REACH[cycle], until=due)[-2]


def allowed_age(
    cycle: str, deadline: dt.time, *, since: dt.datetime, at: dt.datetime
) -> dt.timedelta | None:
    """Return how old the newest data may be at a moment; None while nothing was due `since`.

    A slow source that met its last deadline delivered after the one before it.
    """
    if cycle in cycles.FAST:
        patience = cycles.patience(cycle)
        return patience if at - since >= patience else None
    passed = deadlines(cycle, deadline, after=max(since, at - REACH[cycle]), until=at)
    return at - before(cycle, deadline, passed[-1]) if passed else None


def hours(after: dt.datetime, until: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """Return the first and the last edge of the whole hours in a span; equal: there are none."""
    first = after.replace(minute=0, second=0, microsecond=0)
    first += _HOUR if first < after else dt.timedelta()
    last = until.replace(minute=0, second=0, microsecond=0)
    return first, max(first, last)


def _first(
    arrivals: Sequence[dt.datetime], after: dt.datetime, until: dt.datetime
) -> dt.datetime | None:
    """Return the first arrival in (after, until]."""
    at = bisect_right(arrivals, after)
    return arrivals[at] if at < len(arrivals) and arrivals[at] <= until else None
