"""Calibration and fault beside the calendar: the rules against obvious ones, and the whole way."""

import datetime as dt

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from haidang.data.ingest import api as ingest
from haidang.data.ingest.actions import judging
from haidang.data.ingest.models import Device, DeviceEvent
from haidang.data.ingest.rules import calendars, stops
from haidang.data.ingest.rules.calendars import Recurrence, Window
from haidang.data.ingest.rules.stops import Reading
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.models import OutboxEvent
from tests.readings import read
from tests.world import World

MINUTE, HOUR, DAY = (dt.timedelta(minutes=n) for n in (1, 60, 1440))
START = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
STATUSES = st.sampled_from(["measuring", "calibrating", "fault"])


def at(minute: int) -> dt.datetime:
    return START + minute * MINUTE


spans = st.lists(
    st.tuples(st.integers(0, 90), st.integers(1, 60), st.integers(-30, 60)), max_size=5
)
courses = st.lists(
    st.tuples(st.integers(0, 120), st.integers(0, 9), STATUSES), unique_by=lambda one: one[0],
    max_size=40,
).map(lambda rows: [Reading(at(m), float(v), s) for m, v, s in sorted(rows)])  # fmt: skip


def _windows(rows: list[tuple[int, int, int]]) -> list[Window]:
    return [Window(at(a), at(a + n), at(declared)) for a, n, declared in rows]


@given(st.integers(0, 90), st.integers(0, 60), spans)
def test_uncovered_is_what_counting_minutes_finds(start: int, length: int, rows: list) -> None:
    windows = _windows(rows)
    slow = sum(
        not any(one.start <= at(minute) < one.end for one in windows)
        for minute in range(start, start + length)
    )
    assert stops.uncovered(at(start), at(start + length), windows) == slow * MINUTE


@given(courses)
def test_stops_are_the_runs_that_walking_minute_by_minute_finds(course: list[Reading]) -> None:
    said = {one.time: one.status for one in course}
    status, starts, slow = "measuring", None, []
    for minute in range(122):
        new = said.get(at(minute), status)
        if new != status:
            if starts is not None:
                slow.append((status, starts, at(minute)))
            starts = at(minute) if new != "measuring" else None
        status = new
    if starts is not None:
        slow.append((status, starts, None))
    assert [(one.status, one.start, one.end) for one in stops.stops(course)] == slow


ALLOWED = stops.Allowed(
    calibrating=20 * MINUTE, fault=40 * MINUTE, outside=5 * MINUTE, before=10 * MINUTE,
    usual=30 * MINUTE,
)  # fmt: skip


@given(courses, spans, st.none() | st.integers(0, 9))
def test_what_is_strange_is_what_the_obvious_rules_say(
    course: list[Reading], rows: list, limit: int | None
) -> None:
    now, windows = at(130), _windows(rows)
    for stop in stops.stops(course):
        found = stops.judge(stop, course, windows, now=now, limit=limit, allowed=ALLOWED)
        assert {one.kind for one in found} == _obvious(stop, course, windows, now, limit)


def _obvious(
    stop: stops.Stop, course: list[Reading], windows: list[Window], now: dt.datetime, limit: object
) -> set[str]:
    end, kinds = stop.end or now, set()
    minutes = [stop.start + n * MINUTE for n in range(int((end - stop.start) / MINUTE))]

    def planned(moment: dt.datetime) -> bool:
        return any(w.declared_at <= stop.start and w.start <= moment < w.end for w in windows)

    if sum(not planned(minute) for minute in minutes) > 5:
        kinds.add("off_calendar")
        if len(minutes) > (20 if stop.status == "calibrating" else 40):
            kinds.add("too_long")
    good = [one for one in course if one.status == "measuring" and one.time < stop.start]
    age = [(int((stop.start - one.time) / MINUTE), one.value or 0.0) for one in good]
    near = [value for minutes, value in age if minutes <= 10]
    usual = sorted(value for minutes, value in age if 10 < minutes <= 40)
    is_high = bool(near) and limit is not None and max(near) > float(str(limit))
    if near and len(usual) >= 3:
        half = len(usual) // 2
        middle = usual[half] if len(usual) % 2 else (usual[half - 1] + usual[half]) / 2
        is_high = is_high or 0 < middle < max(near) / 1.5
    if is_high and not planned(stop.start):
        kinds.add("after_rise")
    return kinds


@given(
    st.integers(-50, 50), st.integers(1, 40), st.none() | st.integers(1, 20),
    st.none() | st.integers(-40, 60), st.integers(-60, 60), st.integers(1, 80),
)  # fmt: skip
def test_windows_recur_as_walking_day_by_day_finds(
    first: int, hours: int, every: int | None, until: int | None, after: int, length: int
) -> None:
    start = dt.datetime(2026, 11, 20, 3, tzinfo=dt.UTC)
    last = (start + until * DAY).date() if until is not None else None
    plan = Recurrence(start + first * DAY, hours * HOUR, START, every_days=every, until=last)
    low, high = start + after * DAY, start + (after + length) * DAY
    slow = []
    for number in range(400):
        begin = start + (first + number * (every or 0)) * DAY
        is_in_time = last is None or begin.astimezone(calendars.LOCAL).date() <= last
        if is_in_time and begin < high and begin + hours * HOUR > low:
            slow.append(begin)
        if every is None:
            break
    assert [one.start for one in plan.windows(low, high)] == slow


@pytest.fixture
def station(world: World, sensors: str) -> Device:
    """An effluent station with a limit for COD."""
    ingest.register_device(
        code="NT-1", source=sensors, unit_id=world.unit("25747"), metrics=("cod",), interval=300,
        limits={"cod": 75.0}, by=SYSTEM,
    )  # fmt: skip
    return Device.objects.get(code="NT-1")


def _course(now: dt.datetime, *parts: tuple[int, str, float]) -> list:
    """Readings every five minutes that end now: (how many, status, value) one after the other."""
    rows = [(status, value) for count, status, value in parts for _ in range(count)]
    first = now - 5 * len(rows) * MINUTE
    return [
        ("NT-1", "cod", first + 5 * n * MINUTE, value, status)
        for n, (status, value) in enumerate(rows)
    ]


def _events() -> list[tuple[str, bool, bool]]:
    found = DeviceEvent.objects.filter(withdrawn_at=None).order_by("kind", "started_at")
    return [(one.kind, one.ended_at is not None, one.was_told) for one in found]


def test_a_calibration_right_after_a_rise_is_told_once_and_ends_when_it_measures(
    station: Device,
) -> None:
    now = timezone.now() - HOUR
    read(_course(now, (20, "measuring", 30.0), (2, "measuring", 310.0), (6, "calibrating", 0.0)))
    judging.look(now=now)
    assert _events() == [("after_rise", False, True), ("off_calendar", False, True)]
    said = DeviceEvent.objects.get(kind="after_rise").explanation
    assert "giá trị lên 310, vượt ngưỡng nghi vấn 75" in said
    told = OutboxEvent.objects.filter(name=judging.STOPPED)
    assert told.count() == 2
    judging.look(now=now + 5 * HOUR)
    assert ("too_long", False, True) in _events(), "it grows too long without any new reading"
    read([("NT-1", "cod", now + MINUTE, 40.0, "measuring")])
    judging.look(now=now + 6 * HOUR)
    assert _events() == [("after_rise", True, True), ("off_calendar", True, True)]
    assert DeviceEvent.objects.get(kind="too_long").withdrawn_at, "it had ended in time"
    assert told.count() == 3


def test_a_planned_calibration_is_quiet_unless_it_was_declared_afterwards(
    station: Device,
) -> None:
    now = timezone.now() - HOUR
    read(_course(now, (20, "measuring", 30.0), (2, "measuring", 310.0), (12, "calibrating", 0.0)))
    start = now - 61 * MINUTE
    said = {"device": "NT-1", "kind": "calibration", "performer": "Quatest 3", "by": SYSTEM}
    before = ingest.declare_plan(**said, starts_at=start, minutes=90, now=now - DAY)
    judging.look(now=now)
    assert _events() == []
    ingest.withdraw_plan(plan=before, by=SYSTEM, now=now, reason="Thử")
    ingest.declare_plan(**said, starts_at=start, minutes=90, now=now)
    judging.look(now=now)
    assert [kind for kind, _, _ in _events()] == ["after_rise", "off_calendar"]


def test_a_late_batch_is_written_down_and_calls_nobody(station: Device) -> None:
    now = timezone.now()
    old = _course(
        now - 20 * DAY, (20, "measuring", 30.0), (6, "fault", 0.0), (9, "measuring", 30.0)
    )
    read(old)
    judging.look(now=now)
    assert _events() == [("off_calendar", True, False)]
    assert "đến muộn" in DeviceEvent.objects.get().explanation
    assert not OutboxEvent.objects.filter(name=judging.STOPPED).exists()
    first, then = old[20][2], old[20][2] + 2 * MINUTE
    read([("NT-1", "cod", then, 31.0, "measuring")])
    judging.look(now=now)
    event = DeviceEvent.objects.get(withdrawn_at=None)
    assert event.started_at == first + 5 * MINUTE, "the stop is shorter than it seemed"


@pytest.mark.parametrize("count", [2, 9])
def test_the_lake_is_read_as_often_for_many_devices_as_for_few(
    station: Device, world: World, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    now = timezone.now() - HOUR
    rows = _course(now, (20, "measuring", 30.0), (6, "fault", 0.0))
    for number in range(count):
        ingest.register_device(
            code=f"N-{number}", source=station.source.code, unit_id=world.unit("25747"),
            metrics=("cod",), by=SYSTEM,
        )  # fmt: skip
        read([(f"N-{number}", *row[1:]) for row in rows])
    reads: list[str] = []
    rows_of = judging.warehouse.rows
    monkeypatch.setattr(
        judging.warehouse, "rows", lambda *args, **more: reads.append("") or rows_of(*args, **more)
    )
    judging.look(now=now)
    found = DeviceEvent.objects.filter(withdrawn_at=None, kind="off_calendar")
    assert found.count() == count
    assert len(reads) == 1


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (2, 1, 0)])
def test_any_order_of_arrival_ends_in_the_same_events(
    station: Device, order: tuple[int, ...]
) -> None:
    now = timezone.now()
    rows = _course(
        now, (30, "measuring", 30.0), (5, "measuring", 99.0), (8, "calibrating", 0.0),
        (20, "measuring", 30.0), (9, "fault", 0.0), (4, "measuring", 30.0),
    )  # fmt: skip
    thirds = [rows[n::3] for n in range(3)]
    for number in order:
        read(thirds[number])
        judging.look(now=now)
    found = DeviceEvent.objects.filter(withdrawn_at=None).order_by("kind", "started_at")
    assert [(one.kind, one.started_at, one.ended_at) for one in found] == [
        ("after_rise", rows[35][2], rows[43][2]),
        ("off_calendar", rows[35][2], rows[43][2]),
        ("off_calendar", rows[63][2], rows[72][2]),
    ]
