"""Figures when the map changes: computed, reported, shown on the map of their time or today's."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.org import api as org
from haidang.insight.indicators import api as indicators
from haidang.insight.indicators import jobs
from haidang.insight.indicators.actions import archive, restating
from haidang.insight.indicators.actions.reforms import Figures
from haidang.insight.indicators.models import Series, Value, ValueBefore
from haidang.insight.indicators.queries import on_map
from haidang.insight.indicators.tests.test_lake import dossiers, land, work
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
DAY = (TODAY - timedelta(days=40)).replace(day=1)
BEFORE, AFTER = DAY - timedelta(days=3), DAY + timedelta(days=3)
LATE = "ho-so-qua-han"


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def ward(code: str, name: str) -> org.UnitRow:
    return org.UnitRow(code, f"Phường {name}", name, "commune", "ubnd", "74")


# Phú Cường stays as Thủ Dầu Một with a quarter of Hiệp Thành; the rest and Dĩ An make a new ward.
PLAN = org.Plan(
    DAY,
    changes=(
        org.Change("25747", "merge", (org.PartRow("25747"),)),
        org.Change("25741", "split", (org.PartRow("25747", Decimal(1)),
                                      org.PartRow("90001", Decimal(3)))),
        org.Change("25942", "merge", (org.PartRow("90001"),)),
        org.Change("718", "abolish", (org.PartRow("74"),)),
        org.Change("724", "abolish", (org.PartRow("74"),)),
    ),
    after=(ward("25747", "Thủ Dầu Một"), ward("90001", "Dĩ An Mới")),
)  # fmt: skip


@pytest.fixture
def world() -> World:
    built = build_world()
    indicators.install_starter()
    return built


def apply(plan: org.Plan = PLAN) -> int:
    return carried_out(org.draft_changes(title="Sắp xếp", plan=plan, by=SYSTEM))


def carried_out(made: int) -> int:
    org.approve_changes(change_set=made, by=SYSTEM)
    org.apply_changes(change_set=made, by=SYSTEM, now=timezone.now())
    settle(made)
    return made


def undo(made: int) -> None:
    org.undo_changes(change_set=made, by=SYSTEM, reason="Nhầm", now=timezone.now())
    settle(made)


def settle(made: int) -> None:
    jobs.restate(event_id=1, aggregate="map", change_set=made, on=str(DAY))
    restating.restate_dataset(dataset="ho-so", on=DAY, now=timezone.now())


def load_days() -> None:
    rows = [
        dossiers(day, unit, solved, solved - 1, late=solved)
        for day in (BEFORE, AFTER)
        for unit, solved in (("25747", 10), ("25741", 7), ("25942", 5))
    ]
    work("ho-so", land("ho-so", rows))


def said(code: str, day: date) -> dict[str, tuple[float, str]]:
    """What the database says of a day: by unit code, value and status."""
    rows = Value.objects.filter(
        indicator__code=code, period_start=midnight(day), value__isnull=False
    ).select_related("unit")
    return {row.unit.code: (row.value, row.status) for row in rows}


def test_what_the_old_map_told_is_restated_on_the_new_one_and_back(world: World) -> None:
    archive.prepare()
    load_days()
    code = LATE
    before, untouched = said(code, AFTER), said(code, BEFORE)

    made = apply()

    after = said(code, AFTER)
    assert said(code, BEFORE) == untouched
    assert {unit: value for unit, (value, _) in after.items()} == {
        "25747": 10 + 2, "90001": 5 + 5, "74": 22,
    }  # fmt: skip
    assert after["25747"][1] == after["90001"][1] == "estimate"
    assert after["74"][1] == "preliminary"
    assert not Series.objects.filter(unit__in=[world.unit("25741"), world.unit("718")]).exists()

    undo(made)

    assert said(code, AFTER) == before


def test_rows_that_came_since_are_told_by_the_new_map(world: World) -> None:
    archive.prepare()
    load_days()
    apply()
    day = AFTER + timedelta(days=1)

    work("ho-so", land("ho-so", [dossiers(day, "25747", 9, 9, 9), dossiers(day, "90001", 4, 4, 4)]))

    assert {unit: value for unit, (value, _) in said(LATE, day).items()} == {
        "25747": 9, "90001": 4, "74": 13,
    }  # fmt: skip


def test_new_rows_by_the_new_map_keep_the_set_from_being_undone(world: World) -> None:
    archive.prepare()
    load_days()
    made = apply()
    land("ho-so", [dossiers(AFTER, "25747", 9, 9)])

    with pytest.raises(org.DependedUponError):
        undo(made)


def test_new_files_on_the_new_units_are_answered_by_the_way_back(world: World) -> None:
    archive.prepare()
    load_days()
    before, untouched = said(LATE, AFTER), said(LATE, BEFORE)
    brought = {"25747": Decimal(6), "25942": Decimal(5)}
    weighed = replace(PLAN, changes=tuple(
        replace(one, parts=(replace(one.parts[0], amount=brought[one.unit]),))
        if one.unit in brought else one
        for one in PLAN.changes
    ))  # fmt: skip
    made = apply(weighed)
    since = AFTER + timedelta(days=1)
    rows = [dossiers(since, "25747", 90, 90, 90), dossiers(since, "90001", 41, 41, 41)]
    work("ho-so", land("ho-so", rows))
    new = org.unit("90001").id
    typed = indicators.ReportedValue("ho-ngheo", new, midnight(DAY), 7.0, "official")
    indicators.take_over([typed], approved_by=SYSTEM, lineage="biểu giấy")

    with pytest.raises(org.DependedUponError) as refused:
        undo(made)
    loaded, reported = refused.value.blockers
    assert "1 lần nạp, 2 dòng của bộ dữ liệu “ho-so”" in loaded
    assert "1 giá trị đã nhập (Phường Dĩ An Mới, Tháng" in reported

    day = DAY + timedelta(days=1)
    carried_out(org.reverse_changes(change_set=made, on=day, by=SYSTEM))

    after = said(LATE, since)
    communes = {unit: after[unit] for unit in ("25741", "25747", "25942")}
    assert sum(value for value, _ in communes.values()) == after["74"][0] == 90 + 41
    assert {status for _, status in communes.values()} == {"estimate"}
    assert communes["25747"][0] == 77, "six sevenths of 90, to the nearest whole"
    assert said(LATE, BEFORE) == untouched
    assert said(LATE, AFTER) == before, "what was told on the old units is exact again"
    poor = said("ho-ngheo", DAY)
    assert poor["25741"][0] + poor["25942"][0] == 7 and poor["25741"][1] == "estimate"
    units = {ref.code for ref in org.all_units("commune")}
    assert units == {"25741", "25747", "25942"} and len(org.all_units("district")) == 2


def test_a_course_is_shown_as_was_or_on_the_map_of_a_day(world: World) -> None:
    archive.prepare()
    load_days()
    apply()
    code, unit = LATE, world.unit("25747")
    span = midnight(BEFORE), midnight(TODAY)

    as_was = indicators.series(code, unit, access.EVERYTHING, *span)
    now = on_map.course(code, unit, access.EVERYTHING, *span, day=TODAY)

    assert [point.value for point in as_was] == [10, 12]
    assert [(point.value, point.status) for point in now.points] == [
        (12, "estimate"), (12, "estimate"),
    ]  # fmt: skip
    assert now.converted == {midnight(BEFORE)}
    assert [one.on for one in on_map.breaks(unit, BEFORE, TODAY)] == [DAY]
    assert on_map.breaks(world.unit("74"), BEFORE, TODAY) == []
    province = on_map.course(code, world.unit("74"), access.EVERYTHING, *span, day=TODAY)
    assert [point.value for point in province.points] == [22, 22]
    assert not province.converted


def test_a_unit_that_ended_says_where_it_went(world: World) -> None:
    archive.prepare()
    load_days()
    apply()

    found = on_map.course(
        LATE, world.unit("25741"), access.EVERYTHING, midnight(BEFORE),
        midnight(TODAY), day=TODAY,
    )  # fmt: skip

    assert found.points == []
    assert "nay là một phần của Phường Dĩ An Mới, Phường Thủ Dầu Một" in found.reason


def report(world: World, code: str, values: dict[str, float], day: date) -> None:
    rows = [
        indicators.ReportedValue(code, world.unit(unit), midnight(day), value, "official")
        for unit, value in values.items()
    ]
    indicators.take_over(rows, approved_by=SYSTEM, lineage="thử")


def test_reported_sums_are_divided_and_come_back(world: World) -> None:
    report(world, "ho-ngheo", {"25747": 10, "25741": 7, "25942": 5}, DAY)
    before = said("ho-ngheo", DAY)

    made = apply()

    assert said("ho-ngheo", DAY) == {
        "25747": (12, "estimate"), "90001": (10, "estimate"), "74": (22, "official"),
    }  # fmt: skip
    settle(made)
    assert ValueBefore.objects.filter(change_set=made, indicator__code="ho-ngheo").count() == 5
    undo(made)
    assert said("ho-ngheo", DAY) == before
    assert not ValueBefore.objects.exists()


def test_a_difference_between_two_grounds_says_so_and_is_no_news(world: World) -> None:
    before = (DAY - timedelta(days=1)).replace(day=1)
    for month, poor in ((before, 30), (DAY, 20)):
        report(world, "ho-ngheo", {"25747": poor, "25741": 8, "25942": 4}, month)

    def said(unit: str) -> list[indicators.Delta]:
        figure = indicators.figure("ho-ngheo", world.unit(unit), access.EVERYTHING)
        return [delta for delta in figure.deltas if "tháng trước" in delta.text]

    assert [delta.good for delta in said("25747")] == [True]
    apply()

    [delta] = said("25747")
    assert "địa giới khác" in delta.text
    assert delta.good is None
    [delta] = said("74")
    assert "địa giới khác" not in delta.text


def test_old_periods_keep_the_tree_that_they_had(world: World) -> None:
    archive.prepare()
    load_days()
    org.move(unit=world.unit("25741"), parent=world.unit("724"), on=DAY, by=SYSTEM)

    restating.restate_dataset(dataset="ho-so", on=DAY - timedelta(days=10), now=timezone.now())

    before, after = said(LATE, BEFORE), said(LATE, AFTER)
    assert (before["718"][0], before["724"][0], before["74"][0]) == (17, 5, 22)
    assert (after["718"][0], after["724"][0], after["74"][0]) == (10, 12, 22)


def test_means_are_weighted_where_a_weight_is_defined_and_else_say_why_not(world: World) -> None:
    month = (DAY - timedelta(days=1)).replace(day=1)
    report(world, "dan-so", {"25747": 100, "25741": 40, "25942": 10},
           date(month.year - 1, 1, 1))  # fmt: skip
    for code in ("tiem-chung", "van-ban-dien-tu"):
        report(world, code, {"25747": 90, "25741": 80, "25942": 100}, month)
    apply()
    unit, span = world.unit("25747"), (midnight(month), midnight(TODAY))

    weighted = on_map.course("tiem-chung", unit, access.EVERYTHING, *span, day=TODAY)
    other = on_map.course("van-ban-dien-tu", unit, access.EVERYTHING, *span, day=TODAY)

    [point] = [one for one in weighted.points if one.start == midnight(month)]
    assert (point.value, point.status) == (pytest.approx((90 * 100 + 80 * 10) / 110), "estimate")
    assert other.points == []
    assert "trọng số" in other.reason


def test_the_preview_compares_sums_digit_by_digit(world: World) -> None:
    month = (DAY - timedelta(days=1)).replace(day=1)
    report(world, "ho-ngheo", {"25747": 10.25, "25741": 7, "25942": 5}, month)

    [total] = [one for one in Figures().totals(PLAN) if one.name == "Hộ nghèo đa chiều"]

    assert (total.before, total.after, total.estimated) == ("22,25", "22,25", 2)
    assert total.is_equal


def test_the_page_switches_between_the_maps_and_warns(world: World) -> None:
    archive.prepare()
    load_days()
    apply()
    where = reverse("indicators:figure", args=[LATE, "25747"])
    client = world.client("chutich")

    as_was = client.get(where).content.decode()
    now = client.get(where, {"map": "now"}).content.decode()
    nonsense = client.get(where, {"map": "2026-99-99"})

    assert "Quy đổi về địa giới hiện nay" in as_was
    assert "không so sánh trực tiếp các kỳ trước và sau" in as_was
    assert "1 kỳ đã quy đổi về địa giới ngày" in now
    assert nonsense.status_code == 200
    answer = client.get(
        f"/api/v1/indicators/{LATE}/series", {"unit": "25747", "on_map": TODAY.isoformat()}
    ).json()
    assert [point["value"] for point in answer["points"]] == [12, 12]
