"""Devices that fall silent and speak again: within a look, once, at constant cost."""

import datetime as dt
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from haidang.data.ingest import api as ingest
from haidang.data.ingest.actions import watching
from haidang.data.ingest.models import Device, DeviceEvent, Watch
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.models import OutboxEvent
from tests.readings import read
from tests.world import World

MINUTE = dt.timedelta(minutes=1)
NOW = timezone.now().replace(microsecond=0) - dt.timedelta(hours=2)  # what is read lands later


@pytest.fixture
def gauge(world: World, sensors: str) -> Device:
    """A gauge that promises a reading every five minutes; it stands since a day."""
    ingest.register_device(
        code="TV-1", source=sensors, unit_id=world.unit("25747"), interval=300, by=SYSTEM
    )
    Device.objects.update(registered_at=NOW - dt.timedelta(days=1))
    Watch.objects.exclude(device__code="TV-1").delete()
    Watch.objects.update(look_at=NOW)
    return Device.objects.get(code="TV-1")


def _speaks(at: dt.datetime, code: str = "TV-1") -> None:
    read([(code, "water_level", at, 1.2, "measuring")])


def _looks(at: dt.datetime) -> Watch:
    """Look as the timer would: only when the device is due by then."""
    watching.look(now=at)
    return Watch.objects.get()


def _told() -> list[list[str]]:
    rows = OutboxEvent.objects.filter(name=watching.SILENT).order_by("id")
    return [row.payload["devices"] for row in rows]


def test_a_device_of_before_is_watched_too(gauge: Device) -> None:
    Watch.objects.all().delete()
    count = Device.objects.count()
    assert (watching.take_in(now=NOW), watching.take_in(now=NOW)) == (count, 0)
    assert Watch.objects.get(device=gauge).look_at == NOW + 15 * MINUTE
    wake_ups = apps.get_model("obligations", "WakeUp").objects
    assert wake_ups.filter(kind=watching.WAKE).count() == 1


def test_a_device_is_silent_after_three_intervals_and_no_longer_once_it_speaks(
    gauge: Device,
) -> None:
    _speaks(NOW - 4 * MINUTE)
    seen = _looks(NOW)
    assert (seen.silent_since, seen.look_at) == (None, NOW + 11 * MINUTE)
    assert _looks(NOW + 10 * MINUTE).silent_since is None
    seen = _looks(NOW + 11 * MINUTE)
    assert seen.silent_since == NOW - 4 * MINUTE
    assert _told() == [["TV-1"]]
    _looks(NOW + 20 * MINUTE)
    assert _told() == [["TV-1"]], "silence is told once"
    event = DeviceEvent.objects.get()
    assert (event.kind, event.started_at, event.ended_at) == ("silent", NOW - 4 * MINUTE, None)
    _speaks(NOW + 21 * MINUTE)
    assert _looks(NOW + 30 * MINUTE).silent_since is None
    event.refresh_from_db()
    assert event.ended_at == NOW + 30 * MINUTE


def test_old_readings_that_come_late_do_not_make_a_device_speak(gauge: Device) -> None:
    _speaks(NOW - 60 * MINUTE)
    assert _looks(NOW).silent_since == NOW - 60 * MINUTE
    _speaks(NOW - 50 * MINUTE)
    assert _looks(NOW + 10 * MINUTE).silent_since is not None


def test_a_clock_that_runs_ahead_does_not_hide_silence(gauge: Device) -> None:
    _speaks(NOW + 12 * 60 * MINUTE)
    landed = timezone.now()
    assert _looks(landed + 20 * MINUTE).silent_since is not None


def test_a_device_in_maintenance_by_state_or_by_plan_is_not_silent(gauge: Device) -> None:
    _speaks(NOW - 60 * MINUTE)
    plan = ingest.declare_plan(
        device="TV-1", kind="maintenance", starts_at=NOW - 62 * MINUTE, minutes=90,
        performer="Đài KTTV", by=SYSTEM, now=NOW - 70 * MINUTE,
    )  # fmt: skip
    Watch.objects.update(look_at=NOW)
    seen = _looks(NOW)
    assert (seen.silent_since, seen.look_at) == (None, NOW + 43 * MINUTE)
    ingest.withdraw_plan(plan=plan, by=SYSTEM, now=NOW, reason="Hoãn")
    Watch.objects.update(look_at=NOW)
    assert _looks(NOW).silent_since is not None
    ingest.set_device_state(device="TV-1", state="maintenance", by=SYSTEM, reason="Thay pin")
    Watch.objects.update(look_at=NOW + MINUTE)
    assert _looks(NOW + MINUTE).silent_since is None
    assert DeviceEvent.objects.get().ended_at == NOW + MINUTE


def test_many_devices_of_a_source_are_told_as_one_and_a_late_source_says_it_alone(
    world: World, gauge: Device
) -> None:
    source = gauge.source
    for number in range(2, 9):
        ingest.register_device(
            code=f"TV-{number}", source=source.code, unit_id=world.unit("25747"), interval=300,
            by=SYSTEM,
        )  # fmt: skip
    Device.objects.update(registered_at=NOW - dt.timedelta(days=1))
    Watch.objects.update(look_at=NOW)
    watching.look(now=NOW)
    assert _told() == [[]]
    assert DeviceEvent.objects.filter(was_told=True).count() == 8
    assert len(ingest.silent_devices(source.code)) == 8

    DeviceEvent.objects.all().delete()
    Watch.objects.update(silent_since=None, look_at=NOW)
    source.late_since = NOW
    source.save()
    watching.look(now=NOW)
    assert _told() == [[]], "that the whole source is late was told already"
    assert DeviceEvent.objects.filter(was_told=False).count() == 8


def test_a_look_costs_the_same_statements_for_one_device_and_for_a_thousand(
    world: World, gauge: Device
) -> None:
    _speaks(NOW - 60 * MINUTE)

    def statements() -> int:
        Watch.objects.update(look_at=NOW, silent_since=None)
        DeviceEvent.objects.all().delete()
        with CaptureQueriesContext(connection) as seen:
            watching.look(now=NOW)
        return len(seen)

    alone = statements()
    devices = Device.objects.bulk_create(
        Device(code=f"M-{n}", source=gauge.source, unit_id=world.unit("25747"), interval=300)
        for n in range(1000)
    )
    Device.objects.update(registered_at=NOW - dt.timedelta(days=1))
    Watch.objects.bulk_create(Watch(device=one, look_at=NOW) for one in devices)
    assert statements() <= alone + 1
    assert Watch.objects.filter(silent_since__isnull=False).count() == 1001


def test_the_timer_is_set_for_the_first_that_is_due_and_registering_sets_it(
    world: World, gauge: Device
) -> None:
    timer: Any = apps.get_model("obligations", "WakeUp").objects.get(kind=watching.WAKE)
    assert timer.due_at <= timezone.now() + 15 * MINUTE + MINUTE
    _speaks(NOW - MINUTE)
    watching.look(now=NOW)
    timer.refresh_from_db()
    assert timer.due_at == NOW + 14 * MINUTE
