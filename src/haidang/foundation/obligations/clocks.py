"""The two clocks of obligations: running time, and working time by the calendar."""

from datetime import datetime, timedelta

from haidang.foundation.obligations import rules


class Running:
    """Time that never stops: emergencies, duty round the clock."""

    day = timedelta(hours=24)
    suffix = ""

    def add(self, start: datetime, duration: timedelta) -> datetime:
        return start + duration

    def between(self, start: datetime, end: datetime) -> timedelta:
        return end - start


RUNNING = Running()


def clock_of(name: str) -> Running:
    return RUNNING


def words(due_at: datetime, now: datetime, name: str) -> str:
    """Return how a deadline stands: "còn 2 giờ làm việc", "quá hạn 1 ngày"."""
    clock = clock_of(name)
    return rules.in_words(due_at, now, clock, clock.suffix)
