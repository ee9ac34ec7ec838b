from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haidang.foundation.calendar import working_time
from haidang.foundation.calendar.working_time import WorkingCalendar
from haidang.foundation.calendar.zone import ZONE

MINUTE = timedelta(minutes=1)
hours = st.sampled_from(
    [
        working_time.OFFICE_HOURS,
        ((time(8, 0), time(12, 0)),),
        ((time(6, 0), time(6, 1)), (time(6, 1), time(9, 59)), (time(22, 0), time(23, 59))),
    ]
)
moments = st.datetimes(datetime(2026, 2, 1), datetime(2026, 2, 20)).map(
    lambda moment: moment.replace(second=0, microsecond=0, tzinfo=ZONE)
)
free_days = st.frozensets(st.dates(date(2026, 2, 1), date(2026, 2, 28)), max_size=20)


def calendar_of(free: frozenset[date], shifts: working_time.Hours) -> WorkingCalendar:
    return WorkingCalendar(lambda day: day not in free and day.weekday() < 5, shifts)


def is_worked(moment: datetime, calendar: WorkingCalendar) -> bool:
    return calendar.is_working(moment.date()) and any(
        begin <= moment.time() < end for begin, end in calendar.hours
    )


def minutes_between(start: datetime, end: datetime, calendar: WorkingCalendar) -> int:
    """Slow and obvious: look at every minute."""
    count, moment = 0, start
    while moment < end:
        count += is_worked(moment, calendar)
        moment += MINUTE
    return count


def after_minutes(start: datetime, minutes: int, calendar: WorkingCalendar) -> datetime:
    """Slow and obvious: walk until enough minutes were worked."""
    moment = start
    while not is_worked(moment, calendar):
        moment += MINUTE
    while minutes > 0:
        minutes -= is_worked(moment, calendar)
        moment += MINUTE
    return moment


@settings(max_examples=40, deadline=None)
@given(moments, moments, free_days, hours)
def test_between_agrees_with_counting_minutes(
    one: datetime, two: datetime, free: frozenset[date], shifts: working_time.Hours
) -> None:
    calendar, start, end = calendar_of(free, shifts), min(one, two), max(one, two)

    found = working_time.between(start, end, calendar)

    assert found == minutes_between(start, end, calendar) * MINUTE
    assert working_time.between(end, start, calendar) == -found


@settings(max_examples=40, deadline=None)
@given(moments, st.integers(0, 2000), free_days, hours)
def test_add_agrees_with_walking_minutes(
    start: datetime, minutes: int, free: frozenset[date], shifts: working_time.Hours
) -> None:
    calendar = calendar_of(free, shifts)

    found = working_time.add(start, minutes * MINUTE, calendar)

    assert found == after_minutes(start, minutes, calendar)
    assert working_time.between(start, found, calendar) == minutes * MINUTE


def test_a_calendar_without_work_says_so() -> None:
    never = WorkingCalendar(lambda day: False)

    with pytest.raises(working_time.NoWorkingTimeError):
        working_time.add(datetime(2026, 1, 1, tzinfo=ZONE), MINUTE, never)
    with pytest.raises(working_time.NoWorkingTimeError):
        working_time.working_day_after(date(2026, 1, 1), 1, never)


def test_two_working_days_after_friday_is_tuesday() -> None:
    weekdays = calendar_of(frozenset(), working_time.OFFICE_HOURS)

    assert working_time.working_day_after(date(2026, 2, 6), 2, weekdays) == date(2026, 2, 10)
    assert weekdays.day_length == timedelta(hours=7, minutes=30)
