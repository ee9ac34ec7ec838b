"""When a debtor is reminded, and how a deadline is told in words. Pure: clocks are passed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

AHEAD, OVERDUE, ESCALATED = "ahead", "overdue", "escalated"


class Clock(Protocol):
    """How time passes for an obligation: always, or in the unit's working hours."""

    day: timedelta

    def add(self, start: datetime, duration: timedelta) -> datetime: ...
    def between(self, start: datetime, end: datetime) -> timedelta: ...


@dataclass(frozen=True)
class Step:
    """One reminder of the plan."""

    stage: str
    at: datetime


def plan(owed_since: datetime, due_at: datetime, clock: Clock) -> tuple[Step, ...]:
    """Return the reminders of an obligation in the order of their moments.

    One a day ahead (or at half time when less was given), one as soon as the deadline has passed,
    half a day later the unit's head, then two more, a day apart.
    """
    given = clock.between(owed_since, due_at)
    lead = min(clock.day, given / 2)
    return (
        Step(AHEAD, min(clock.add(owed_since, given - lead), due_at)),
        Step(OVERDUE, clock.add(due_at, timedelta())),
        Step(ESCALATED, clock.add(due_at, clock.day / 2)),
        Step(OVERDUE, clock.add(due_at, clock.day)),
        Step(OVERDUE, clock.add(due_at, clock.day * 2)),
    )


def steps_now(
    steps: Sequence[Step], next_step: int, due_at: datetime, now: datetime
) -> tuple[tuple[str, ...], int]:
    """Return which stages to send now and the index of the step after them.

    What was missed (the platform stood still) is made good once per stage, never in a burst; a
    reminder ahead of a deadline that has passed is left out.
    """
    reached = [step for step in steps[next_step:] if step.at <= now]
    stages = tuple(dict.fromkeys(step.stage for step in reached))
    if now >= due_at:
        stages = tuple(stage for stage in stages if stage != AHEAD)
    return stages, next_step + len(reached)


@dataclass(frozen=True)
class Mark:
    """A number of reminders in a year from which a unit's leaders answer for it."""

    count: int
    label: str


LABELS = ("Đến mức kiểm điểm lãnh đạo đơn vị", "Đến mức xem xét kỷ luật người đứng đầu")


def marks(counts: Sequence[int]) -> tuple[Mark, ...]:
    """Return the marks of a province's regulation, the lowest first."""
    return tuple(Mark(*pair) for pair in zip(sorted(counts), LABELS, strict=False))


def reached(count: int, known: Sequence[Mark]) -> Mark | None:
    """Return the highest mark that so many reminders have reached."""
    return next((mark for mark in reversed(known) if count >= mark.count), None)


def in_words(due_at: datetime, now: datetime, clock: Clock, suffix: str) -> str:
    """Return "còn 2 giờ làm việc" or "quá hạn 1 ngày"; `suffix` is " làm việc" or empty."""
    if now < due_at:
        return f"còn {_amount(clock.between(now, due_at), clock.day)}{suffix}"
    late = clock.between(due_at, now)
    return f"quá hạn {_amount(late, clock.day)}{suffix}" if late else "đến hạn"


def _amount(duration: timedelta, day: timedelta) -> str:
    if duration >= day:
        return f"{duration // day} ngày"
    if duration >= timedelta(hours=1):
        return f"{duration // timedelta(hours=1)} giờ"
    return f"{max(1, duration // timedelta(minutes=1))} phút"
