"""Days with too few readings: found, explained by planned work, filled by what comes late."""

import datetime as dt

from django.utils import timezone

from haidang.data.ingest import api as ingest
from haidang.data.ingest.actions import gaps
from haidang.data.ingest.models import Device, Gap, Source
from haidang.data.ingest.queries import quality
from haidang.data.ingest.rules import calendars
from haidang.foundation.calendar import periods
from haidang.foundation.core.audit import SYSTEM
from tests.readings import Row, read
from tests.world import World

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
NOW = timezone.now()
TODAY = dt.datetime.combine(NOW.astimezone(calendars.LOCAL).date(), dt.time(), calendars.LOCAL)


def _hours(days_ago: int, *hours: int) -> list[Row]:
    start = TODAY - days_ago * DAY
    return [("M-1", "ph", start + hour * HOUR, 7.0, "measuring") for hour in hours]


def _register(world: World, source: str, interval: int | None) -> None:
    ingest.register_device(
        code="M-1", source=source, unit_id=world.unit("25747"), interval=interval, by=SYSTEM
    )
    Device.objects.update(registered_at=NOW - 30 * DAY)


def _found() -> dict[int, tuple[int, int, bool]]:
    today = TODAY.date()
    rows = Gap.objects.filter(device__code="M-1")
    return {
        (today - row.day).days: (row.expected, row.present, row.filled_at is not None)
        for row in rows
    }


def test_a_short_day_is_found_and_late_readings_that_fill_it_say_so(
    world: World, sensors: str
) -> None:
    _register(world, sensors, 3600)
    read([*_hours(3, *range(24)), *_hours(2, *range(12)), *_hours(1, 0)])
    gaps.look(now=NOW)
    assert _found() == {2: (24, 12, False), 1: (24, 1, False)}
    read(_hours(2, *range(12, 20)))
    gaps.look(now=NOW + HOUR / 60)
    assert _found()[2] == (24, 20, False)
    read(_hours(2, *range(20, 24)))
    gaps.look(now=NOW + HOUR / 30)
    assert _found() == {2: (24, 24, True), 1: (24, 1, False)}
    page = world.client("thongke.stnmt").get("/console/sources/devices/gaps/", {"state": "filled"})
    assert "Đã gửi bù" in page.content.decode()


def test_gaps_count_in_the_quality_of_their_source(world: World, sensors: str) -> None:
    _register(world, sensors, 3600)
    Device.objects.exclude(code="M-1").update(state="retired")
    read([*_hours(2, *range(12)), *_hours(1, *range(24))])
    gaps.look(now=NOW)
    source = Source.objects.filter(code=sensors)
    months = [quality.rated(source, periods.of("day", NOW - n * DAY), NOW)[0] for n in (1, 2, 0)]
    assert [(one.counted.short_days, one.counted.device_days) for one in months] == [
        (0, 1), (1, 1), (0, 0),
    ]  # fmt: skip
    assert months[1].scores.du.value == 50
    read(_hours(2, *range(12, 24)))
    gaps.look(now=NOW + HOUR / 60)
    assert quality.rated(source, periods.of("day", NOW - 2 * DAY), NOW)[0].scores.du.value == 100


def test_a_day_without_any_reading_is_a_gap_and_planned_work_is_none(
    world: World, sensors: str
) -> None:
    _register(world, sensors, 3600)
    read(_hours(5, *range(24)))
    ingest.declare_plan(
        device="M-1", kind="maintenance", starts_at=TODAY - DAY, minutes=720, performer="Đài",
        by=SYSTEM, now=NOW - 3 * DAY,
    )  # fmt: skip
    gaps.look(now=NOW)
    assert _found() == {1: (12, 0, False)}


def test_the_interval_is_learned_from_whole_days(world: World, sensors: str) -> None:
    _register(world, sensors, None)
    read([row for day in (4, 3, 2) for row in _hours(day, *range(0, 24, 2))] + _hours(1, 0))
    gaps.look(now=NOW)
    assert Device.objects.get(code="M-1").learned_interval == 7200
    assert _found() == {1: (12, 1, False)}
