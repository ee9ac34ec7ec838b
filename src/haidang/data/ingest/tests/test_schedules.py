"""When a connection is due, and how it backs off: against slow, obvious answers."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from haidang.data.ingest.rules.pulling import LOCAL, Schedule, back_off, next_due

MOMENTS = st.datetimes(
    dt.datetime(2026, 1, 1), dt.datetime(2027, 12, 31), timezones=st.just(dt.UTC)
)
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
SCHEDULES = st.one_of(
    st.builds(lambda at: Schedule("daily", at=at), TIMES),
    st.builds(lambda at, day: Schedule("weekly", at=at, day=day), TIMES, st.integers(0, 6)),
    st.builds(lambda at, day: Schedule("monthly", at=at, day=day), TIMES, st.integers(1, 28)),
)


def _slow(schedule: Schedule, moment: dt.datetime) -> dt.datetime:
    """Walk minute by minute from the next hour marks of local time."""
    local = moment.astimezone(LOCAL).replace(second=0, microsecond=0)
    first = local.replace(hour=schedule.at.hour, minute=schedule.at.minute)
    days = (first + dt.timedelta(days=n) for n in range(70))
    for day in days:
        fits = {
            "daily": True,
            "weekly": day.weekday() == schedule.day,
            "monthly": day.day == schedule.day,
        }
        if day > moment and fits[schedule.cadence]:
            return day
    raise AssertionError


@given(SCHEDULES, MOMENTS)
def test_the_next_due_moment_is_the_first_that_fits(schedule, moment):
    assert next_due(schedule, moment) == _slow(schedule, moment)


def test_minutes_count_from_now_and_a_manual_one_is_never_due():
    now = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
    assert next_due(Schedule("minutes", every=15), now) == now + dt.timedelta(minutes=15)
    assert next_due(Schedule(), now) is None


@given(st.integers(1, 200), st.floats(0, 1, exclude_max=True), st.floats(0, 1e7))
def test_waits_grow_are_bounded_spread_and_heed_what_was_asked(failures, chance, asked):
    wait = back_off(failures, chance, asked)
    whole = min(60 * 2 ** (failures - 1), 6 * 3600)
    assert dt.timedelta(seconds=whole / 2) <= wait <= dt.timedelta(seconds=max(whole, 86_400))
    assert wait >= dt.timedelta(seconds=min(asked, 86_400))
    assert wait <= back_off(failures + 1, 0, asked)
