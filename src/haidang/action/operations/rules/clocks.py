"""How much time is left, in words: "còn 22 phút", "còn 4 giờ làm việc", "quá hạn 3 giờ". Pure."""

from dataclasses import dataclass
from datetime import timedelta

_ZERO = timedelta(0)
_SOON = timedelta(minutes=30)
_SOON_WORKING = timedelta(hours=4)


@dataclass(frozen=True)
class TimeLeft:
    """What a clock shows; `state` colours it: critical (overdue), watch (soon) or info."""

    text: str
    state: str


def time_left(left: timedelta, *, clock: str, day: timedelta) -> TimeLeft:
    """Say how much is left (negative: overdue); `day` is how long one day counts."""
    is_working = clock == "working"
    text = f"{_words(abs(left), day)}{' làm việc' if is_working else ''}"
    if left < _ZERO:
        return TimeLeft(f"quá hạn {text}", "critical")
    soon = _SOON_WORKING if is_working else _SOON
    return TimeLeft(f"còn {text}", "watch" if left < soon else "info")


def _words(span: timedelta, day: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{minutes} phút" if minutes else "dưới 1 phút"
    if span >= 2 * day:
        return f"{span // day} ngày"
    return f"{hours} giờ {rest} phút" if rest and hours < 4 else f"{hours} giờ"
