"""The fast path: readings to device memories, to units, to states told once."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from haidang.data.ingest import api as ingest
from haidang.foundation.access import api as access
from haidang.foundation.core.models import OutboxEvent
from haidang.insight.indicators import api as indicators
from haidang.insight.indicators.evaluators import LiveEvaluator
from haidang.insight.indicators.models import DeviceMemory, Series
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
NOON: datetime  # of the running test
MEASURING, CALIBRATING = 0, 1


@pytest.fixture(autouse=True)
def _noon() -> None:
    """Five minutes ago, at a whole minute: pages are told and timers set by the readings' clock."""
    global NOON
    NOON = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=5)


@pytest.fixture
def world() -> World:
    built = build_world()
    indicators.install_starter()
    return built


def readings(*rows: tuple[str, str, str, int, float, int]) -> ingest.Readings:
    """Make readings of (device, metric, unit, seconds after noon, value, status)."""
    devices = sorted({row[0] for row in rows})
    metrics = sorted({row[1] for row in rows})
    units = sorted({row[2] for row in rows})
    start = int(NOON.timestamp()) * 1_000_000
    return ingest.Readings(
        devices=devices,
        metrics=metrics,
        units=units,
        device=np.array([devices.index(row[0]) for row in rows], dtype=np.int32),
        metric=np.array([metrics.index(row[1]) for row in rows], dtype=np.int32),
        unit=np.array([units.index(row[2]) for row in rows], dtype=np.int32),
        time=np.array([start + row[3] * 1_000_000 for row in rows], dtype=np.int64),
        value=np.array([row[4] for row in rows], dtype=np.float64),
        status=np.array([row[5] for row in rows], dtype=np.uint8),
    )


def send(evaluator: LiveEvaluator, *rows: tuple[str, str, str, int, float, int]) -> None:
    changes = evaluator.evaluate(readings(*rows))
    if changes is not None:
        evaluator.apply(changes)


def water(second: int, value: float, status: int = MEASURING, device: str = "TV-1"):
    return device, "water_level", "25747", second, value, status


def figure(world: World, unit: str = "25747", code: str = "muc-nuoc") -> indicators.Figure:
    return indicators.figure(code, world.unit(unit), access.EVERYTHING)


def state_events() -> list[tuple[str, str]]:
    events = OutboxEvent.objects.filter(name="indicators.state_changed").order_by("id")
    return [(one.payload["old"], one.payload["new"]) for one in events]


def test_a_reading_over_the_alarm_is_critical_at_once_and_so_is_the_province(world) -> None:
    evaluator = LiveEvaluator()

    send(evaluator, water(0, 1.20), water(1, 1.62))

    assert figure(world).state == "critical"
    assert figure(world).value == 1.62
    assert figure(world, "74").state_label == "Nguy hiểm"
    assert state_events() == [("no_data", "critical")] * 3


def test_a_calibrating_device_never_counts(world) -> None:
    evaluator = LiveEvaluator()

    send(evaluator, water(0, 1.20), water(1, 1.99, CALIBRATING))

    assert figure(world).value == 1.20


def test_a_state_eases_only_beyond_the_hysteresis(world) -> None:
    evaluator = LiveEvaluator()

    send(evaluator, water(0, 1.61))
    send(evaluator, water(10, 1.58))
    assert figure(world).state == "critical"

    send(evaluator, water(20, 1.56))
    assert figure(world).state == "watch"


def test_a_minimum_duration_holds_over_a_restart_of_intake(world) -> None:
    def flooded(second: int) -> tuple[str, str, str, int, float, int]:
        return "NG-1", "flood_depth", "25747", second, 35, MEASURING

    send(LiveEvaluator(), flooded(0))
    assert figure(world, code="ngap").state == "normal"

    send(LiveEvaluator(), flooded(130))

    assert figure(world, code="ngap").state == "critical"


def test_readings_seen_twice_and_late_ones_change_nothing(world) -> None:
    evaluator = LiveEvaluator()
    send(evaluator, water(0, 1.20), water(10, 1.62))
    events = state_events()

    send(evaluator, water(0, 1.20), water(10, 1.62))
    send(LiveEvaluator(), water(5, 0.5))

    assert figure(world).value == 1.62
    assert state_events() == events


def test_a_unit_stands_as_its_worst_device_that_still_reports(world) -> None:
    evaluator = LiveEvaluator()
    send(evaluator, water(0, 1.70, device="TV-1"), water(0, 1.10, device="TV-2"))
    assert figure(world).value == 1.70
    assert (figure(world).reported, figure(world).expected) == (2, 2)

    send(evaluator, water(3600, 1.12, device="TV-2"))

    assert figure(world).value == 1.12
    assert (figure(world).reported, figure(world).expected) == (1, 2)


def test_a_silent_series_becomes_stale_and_that_is_an_event(world) -> None:
    from haidang.insight.indicators.actions import growing_old

    send(LiveEvaluator(), water(0, 1.20))
    OutboxEvent.objects.all().delete()

    growing_old.grow_old(indicator="muc-nuoc", now=NOON + timedelta(minutes=15))

    assert state_events() == [("normal", "stale")] * 3
    assert OutboxEvent.objects.first().payload["cause"] == "absence"
    assert Series.objects.filter(state="stale").count() == 3


@pytest.mark.parametrize(
    ("second", "statements"),
    [
        (1, 5),  # a transaction (2), devices, known series, series
        (3, 6),  # every three seconds: and all notes to open pages
        (60, 8),  # every minute: and the timer of staleness, for each indicator of the tick
    ],
)
def test_a_tick_costs_the_same_statements_however_many_units(
    world, django_assert_num_queries, second: int, statements: int
) -> None:
    def tick(at: int, value: float, units: dict[str, str]) -> None:
        send(evaluator, *((one, "water_level", units[one], at, value, MEASURING) for one in units))

    for units in ({"TV-1": "25747"}, {"TV-1": "25747", "TV-2": "25741", "TV-9": "25942"}):
        evaluator = LiveEvaluator()
        start = 120 * len(units)
        tick(start, 1.0, units)
        with django_assert_num_queries(statements):
            tick(start + second, 1.1, units)


@pytest.mark.parametrize("restarts", [False, True])
def test_a_device_counts_where_it_stands_now_also_after_the_map_changed(world, restarts) -> None:
    evaluator = LiveEvaluator()
    send(evaluator, ("TV-1", "water_level", "25747", 0, 0.5, MEASURING))
    assert (figure(world).value, figure(world, "74").reported) == (0.5, 1)

    if restarts:
        evaluator = LiveEvaluator()
    send(evaluator, ("TV-1", "water_level", "25942", 60, 0.7, MEASURING))
    assert figure(world, "25942").value == 0.7
    assert figure(world, "74").reported == 1 and figure(world, "74").value == 0.7
    assert DeviceMemory.objects.get(indicator__code="muc-nuoc").unit_id == world.unit("25942")
