"""Planned windows of calibration and maintenance: once, or every so many days. Pure."""

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LOCAL = zoneinfo.ZoneInfo("Asia/Ho_Chi_Minh")
_MOST = 2_000  # occurrences looked at: daily for five years


@dataclass(frozen=True)
class Window:
    """A time in which a device may be calibrated or mended; `metric` "" speaks of all metrics.

    Only what was declared before it happened excuses anything.
    """

    start: dt.datetime
    end: dt.datetime
    declared_at: dt.datetime
    kind: str = "calibration"
    metric: str = ""

    def speaks_of(self, metric: str) -> bool:
        return self.metric in ("", metric)


@dataclass(frozen=True)
class Recurrence:
    """A plan: its first window, and how often it comes again."""

    start: dt.datetime
    length: dt.timedelta
    declared_at: dt.datetime
    kind: str = "calibration"
    metric: str = ""
    every_days: int | None = None
    until: dt.date | None = None  # the last local day on which a window may begin

    def windows(self, after: dt.datetime, before: dt.datetime) -> Iterator[Window]:
        """Yield the windows that overlap [after, before), first first."""
        step = dt.timedelta(days=self.every_days) if self.every_days else None
        start = self.start
        if step and after - self.length > start:
            start += step * ((after - self.length - start) // step)
        for _ in range(_MOST):
            if start >= before or self._is_over(start):
                return
            if start + self.length > after:
                yield Window(start, start + self.length, self.declared_at, self.kind, self.metric)
            if step is None:
                return
            start += step

    def _is_over(self, start: dt.datetime) -> bool:
        return self.until is not None and start.astimezone(LOCAL).date() > self.until


def windows(plans: Iterable[Recurrence], after: dt.datetime, before: dt.datetime) -> list[Window]:
    """Return every window of some plans that overlaps [after, before), in order."""
    found = [window for plan in plans for window in plan.windows(after, before)]
    return sorted(found, key=lambda one: (one.start, one.end, one.metric))


def excused_until(
    found: Iterable[Window], quiet_since: dt.datetime, now: dt.datetime
) -> dt.datetime:
    """Return until when windows that speak of the whole device excuse its silence."""
    ends = [
        one.end for one in found if not one.metric and one.start <= now and one.end > quiet_since
    ]
    return max([quiet_since, *ends])
