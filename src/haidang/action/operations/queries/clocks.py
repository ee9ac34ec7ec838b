"""Deadlines in running or working time; the working calendar is read once per `Clocks`."""

from datetime import datetime, timedelta
from functools import cached_property

from haidang.action.operations.rules.clocks import TimeLeft, time_left
from haidang.foundation.calendar import office_hours, working_time

_DAY = timedelta(days=1)


def due_at(start: datetime, *, minutes: int, clock: str) -> datetime | None:
    """Return when a step that started at `start` is due; None when it has no deadline."""
    if not minutes:
        return None
    span = timedelta(minutes=minutes)
    if clock == "working":
        return working_time.add(start, span, office_hours.calendar())
    return start + span


class Clocks:
    """The clocks of one page, all read at the same moment."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    @cached_property
    def _calendar(self) -> working_time.WorkingCalendar:
        return office_hours.calendar()

    def left(self, due: datetime | None, clock: str) -> TimeLeft | None:
        """Return what the clock of a deadline shows."""
        if due is None:
            return None
        if clock != "working":
            return time_left(due - self.now, clock=clock, day=_DAY)
        left = working_time.between(self.now, due, self._calendar)
        if due < self.now:  # overdue at night is still overdue
            left = min(left, timedelta(seconds=-1))
        return time_left(left, clock=clock, day=self._calendar.day_length)
