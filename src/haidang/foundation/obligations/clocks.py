"""The two clocks of obligations: running time, and working time by the calendar."""

from datetime import datetime, timedelta

from haidang.foundation.calendar import office_hours, working_time
from haidang.foundation.calendar.working_time import WorkingCalendar
from haidang.foundation.obligations import rules

WORKING, RUNNING = "working", "running"


class Running:
    """Time that never stops: emergencies, duty round the clock."""

    day = timedelta(hours=24)
    suffix = ""

    def add(self, start: datetime, duration: timedelta) -> datetime:
        return start + duration

    def between(self, start: datetime, end: datetime) -> timedelta:
        return end - start


class Working:
    """Time in which offices are open."""

    suffix = " làm việc"

    def __init__(self, calendar: WorkingCalendar) -> None:
        self._calendar = calendar
        self.day = calendar.day_length

    def add(self, start: datetime, duration: timedelta) -> datetime:
        return working_time.add(start, duration, self._calendar)

    def between(self, start: datetime, end: datetime) -> timedelta:
        return working_time.between(start, end, self._calendar)


Clock = Running | Working


def clock_of(name: str) -> Clock:
    """Return the clock that an obligation names. Two queries for working time."""
    return Working(office_hours.calendar()) if name == WORKING else Running()


def clocks() -> dict[str, Clock]:
    """Return both clocks by name, for lists."""
    return {WORKING: clock_of(WORKING), RUNNING: Running()}


def words(due_at: datetime, now: datetime, clock: Clock | str) -> str:
    """Return how a deadline stands: "còn 2 giờ làm việc", "quá hạn 1 ngày"."""
    known = clock_of(clock) if isinstance(clock, str) else clock
    return rules.in_words(due_at, now, known, known.suffix)
