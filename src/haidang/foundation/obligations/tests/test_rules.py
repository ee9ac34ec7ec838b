from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haidang.foundation.calendar.working_time import WorkingCalendar
from haidang.foundation.obligations import rules
from haidang.foundation.obligations.clocks import Clock, Running, Working

WEEKDAYS = Working(WorkingCalendar(lambda day: day.weekday() < 5))
CLOCKS: list[Clock] = [Running(), WEEKDAYS]
# Monday 23/11/2026, 08:30 in Viet Nam
MONDAY = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


@given(
    clock=st.sampled_from(CLOCKS),
    start=st.integers(0, 14 * 24 * 60),
    given_minutes=st.integers(0, 30 * 24 * 60),
)
def test_the_plan_is_in_order_and_nothing_overdue_comes_before_the_deadline(
    clock: Clock, start: int, given_minutes: int
) -> None:
    since = MONDAY + timedelta(minutes=start)
    due = since + timedelta(minutes=given_minutes)
    steps = rules.plan(since, due, clock)
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert steps[0].at <= due <= steps[1].at
    assert [step.stage for step in steps].count(rules.OVERDUE) == 3


@given(moments=st.lists(st.integers(0, 20 * 24 * 60), max_size=12))
def test_however_often_one_looks_every_stage_is_sent_and_nothing_twice(moments: list[int]) -> None:
    due = MONDAY + timedelta(days=2)
    steps = rules.plan(MONDAY, due, Running())
    next_step, sent = 0, []
    for minutes in sorted([*moments, 30 * 24 * 60]):
        now = MONDAY + timedelta(minutes=minutes)
        stages, next_step = rules.steps_now(steps, next_step, due, now)
        assert len(set(stages)) == len(stages)
        assert rules.AHEAD not in stages or now < due
        assert rules.OVERDUE not in stages or now >= due
        sent += stages
    assert next_step == len(steps)
    assert sent.count(rules.ESCALATED) == 1
    assert sent.count(rules.AHEAD) <= 1 <= sent.count(rules.OVERDUE) <= 3


def test_after_a_long_standstill_a_unit_is_not_reminded_three_times_at_once() -> None:
    due = MONDAY + timedelta(days=2)
    steps = rules.plan(MONDAY, due, Running())
    stages, next_step = rules.steps_now(steps, 0, due, MONDAY + timedelta(days=20))
    assert stages == (rules.OVERDUE, rules.ESCALATED)
    assert next_step == len(steps)


@pytest.mark.parametrize(
    ("clock", "hours", "said"),
    [
        (Running(), -50, "còn 2 ngày"),
        (Running(), -2, "còn 2 giờ"),
        (Running(), -0.2, "còn 12 phút"),
        (Running(), 0, "đến hạn"),
        (Running(), 0.001, "quá hạn 1 phút"),
        (Running(), 30, "quá hạn 1 ngày"),
        (WEEKDAYS, -2, "còn 2 giờ làm việc"),
        (WEEKDAYS, 72, "quá hạn 3 ngày làm việc"),
    ],
)
def test_a_deadline_is_told_in_words(clock: Clock, hours: float, said: str) -> None:
    due = MONDAY + timedelta(hours=2)
    now = due + timedelta(hours=hours)
    assert rules.in_words(due, now, clock, clock.suffix) == said


def test_a_weekend_does_not_count_as_working_time() -> None:
    friday = MONDAY - timedelta(days=3)
    assert rules.in_words(MONDAY, friday, WEEKDAYS, " làm việc") == "còn 1 ngày làm việc"
