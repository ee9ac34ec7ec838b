"""Working time: what offices count when a deadline says "two working days".

Pure: the calendar is given. `office_hours.calendar()` makes one from the database.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from haidang.foundation.calendar.zone import ZONE, local_date

Hours = tuple[tuple[time, time], ...]
OFFICE_HOURS: Hours = ((time(7, 30), time(11, 30)), (time(13, 30), time(17, 0)))
_LONGEST_BREAK = timedelta(days=400)


class NoWorkingTimeError(ValueError):
    """The calendar has no working time for more than a year."""


@dataclass(frozen=True)
class WorkingCalendar:
    """Which days are worked, and the hours of a worked day, in order and apart."""

    is_working: Callable[[date], bool]
    hours: Hours = OFFICE_HOURS

    @property
    def day_length(self) -> timedelta:
        """How long a worked day is."""
        return _length([_moments(date(2000, 1, 1), shift) for shift in self.hours])


def add(start: datetime, duration: timedelta, calendar: WorkingCalendar) -> datetime:
    """Return the moment at which `duration` of working time has passed since `start`.

    With no duration it is the first working moment from `start` on. Raises NoWorkingTimeError.
    """
    left = duration
    for begin, end in _shifts(start, calendar):
        if left < end - begin or (left == end - begin and left > timedelta(0)):
            return begin + left
        left -= end - begin
    raise NoWorkingTimeError


def between(start: datetime, end: datetime, calendar: WorkingCalendar) -> timedelta:
    """Return the working time in [start, end); negative when `end` comes first."""
    if end < start:
        return -between(end, start, calendar)
    counted = []
    day = local_date(start)
    while day <= local_date(end):
        for shift in _shifts_of(day, calendar):
            counted.append((max(start, shift[0]), min(end, shift[1])))
        day += timedelta(days=1)
    return _length([span for span in counted if span[0] < span[1]])


def working_day_after(day: date, count: int, calendar: WorkingCalendar) -> date:
    """Return the `count`-th working day after `day`. Raises NoWorkingTimeError."""
    current = day
    for _ in range(count):
        current = _next_working_day(current, calendar)
    return current


def end_of_day(day: date, calendar: WorkingCalendar) -> datetime:
    """Return the moment at which offices close on a day."""
    return datetime.combine(day, calendar.hours[-1][1], ZONE)


def _next_working_day(day: date, calendar: WorkingCalendar) -> date:
    for ahead in range(1, _LONGEST_BREAK.days):
        if calendar.is_working(found := day + timedelta(days=ahead)):
            return found
    raise NoWorkingTimeError


def _shifts(start: datetime, calendar: WorkingCalendar) -> Iterator[tuple[datetime, datetime]]:
    """Yield what is left of each shift from `start` on, until too long a break."""
    day = last_worked = local_date(start)
    while day - last_worked < _LONGEST_BREAK:
        for begin, end in _shifts_of(day, calendar):
            if end > start:
                last_worked = day
                yield max(begin, start), end
        day += timedelta(days=1)


def _shifts_of(day: date, calendar: WorkingCalendar) -> list[tuple[datetime, datetime]]:
    if not calendar.is_working(day):
        return []
    return [_moments(day, shift) for shift in calendar.hours]


def _moments(day: date, shift: tuple[time, time]) -> tuple[datetime, datetime]:
    return datetime.combine(day, shift[0], ZONE), datetime.combine(day, shift[1], ZONE)


def _length(spans: Sequence[tuple[datetime, datetime]]) -> timedelta:
    return sum((end - begin for begin, end in spans), timedelta())
