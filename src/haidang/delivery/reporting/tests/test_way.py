"""The way of a report: assigned, filled, sent, returned, sent again, approved, received."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from haidang.delivery.reporting import api as reporting
from haidang.delivery.reporting.models import Assignment, Submission
from haidang.delivery.reporting.tests.stage import NOW, PERIOD, Stage, build_stage
from haidang.foundation.access import api as access
from haidang.foundation.calendar.zone import ZONE
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.errors import NotAllowedError
from haidang.foundation.core.models import AuditEntry
from haidang.foundation.notifications import api as notifications
from haidang.foundation.obligations import api as obligations
from haidang.insight.indicators import api as indicators

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> Stage:
    return build_stage()


def owed(stage: Stage) -> int:
    found, _ = obligations.due(stage.world.scope("giamdoc.ioc"), now=NOW)
    return len([one for one in found if one.ref == f"reporting.assignment:{stage.report().pk}"])


def test_every_unit_of_the_levels_gets_its_report_with_a_deadline(stage: Stage) -> None:
    rows = Assignment.objects.filter(period_key=PERIOD)

    assert rows.count() == 3 + 2
    # Cut off on Saturday the 14th: two working days for communes, three for districts.
    assert stage.report().due_at == datetime(2026, 11, 17, 17, 0, tzinfo=ZONE)
    assert stage.report("718").due_at == datetime(2026, 11, 18, 17, 0, tzinfo=ZONE)
    assert owed(stage) == 1


def test_giving_out_again_changes_nothing(stage: Stage) -> None:
    again = reporting.assign(regime="ktxh-thang", period_key=PERIOD, by=access.EVERYTHING, now=NOW)

    assert again == 0


def test_the_whole_way_ends_on_the_board(stage: Stage) -> None:
    unit, scope = stage.world.unit("25747"), stage.world.scope("chutich")

    assert stage.submit().state == "submitted"
    assert indicators.figure("ho-ngheo", unit, scope).value is None
    assert stage.send_back("chutich.phucuong").state == "returned"
    assert stage.submit(ho_ngheo="39").state == "submitted"
    assert stage.approve().state == "approved"
    approved = indicators.figure("ho-ngheo", unit, scope)
    assert stage.receive().state == "received"
    received = indicators.figure("ho-ngheo", unit, scope)

    assert (approved.value, approved.status) == (39, "preliminary")
    assert (received.value, received.status) == (39, "official")
    assert "11/2026" in received.period_label
    assert indicators.figure("ho-ngheo", stage.world.unit("74"), scope).value == 39


def test_all_versions_are_kept(stage: Stage) -> None:
    stage.submit()
    stage.send_back("chutich.phucuong")
    stage.submit(ho_ngheo="39")

    kept = Submission.objects.filter(assignment=stage.report().pk).order_by("number")
    assert [version.values["ho-ngheo"] for version in kept] == ["41", "39"]


def test_the_typist_does_not_approve(stage: Stage) -> None:
    stage.submit()
    typist = stage.world.accounts["canbo.phucuong"]
    access.grant(
        account=typist, role="commune_head", unit=stage.world.unit("25747"),
        by=access.EVERYTHING.actor,
    )  # fmt: skip
    access_now = access.scope_of(typist)

    if not access_now.allows("reporting.approve"):
        pytest.fail("the grant did not take effect")
    with pytest.raises(reporting.OwnReportError):
        reporting.approve(report=stage.report().pk, by=access_now, now=NOW)
    row = stage.report()
    row.approved_by_id, row.approved_at = row.submitted_by_id, NOW
    with pytest.raises(IntegrityError, match="approved_by_another"), transaction.atomic():
        row.save()


def test_who_may_not_fill_approve_or_receive(stage: Stage) -> None:
    strangers = ["nguoila", "canbo.dian", "truc1", "chutich", "thongke.stnmt"]
    scopes = [stage.world.scope(who) for who in strangers]
    report = stage.submit().pk

    for scope in scopes:
        with pytest.raises(NotAllowedError):
            reporting.submit(report=report, draft=stage.draft(), by=scope, now=NOW)
        with pytest.raises(NotAllowedError):
            reporting.approve(report=report, by=scope, now=NOW)
        with pytest.raises(NotAllowedError):
            reporting.send_back(report=report, reason="x", by=scope, now=NOW)
    stage.approve()
    for scope in scopes:
        with pytest.raises(NotAllowedError):
            reporting.receive(report=report, by=scope, now=NOW)


def test_the_commune_head_does_not_take_back_what_was_approved(stage: Stage) -> None:
    stage.submit()
    stage.approve()

    with pytest.raises(NotAllowedError):
        stage.send_back("chutich.phucuong")


def test_a_received_report_is_locked(stage: Stage) -> None:
    stage.submit()
    stage.approve()
    stage.receive()

    with pytest.raises(reporting.ReportingError, match="khóa"):
        stage.submit(ho_ngheo="1")
    with pytest.raises(reporting.ReportingError, match="khóa"):
        stage.send_back("giamdoc.ioc")


def test_a_step_out_of_turn_is_refused(stage: Stage) -> None:
    with pytest.raises(reporting.WrongStateError):
        stage.approve()
    stage.submit()
    with pytest.raises(reporting.WrongStateError):
        stage.submit()


def test_a_report_with_mistakes_is_not_sent(stage: Stage) -> None:
    for changes in (
        {"so_ho": None},
        {"ho_ngheo": "9000"},
        {"tiem_chung": "101"},
        {"so_ho": "-1"},
        {"so_ho": "1.5"},
    ):
        with pytest.raises(reporting.HasErrorsError):
            stage.submit(**changes)

    assert stage.report().submissions.count() == 0


def test_a_report_is_not_sent_before_its_cut_off(stage: Stage) -> None:
    with pytest.raises(reporting.TooEarlyError):
        reporting.submit(
            report=stage.report().pk,
            draft=stage.draft(),
            by=stage.world.scope("canbo.phucuong"),
            now=datetime(2026, 11, 14, 23, 59, tzinfo=ZONE),
        )


def test_a_return_needs_a_reason_and_tells_the_typist(stage: Stage) -> None:
    stage.submit()
    with pytest.raises(reporting.ReportingError, match="lý do"):
        stage.send_back("chutich.phucuong", reason="  ")
    stage.send_back("chutich.phucuong", reason="Thiếu 3 hộ")

    told = notifications.messages(account_id=stage.world.accounts["canbo.phucuong"])
    assert any("Thiếu 3 hộ" in str(message) for message in told[0] if told)


def test_approval_pays_what_is_owed_and_a_return_owes_again(stage: Stage) -> None:
    stage.submit()
    assert owed(stage) == 1
    stage.approve()
    assert owed(stage) == 0
    stage.send_back("giamdoc.ioc")
    assert owed(stage) == 1


def test_late_reports_are_those_still_owed(stage: Stage) -> None:
    scope, later = stage.world.scope("giamdoc.ioc"), NOW + timedelta(days=30)
    stage.submit()
    stage.approve()

    found, total = reporting.late(scope, now=later)

    assert total == 4
    assert stage.report().pk not in {one.id for one in found}
    assert reporting.late(stage.world.scope("canbo.phucuong"), now=later) == ([], 0)
    assert reporting.late(scope, now=NOW) == ([], 0)


def test_every_step_is_audited(stage: Stage) -> None:
    stage.submit()
    stage.send_back("chutich.phucuong", reason="Sai")
    stage.submit()
    stage.approve()
    stage.receive()

    found = AuditEntry.objects.filter(object_type="reporting.assignment").order_by("pk")
    steps = [entry.action for entry in found if entry.action != "reporting.report_saved"]
    assert steps == [
        "reporting.report_submitted",
        "reporting.report_returned",
        "reporting.report_submitted",
        "reporting.report_approved",
        "reporting.report_received",
    ]


def test_earlier_reports_are_taken_over_without_a_word_to_anyone(stage: Stage) -> None:
    world, told = stage.world, stage.world.accounts["canbo.phucuong"]
    values = {world.unit("25747"): {"so-ho": Decimal(7900)}, world.unit("74.SYT"): {}}

    count = reporting.import_received(
        regime="ktxh-thang", period_key="2026-10", values=values, account=told,
        by=access.EVERYTHING, now=NOW,
    )  # fmt: skip

    row = Assignment.objects.get(period_key="2026-10")
    assert (count, row.state, row.unit_id) == (1, "received", world.unit("25747"))
    found, total = obligations.due(world.scope("giamdoc.ioc"), now=NOW)
    assert total == len(found) == 5


def test_who_filled_in_does_not_approve_what_another_sent(stage) -> None:
    who = "chutich.phucuong"
    unit = stage.world.unit("25747")
    access.grant(account=stage.world.accounts[who], role="commune_officer", unit=unit, by=SYSTEM)
    scope = stage.world.scope(who)
    reporting.save(report=stage.report().pk, draft=stage.draft(), by=scope, now=NOW)
    stage.submit()

    with pytest.raises(reporting.OwnReportError):
        stage.approve(who)
