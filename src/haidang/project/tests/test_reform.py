"""The reform of 2025 on the demo's tree: no digit is lost, and undone it leaves nothing behind."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from django.utils import timezone

from haidang.data.catalogue import api as catalogue
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.org import api as org
from haidang.insight.indicators import api as indicators
from haidang.insight.indicators import jobs
from haidang.insight.indicators.models import Value
from haidang.project.demo import devices, ground, province, reform

TODAY = timezone.localdate()
DAY = (TODAY - timedelta(days=45)).replace(day=1)
RNG = np.random.default_rng(2025)
# Population, area, and five that add up; by the dataset that they are computed from.
REPORTED = ("dan-so", "dien-tich", "ho-ngheo")
COMPUTED = {
    "ho-so-qua-han": "ho-so", "phan-anh-qua-han": "phan-anh", "sot-xuat-huyet": "dich-benh",
    "tay-chan-mieng": "dich-benh",
}  # fmt: skip
Cell = tuple[str, str, datetime]


def test_the_plan_is_the_reform_that_was() -> None:
    plan = reform.plan()

    kinds = Counter(change.kind for change in plan.changes)
    assert kinds == {"merge": 75, "split": 16, "abolish": 9}
    assert Counter(row.designation for row in plan.after) == {"Phường": 24, "Xã": 12}
    hiep_thanh = next(change for change in plan.changes if change.unit == "25741")
    assert {part.target for part in hiep_thanh.parts} == {"25750", "25747"}
    assert sum(part.size or 0 for change in plan.changes for part in change.parts) == sum(
        ground.inhabitants().values()
    )


def test_the_ground_of_the_communes_adds_up_to_that_of_the_districts() -> None:
    assert sum(ground.inhabitants().values()) == 2_502_400
    assert sum(ground.areas().values()) == Decimal(2751)
    assert min(ground.inhabitants().values()) > 0


def test_the_simulator_goes_on_as_the_same_devices_on_the_new_map() -> None:
    """Which unit a device reports for is the register's matter, which the reform hands over."""
    old, new = sorted(ground.inhabitants()), sorted(row.code for row in reform.plan().after)
    before, after = (
        {one.code: (one.source, one.metrics, one.seed) for one in devices.stations(codes)}
        for codes in (old, new)
    )

    assert (len(old), len(new), len(before)) == (91, 36, 200)
    assert before == after


@pytest.mark.django_db
def test_applied_and_undone_the_province_keeps_every_total_to_the_last_digit() -> None:
    province.load()
    indicators.install_starter()
    invent()
    before = everything()
    old_units = {unit.code for unit in org.all_units("commune")}

    made = apply()

    new_units = {unit.code: unit.id for unit in org.all_units("commune")}
    assert (len(old_units), len(new_units), org.all_units("district")) == (91, 36, [])
    for code in (*REPORTED, *COMPUTED):
        old, new = totals(before, code, old_units), on_todays_map(code, new_units)
        assert len(old) == 2, code
        assert new == old, code
    assert sum(one["status"] == "estimate" for one in everything().values()) > 100

    undo(made)

    assert everything() == before
    assert {unit.code for unit in org.all_units("commune")} == old_units


def invent() -> None:
    """Write values of every commune for a period on either side of the day."""
    units = {unit.code: unit.id for unit in org.all_units("commune")}
    months, years = (previous_month(DAY), DAY), (date(TODAY.year - 1, 1, 1), date(DAY.year, 1, 1))
    poor = {code: int(RNG.integers(0, 60)) for code in units}
    for code, sizes, starts in (
        ("dan-so", ground.inhabitants(), years),
        ("dien-tich", ground.areas(), years),
        ("ho-ngheo", poor, months),
    ):
        rows = [
            indicators.ReportedValue(code, units[unit], midnight(start), float(size), "official")
            for start in starts
            for unit, size in sizes.items()
        ]
        indicators.take_over(rows, approved_by=SYSTEM, lineage="thử")
    for dataset in sorted(set(COMPUTED.values())):
        land(dataset, sorted(units))


def land(dataset: str, units: list[str]) -> None:
    contract = catalogue.contract(dataset)
    warehouse.ensure_table(contract)
    monday = DAY + timedelta(days=(7 - DAY.weekday()) % 7)
    days = (monday - timedelta(days=14), monday)
    rows: list[Mapping[str, Any]] = [
        {field.name: said(field, contract, unit, day) for field in contract.fields}
        for day in days
        for unit in units
    ]
    batch = warehouse.Batch(warehouse.next_batch(), dataset, "thu", pa.Table.from_pylist(rows))
    warehouse.commit([batch])
    indicators.recompute(dataset=dataset, now=timezone.now())


def said(field: Any, contract: Any, unit: str, day: date) -> object:
    if field.name == contract.unit_field:
        return unit
    if field.name == contract.time_field:
        return day
    return int(RNG.integers(0, 40))


def apply() -> int:
    made = org.draft_changes(title=reform.TITLE, plan=reform.plan(DAY), by=SYSTEM, note=reform.NOTE)
    org.approve_changes(change_set=made, by=SYSTEM)
    org.apply_changes(change_set=made, by=SYSTEM, now=timezone.now())
    restate(made)
    return made


def undo(made: int) -> None:
    org.undo_changes(change_set=made, by=SYSTEM, reason="Thử xong", now=timezone.now())
    restate(made)


def restate(made: int) -> None:
    """Do what the jobs do that the event of the set brings."""
    jobs.restate(event_id=1, aggregate="map", change_set=made, on=str(DAY))
    for dataset in sorted(set(COMPUTED.values())):
        jobs.restate_dataset(dataset=dataset, on=str(DAY))


def everything() -> dict[Cell, dict[str, object]]:
    """Return all values that say something, by indicator, unit code and period."""
    names = ("value", "numerator", "denominator", "status", "reported", "expected", "source_type")
    rows = Value.objects.filter(value__isnull=False).select_related("indicator", "unit")
    return {
        (row.indicator.code, row.unit.code, row.period_start): {
            name: getattr(row, name) for name in names
        }
        for row in rows
    }


def totals(
    cells: Mapping[Cell, Mapping[str, object]], code: str, units: set[str]
) -> dict[datetime, Decimal]:
    found: defaultdict[datetime, Decimal] = defaultdict(Decimal)
    for (one, unit, start), cell in cells.items():
        if one == code and unit in units:
            found[start] += Decimal(str(cell["value"]))
    return dict(found)


def on_todays_map(code: str, units: Mapping[str, int]) -> dict[datetime, Decimal]:
    """Return the sums of the new communes' courses, each on the map of today."""
    found: defaultdict[datetime, Decimal] = defaultdict(Decimal)
    span = midnight(date(TODAY.year - 2, 1, 1)), timezone.now()
    for unit in units.values():
        course = indicators.course(code, unit, access.EVERYTHING, *span, day=TODAY)
        for point in course.points:
            found[point.start] += Decimal(str(point.value))
    return dict(found)


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def previous_month(day: date) -> date:
    return (day - timedelta(days=1)).replace(day=1)
