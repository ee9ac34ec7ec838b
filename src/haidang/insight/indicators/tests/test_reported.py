"""Values typed by one person, approved by another, and rolled up."""

from datetime import datetime, timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError
from django.utils import timezone

from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.errors import NotAllowedError
from haidang.foundation.core.models import AuditEntry, OutboxEvent
from haidang.insight.indicators import api as indicators
from haidang.insight.indicators.errors import (
    AlreadyDecidedError,
    BadPeriodError,
    BadValueError,
    NotReportableError,
    SamePersonError,
)
from haidang.insight.indicators.models import PendingValue
from tests.world import World, build_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    built = build_world()
    indicators.install_starter()
    return built


@pytest.fixture
def last_month() -> datetime:
    return timezone.now().replace(day=1) - timedelta(days=3)


def _typed(world: World, moment: datetime, value: float = 91, who: str = "canbo.phucuong") -> int:
    return indicators.report_value(
        indicator="tiem-chung",
        unit_id=world.unit("25747"),
        period=moment,
        value=value,
        by=world.scope(who),
    )


def _figure(world: World, unit: str) -> indicators.Figure:
    return indicators.figure("tiem-chung", world.unit(unit), access.EVERYTHING)


def test_a_typed_value_waits_and_feeds_nothing(world, last_month) -> None:
    _typed(world, last_month)

    assert _figure(world, "25747").value is None
    assert _figure(world, "25747").newer_pending
    assert not OutboxEvent.objects.filter(name="indicators.state_changed").exists()


def test_the_approver_makes_it_the_figure_and_the_parents_estimate(world, last_month) -> None:
    pending = _typed(world, last_month, 84)

    indicators.approve_values([pending], by=world.scope("chutich.phucuong"))

    commune, province = _figure(world, "25747"), _figure(world, "74")
    assert (commune.value, commune.state, commune.source_type) == (84, "critical", "manual")
    assert not commune.newer_pending
    assert commune.lineage == f"typed:{pending}"
    assert (province.value, province.status) == (84, "estimate")
    assert (province.reported, province.expected) == (1, 3)
    assert AuditEntry.objects.filter(action="indicators.value_approved").count() == 1


def test_the_small_line_of_a_figure_is_the_headlines_of_its_course(world, last_month) -> None:
    for back, value in enumerate((84, 91, 88)):
        month = last_month - timedelta(days=31 * back)
        indicators.approve_values([_typed(world, month, value)], by=world.scope("chutich.phucuong"))
    pair, by = ("tiem-chung", world.unit("25747")), access.EVERYTHING
    now = timezone.now()
    course = indicators.series(*pair, by, now - timedelta(days=365), now)

    assert indicators.courses([pair], by)[pair] == [point.headline for point in course]
    assert indicators.courses([pair], by, points=2)[pair] == [91, 84]
    known = indicators.dictionary(by)
    assert indicators.courses([pair], by, known) == indicators.courses([pair], by)
    assert indicators.figures([pair], by, known).keys() == {pair}


def test_the_typist_never_approves(world, last_month) -> None:
    pending = (
        _typed(world, last_month, who="chutich.phucuong")
        if world.scope("chutich.phucuong").allows("indicators.report")
        else _typed(world, last_month)
    )
    typist = PendingValue.objects.get(pk=pending).typed_by

    with pytest.raises((SamePersonError, NotAllowedError)):
        indicators.approve_values([pending], by=access.scope_of(typist))
    with pytest.raises(IntegrityError, match="pending_value_two_persons"):
        PendingValue.objects.filter(pk=pending).update(
            decided_by=typist, decided_at=timezone.now(), is_approved=True
        )


def test_a_clerk_of_another_district_may_neither_type_nor_approve(world, last_month) -> None:
    with pytest.raises(NotAllowedError):
        _typed(world, last_month, who="canbo.dian")
    pending = _typed(world, last_month)
    with pytest.raises(NotAllowedError):
        indicators.approve_values([pending], by=world.scope("canbo.dian"))


def test_a_second_decision_is_refused(world, last_month) -> None:
    pending = _typed(world, last_month)
    indicators.return_values([pending], by=world.scope("chutich.phucuong"), note="Sai số")

    with pytest.raises(AlreadyDecidedError):
        indicators.approve_values([pending], by=world.scope("chutich.phucuong"))


def test_what_is_computed_or_lies_ahead_is_not_typed(world, last_month) -> None:
    with pytest.raises(NotReportableError):
        indicators.report_value(
            indicator="ho-so-dung-han",
            unit_id=world.unit("25747"),
            period=last_month,
            value=1,
            by=world.scope("canbo.phucuong"),
        )
    with pytest.raises(BadPeriodError):
        _typed(world, timezone.now() + timedelta(days=40))


def test_a_report_with_both_parts_rolls_up_as_the_ratio_of_sums(world, last_month) -> None:
    def row(unit: str, above: float, below: float) -> indicators.ReportedValue:
        return indicators.ReportedValue(
            "tiem-chung",
            world.unit(unit),
            last_month,
            above / below * 100,
            "official",
            above,
            below,
        )

    rows = [row("25747", 90, 100), row("25741", 5, 10)]

    indicators.take_over(rows, approved_by=SYSTEM, lineage="report:7")

    district = _figure(world, "718")
    assert district.value == pytest.approx(95 / 110 * 100)
    assert district.status == "official"
    assert (district.reported, district.expected) == (2, 2)


def test_reporting_the_same_again_is_no_new_revision(world, last_month) -> None:
    row = indicators.ReportedValue("tiem-chung", world.unit("25747"), last_month, 90)

    indicators.take_over([row], approved_by=SYSTEM, lineage="report:7")
    again = indicators.take_over([row], approved_by=SYSTEM, lineage="report:7")

    assert _figure(world, "25747").revision == 1
    assert again == 0


@pytest.fixture
def steward(world: World) -> access.Scope:
    """Who gathers the values of the whole province."""
    world.grant("thongke.stnmt", "data_steward", "74")
    return world.scope("thongke.stnmt")


def _many(world: World, by: access.Scope, month: datetime, *values: float) -> list[int]:
    units = ("25747", "25741", "25942")
    typed = [
        indicators.TypedValue(world.unit(unit), month, value)
        for unit, value in zip(units, values, strict=False)
    ]
    return indicators.report_values(typed, indicator="tiem-chung", by=by, note="Số liệu năm trước")


def test_many_values_wait_and_are_approved_together(world, steward, last_month) -> None:
    first = _many(world, steward, last_month, 80, 90)
    again = _many(world, steward, last_month, 81, 90, 70)
    assert again[:2] == first, "entering again replaces what waited"

    indicators.approve_values(again, by=world.scope("giamdoc.ioc"))

    assert [_figure(world, unit).value for unit in ("25747", "25741", "25942")] == [81, 90, 70]
    assert _figure(world, "718").value == pytest.approx((81 + 90) / 2)
    assert _figure(world, "25942").lineage == f"typed:{again[2]}"
    entries = AuditEntry.objects.filter(action="indicators.value_reported")
    assert entries.filter(reason="Số liệu năm trước").count() == 5
    assert AuditEntry.objects.filter(action="indicators.value_approved").count() == 3


def test_an_approver_hears_of_many_values_once(world, steward, last_month) -> None:
    _many(world, steward, last_month, 80, 90, 70)

    told = apps.get_model("notifications", "Message").objects.filter(kind="indicators.value_waits")
    assert told.count() == len(set(told.values_list("account", flat=True))) > 0


def test_of_many_values_one_wrong_leaves_none(world, steward, last_month) -> None:
    ahead = indicators.TypedValue(world.unit("25741"), timezone.now() + timedelta(days=40), 1)
    right = indicators.TypedValue(world.unit("25747"), last_month, 1)
    for values, error in (([right, ahead], BadPeriodError), ([right, right], BadValueError)):
        with pytest.raises(error):
            indicators.report_values(values, indicator="tiem-chung", by=steward)
    assert not PendingValue.objects.exists()

    ids = _many(world, steward, last_month, 80, 90)
    with pytest.raises(NotAllowedError):
        indicators.approve_values(ids, by=world.scope("chutich.phucuong"))
    assert _figure(world, "25747").value is None
