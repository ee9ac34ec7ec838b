"""Figures from the lake: whole periods, sums of parts, any order of arrival, the same end."""

import importlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haidang.data.catalogue import api as catalogue
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access import api as access
from haidang.foundation.core.models import OutboxEvent
from haidang.insight.indicators import api as indicators
from haidang.insight.indicators import jobs
from haidang.insight.indicators.actions import archive, queues
from haidang.insight.indicators.models import Series, Value
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
YESTERDAY = timezone.localdate() - timedelta(days=1)


@pytest.fixture
def world() -> World:
    built = build_world()
    indicators.install_starter()
    return built


def land(dataset: str, rows: Iterable[dict[str, object]]) -> int:
    contract = catalogue.contract(dataset)
    warehouse.ensure_table(contract)
    batch = warehouse.next_batch()
    table = pa.Table.from_pylist(list(rows))
    warehouse.commit([warehouse.Batch(batch, dataset, "thu", table)])
    return batch


def dossiers(day: date, unit: str, solved: int, in_time: int, late: int = 0) -> dict[str, object]:
    return {
        "ngay": day, "don_vi": unit, "tiep_nhan": solved, "giai_quyet": solved,
        "dung_han": in_time, "qua_han": late, "truc_tuyen": solved, "so_hoa": solved,
    }  # fmt: skip


def work(dataset: str, *batches: int) -> None:
    for batch in batches:
        queues.note(dataset=dataset, batch=batch, now=timezone.now())
    queues.work_off(dataset=dataset, now=timezone.now())


def figure(world: World, code: str, unit: str) -> indicators.Figure:
    return indicators.figure(code, world.unit(unit), access.EVERYTHING)


def test_a_batch_becomes_figures_up_the_tree_as_ratios_of_sums(world) -> None:
    batch = land(
        "ho-so", [dossiers(YESTERDAY, "25747", 90, 90), dossiers(YESTERDAY, "25741", 10, 0)]
    )

    work("ho-so", batch)

    assert figure(world, "ho-so-dung-han", "25747").value == 100
    assert figure(world, "ho-so-dung-han", "25741").value == 0
    district = figure(world, "ho-so-dung-han", "718")
    assert (district.value, district.reported, district.expected) == (90, 2, 2)
    province = figure(world, "ho-so-dung-han", "74")
    assert (province.value, province.reported, province.expected) == (90, 2, 3)
    assert (province.state, province.source_type, province.revision) == ("critical", "automatic", 1)
    assert province.lineage == f"batch:{batch}"


def test_a_landed_batch_is_worked_off_by_its_event(world) -> None:
    batch = land("ho-so", [dossiers(YESTERDAY, "25747", 10, 10)])

    jobs.note_landed(event_id=1, aggregate="dataset:ho-so", dataset="ho-so", batch=batch)
    jobs.note_landed(event_id=2, aggregate="dataset:indicator-values", dataset="x", batch=batch)
    jobs.work_off(dataset="ho-so")

    assert figure(world, "ho-so-dung-han", "25747").value == 100


def test_each_issuers_plan_has_a_ratio_of_its_own_and_the_pace_stands_apart(world) -> None:
    year = YESTERDAY.year
    rows = [
        {"ky": f"{year}-{month:02}", "don_vi": "718", "ke_hoach": 1.0, "giai_ngan": 100.5}
        for month in range(1, YESTERDAY.month + 1)
    ]

    work("giai-ngan", land("giai-ngan", rows))

    found = figure(world, "giai-ngan", "718")
    assert found.value == pytest.approx(100.5 * YESTERDAY.month)
    assert [target.issuer for target in found.targets] == ["TTg", "HĐND"]
    ratios = [found.value / target.amount * 100 for target in found.targets]
    assert [target.ratio for target in found.targets] == pytest.approx(ratios)
    assert (found.headline, found.headline_unit) == (found.targets[0].ratio, "%")
    assert found.expected_pace > found.headline
    assert found.deltas[0].text.startswith("Thấp hơn tiến độ")
    assert found.state == "critical"


def test_a_revision_restates_a_closed_period_without_an_alert(world) -> None:
    old = YESTERDAY - timedelta(days=3)
    work("ho-so", land("ho-so", [dossiers(old, "25747", 100, 99)]))
    work("ho-so", land("ho-so", [dossiers(YESTERDAY, "25747", 100, 99)]))
    OutboxEvent.objects.filter(name="indicators.state_changed").delete()

    work("ho-so", land("ho-so", [dossiers(old, "25747", 100, 50)]))

    values = Value.objects.filter(
        indicator__code="ho-so-dung-han", unit=world.unit("25747")
    ).order_by("period_start")
    assert [(row.value, row.revision, row.state) for row in values] == [
        (50, 2, "critical"),
        (99, 1, "normal"),
    ]
    assert not OutboxEvent.objects.filter(name="indicators.state_changed").exists()


def test_running_sums_after_a_late_month_are_restated(world) -> None:
    def month(number: int, amount: float) -> dict[str, object]:
        return {"ky": f"2025-{number:02}", "don_vi": "718", "ke_hoach": 1.0, "giai_ngan": amount}

    work("giai-ngan", land("giai-ngan", [month(1, 10), month(3, 30)]))
    work("giai-ngan", land("giai-ngan", [month(2, 20)]))

    values = Value.objects.filter(indicator__code="giai-ngan", unit=world.unit("718"))
    found = values.order_by("period_start").values_list("value", "revision")
    assert list(found) == [(10, 1), (30, 1), (60, 2)]


def test_a_formula_follows_the_indicators_that_it_reads(world) -> None:
    month = {"ky": "2026-10", "don_vi": "718", "thanh_lap": 50, "giai_the": 40, "von": 1.0}

    work("doanh-nghiep", land("doanh-nghiep", [month]))

    found = figure(world, "dn-ty-le-giai-the", "718")
    assert (found.value, found.lineage) == (0.8, "formula:dn-giai-the,dn-thanh-lap")


def test_a_week_that_is_named_by_its_monday_is_known_to_its_sunday(world) -> None:
    row = {"tuan": date(2026, 11, 9), "don_vi": "25747", "sot_xuat_huyet": 4, "tay_chan_mieng": 1}
    work("dich-benh", land("dich-benh", [row]))
    found = figure(world, "sot-xuat-huyet", "25747")
    assert (found.value, found.as_of) == (4, datetime(2026, 11, 15, 17, tzinfo=UTC))


def reading(device: str, unit: str, hour: int, value: float, status: str = "measuring"):
    start = timezone.now().replace(minute=0, second=0, microsecond=0)
    return {
        "device": device, "metric": "aqi", "time": start - timedelta(hours=hour, minutes=-5),
        "value": value, "status": status, "unit": unit,
    }  # fmt: skip


def test_hours_of_readings_are_means_per_device_and_the_worst_of_them_upwards(world) -> None:
    rows = [
        reading("KK-1", "25747", 2, 80), reading("KK-2", "25747", 2, 160),
        reading("KK-3", "25741", 2, 10), reading("KK-4", "25741", 2, 500, "calibrating"),
    ]  # fmt: skip

    work("quan-trac", land("quan-trac", rows))

    commune, province = figure(world, "aqi-gio", "25747"), figure(world, "aqi-gio", "74")
    assert (commune.value, commune.reported) == (160, 2)
    assert (province.value, province.reported, province.expected) == (160, 3, 3)
    assert figure(world, "aqi-gio", "25741").value == 10


def test_readings_that_the_fast_path_missed_are_reconciled(world) -> None:
    start = timezone.now() - timedelta(minutes=2)
    row = {
        "device": "TV-1", "metric": "water_level", "time": start, "value": 1.7,
        "status": "measuring", "unit": "25747",
    }  # fmt: skip

    work("quan-trac", land("quan-trac", [row]))

    found = figure(world, "muc-nuoc", "74")
    assert (found.value, found.state) == (1.7, "critical")


def test_all_revisions_are_in_the_lake(world) -> None:
    archive.prepare()
    work("ho-so", land("ho-so", [dossiers(YESTERDAY, "25747", 100, 99)]))
    work("ho-so", land("ho-so", [dossiers(YESTERDAY, "25747", 100, 98)]))

    rows = warehouse.rows(
        "indicator-values",
        scope=access.EVERYTHING,
        columns=["revision", "value"],
        where=[("indicator", "=", "ho-so-dung-han"), ("unit", "=", "25747")],
        order=["revision"],
    ).rows
    assert rows == [(1, 99.0), (2, 98.0)]


def test_days_beyond_the_window_live_in_the_lake_alone(world) -> None:
    archive.prepare()
    long_ago = YESTERDAY - timedelta(days=700)

    work("ho-so", land("ho-so", [dossiers(long_ago, "25747", 100, 99)]))
    work("ho-so", land("ho-so", [dossiers(long_ago, "25747", 100, 60)]))

    assert not Value.objects.filter(indicator__code="ho-so-dung-han").exists()
    first = timezone.now() - timedelta(days=720)
    points = indicators.series(
        "ho-so-dung-han", world.unit("25747"), access.EVERYTHING, first, timezone.now()
    )
    assert [(point.value, point.state, point.revision) for point in points] == [(60, "critical", 2)]
    rows = warehouse.rows(
        "indicator-values",
        scope=access.EVERYTHING,
        columns=["revision", "value"],
        where=[("indicator", "=", "ho-so-dung-han"), ("unit", "=", "25747")],
        order=["revision"],
    ).rows
    assert rows == [(1, 99.0), (2, 60.0)]


one_row = st.tuples(
    st.integers(0, 4),
    st.sampled_from(["25747", "25741", "25942"]),
    st.integers(0, 20),
    st.integers(0, 20),
)
some_batches = st.lists(st.lists(one_row, min_size=1, max_size=4), min_size=1, max_size=4)


@given(batches=some_batches, order=st.randoms(use_true_random=False))
@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_order_of_arrival_ends_the_same_as_computing_everything(world, batches, order) -> None:
    # A hook of the tests alone, behind the warehouse's door.
    importlib.import_module("haidang.data.warehouse.engine.clearing").empty()
    Value.objects.all().delete()
    Series.objects.all().delete()
    contract = catalogue.contract("ho-so")
    warehouse.ensure_table(contract)
    archive.prepare()
    numbered = [(warehouse.next_batch(), _rows(rows)) for rows in batches]
    arriving = list(numbered)
    order.shuffle(arriving)
    for number, rows in arriving:
        warehouse.commit(
            [warehouse.Batch(number, "ho-so", "thu", pa.Table.from_pylist(list(rows.values())))]
        )
        work("ho-so", number)
    stepwise = _state()

    Value.objects.all().delete()
    Series.objects.all().delete()
    indicators.recompute("ho-so")

    assert _state() == stepwise
    assert _values("25747") == _slow(numbered, ["25747"])
    assert _values("74") == _slow(numbered, ["25747", "25741", "25942"])


def _rows(rows: list[tuple[int, str, int, int]]) -> dict[tuple[date, str], dict[str, object]]:
    found = {}
    for ago, unit, solved, in_time in rows:
        day = YESTERDAY - timedelta(days=ago)
        found[day, unit] = dossiers(day, unit, solved, min(solved, in_time))
    return found


def _state() -> tuple[set[tuple[object, ...]], set[tuple[object, ...]]]:
    parts = ("value", "numerator", "denominator", "reported", "state")
    values = Value.objects.values_list("indicator", "unit", "period_start", *parts)
    memory = ("value", "state", "watch_since", "critical_since")
    series = Series.objects.values_list("indicator", "unit", "period_start", *memory)
    return set(values), set(series)


def _values(unit: str) -> dict[date, float | None]:
    rows = Value.objects.filter(indicator__code="ho-so-dung-han", unit__code=unit)
    return {timezone.localdate(row.period_start): row.value for row in rows}


def _slow(numbered, units: list[str]) -> dict[date, float | None]:
    """The obvious way: the row of the highest batch counts, then add up."""
    newest = {}
    for _, rows in sorted(numbered, key=lambda one: one[0]):
        newest |= rows
    found: dict[date, float | None] = {}
    for day in {day for day, unit in newest if unit in units}:
        rows = [row for (at, unit), row in newest.items() if at == day and unit in units]
        above = sum(int(row["dung_han"]) for row in rows)
        below = sum(int(row["giai_quyet"]) for row in rows)
        found[day] = round(above / below * 100, 6) if below else None
    return found
