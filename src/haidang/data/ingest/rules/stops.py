"""When a device stopped measuring, and whether that is suspicious. Pure.

A stop is an unbroken run of readings of one status other than "measuring". It is strange when its
calendar does not speak of it, when it lasts longer than allowed, or when it begins just after the
value rose. TT 10/2021/TT-BTNMT has each reading say whether the device measures, is being
calibrated or is broken.
"""

import datetime as dt
import statistics
import zoneinfo
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from haidang.data.ingest.rules.calendars import Window

MEASURING = "measuring"
WORDS = {"calibrating": "Hiệu chuẩn", "fault": "Báo hỏng"}
_LOCAL = zoneinfo.ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True)
class Allowed:
    """What is not strange yet."""

    calibrating: dt.timedelta = dt.timedelta(hours=4)
    fault: dt.timedelta = dt.timedelta(hours=24)
    outside: dt.timedelta = dt.timedelta(minutes=10)  # of a stop outside its calendar, together
    before: dt.timedelta = dt.timedelta(minutes=30)  # in which a rise makes a stop suspicious
    usual: dt.timedelta = dt.timedelta(hours=6)  # before that: what the value usually is
    rise: float = 0.5  # of the usual value

    def longest(self, status: str) -> dt.timedelta:
        return self.calibrating if status == "calibrating" else self.fault


ALLOWED = Allowed()
_FEWEST = 3  # readings from which a usual value is known


@dataclass(frozen=True)
class Reading:
    """One reading of one metric."""

    time: dt.datetime
    value: float | None
    status: str


@dataclass(frozen=True)
class Stop:
    """From its first reading to the first one of another status; None: it still lasts."""

    status: str
    start: dt.datetime
    end: dt.datetime | None


@dataclass(frozen=True)
class Finding:
    """One strange thing about a stop."""

    kind: str  # off_calendar | too_long | after_rise
    stop: Stop
    explanation: str


def stops(readings: Sequence[Reading]) -> list[Stop]:
    """Return the stops among readings in the order of their time."""
    found: list[Stop] = []
    status, start = MEASURING, None
    for one in readings:
        if one.status == status:
            continue
        if start is not None:
            found.append(Stop(status, start, one.time))
        status = one.status
        start = None if status == MEASURING else one.time
    if start is not None:
        found.append(Stop(status, start, None))
    return found


def judge(
    stop: Stop,
    readings: Sequence[Reading],
    windows: Iterable[Window],
    *,
    now: dt.datetime,
    limit: float | None = None,
    allowed: Allowed = ALLOWED,
) -> list[Finding]:
    """Return what is strange about a stop; `limit` is the value above which a stop is suspicious.

    `windows` are those of its metric. Only what was declared before the stop excuses it.
    """
    end = stop.end or now
    planned = [one for one in windows if one.declared_at <= stop.start]
    length, outside = end - stop.start, uncovered(stop.start, end, planned)
    word = WORDS.get(stop.status, stop.status)
    when = f"{word} từ {moment(stop.start)}"
    found = []
    if outside > allowed.outside:
        text = f"{when}: {lasting(outside)} không có trong lịch đã khai trước."
        found.append(Finding("off_calendar", stop, text))
        if length > (longest := allowed.longest(stop.status)):
            text = f"{when} kéo dài {lasting(length)}, quá {lasting(longest)}."
            found.append(Finding("too_long", stop, text))
    is_planned = any(one.start <= stop.start < one.end for one in planned)
    if not is_planned and (why := risen(stop.start, readings, limit, allowed)):
        found.append(Finding("after_rise", stop, f"{when}, ngay sau khi {why}."))
    return found


def uncovered(start: dt.datetime, end: dt.datetime, windows: Iterable[Window]) -> dt.timedelta:
    """Return how much of [start, end) no window covers."""
    left, at = dt.timedelta(0), start
    for one in sorted(windows, key=lambda one: one.start):
        if one.start >= end:
            break
        if one.start > at:
            left += one.start - at
        at = max(at, min(one.end, end))
    return left + max(end - at, dt.timedelta(0))


def risen(
    start: dt.datetime, readings: Sequence[Reading], limit: float | None, allowed: Allowed
) -> str:
    """Say how the value had risen just before a moment; "" when it had not."""
    recent = start - allowed.before
    just_before = _values(readings, recent, start)
    if not just_before:
        return ""
    highest = max(just_before)
    if limit is not None and highest > limit:
        return f"giá trị lên {amount(highest)}, vượt ngưỡng nghi vấn {amount(limit)}"
    usual = _values(readings, recent - allowed.usual, recent)
    if len(usual) < _FEWEST:
        return ""
    middle = statistics.median(usual)
    if middle > 0 and highest > middle * (1 + allowed.rise):
        percent = round((highest / middle - 1) * 100)
        return f"giá trị lên {amount(highest)}, cao hơn mức thường {amount(middle)} là {percent}%"
    return ""


def _values(readings: Sequence[Reading], start: dt.datetime, end: dt.datetime) -> list[float]:
    return [
        one.value
        for one in readings
        if start <= one.time < end and one.status == MEASURING and one.value is not None
    ]


def amount(value: float) -> str:
    """Return a number as written in Vietnamese, with what it needs of decimals."""
    whole, _, part = f"{value:,.3f}".rstrip("0").partition(".")
    return whole.replace(",", ".") + (f",{part}" if part else "")


def moment(at: dt.datetime) -> str:
    """Return "10:41 ngày 23/11/2026"."""
    return f"{at.astimezone(_LOCAL):%H:%M ngày %d/%m/%Y}"


def lasting(span: dt.timedelta) -> str:
    """Return "10 phút", "2 giờ 5 phút", "3 ngày"."""
    minutes = int(span.total_seconds()) // 60
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    named = ((days, "ngày"), (hours, "giờ"), (minutes, "phút"))
    return " ".join(f"{count} {word}" for count, word in named if count) or "chưa đến 1 phút"
