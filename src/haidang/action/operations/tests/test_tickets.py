"""The way of a ticket, what each move needs, and who may not."""

import pytest
from django.db import IntegrityError, transaction

from haidang.action.alerts import api as alerts
from haidang.action.operations import actions, errors, queries
from haidang.action.operations.models import Ticket
from haidang.foundation.access import api as access
from haidang.foundation.core.errors import NotAllowedError
from haidang.foundation.core.models import AuditEntry
from haidang.foundation.notifications import api as notifications
from tests.world import World

from .conftest import CHECKLIST, NOW, Move, Open, complete


def bring(world: World, ticket: Ticket, kind: str = "figure", note: str = "Đã rút") -> None:
    actions.add_evidence(
        ticket=ticket.pk, kind=kind, note=note, by=world.scope("truongca"), now=NOW
    )


def to_done(world: World, ticket: Ticket, move: Move) -> Ticket:
    for verb in ("verify", "assign", "accept", "start"):
        move(ticket, verb)
    bring(world, ticket)
    return move(ticket, "finish")


def test_the_whole_way_is_told_on_one_page(world: World, ticket: Ticket, move: Move) -> None:
    to_done(world, ticket, move)
    move(ticket, "approve")
    closed = move(ticket, "close", outcome="true", reason="Đã rút hết, thông đường")
    assert (closed.state, closed.outcome, closed.closed_by) == ("closed", "true", "Lê Thị Thu Hà")
    verbs = [event.verb for event in queries.history(ticket.pk)][::-1]
    assert verbs == [
        "open", "verify", "assign", "accept", "start", "evidence", "finish", "approve", "close",
    ]  # fmt: skip
    audited = AuditEntry.objects.filter(object_type="operations.ticket").count()
    assert audited == len(verbs)


def test_numbers_follow_one_another(open_ticket: Open) -> None:
    assert [open_ticket().number, open_ticket().number] == ["PDH-2026-0001", "PDH-2026-0002"]


def test_waiting_refusing_and_reopening_need_reasons(
    world: World, ticket: Ticket, move: Move
) -> None:
    for verb in ("verify", "assign", "accept", "start"):
        move(ticket, verb)
    with pytest.raises(errors.ReasonNeededError):
        move(ticket, "wait", reason=" ")
    assert move(ticket, "wait", reason="Chờ nước rút").state_reason == "Chờ nước rút"
    move(ticket, "resume")
    bring(world, ticket)
    move(ticket, "finish")
    with pytest.raises(errors.ReasonNeededError):
        move(ticket, "reopen")
    assert move(ticket, "reopen", reason="Còn đọng nước").state == "working"


def test_finishing_needs_evidence_of_the_right_kind(
    world: World, ticket: Ticket, move: Move
) -> None:
    for verb in ("verify", "assign", "accept", "start"):
        move(ticket, verb)
    with pytest.raises(errors.EvidenceNeededError):
        move(ticket, "finish")
    with pytest.raises(errors.ReasonNeededError):
        bring(world, ticket, "none", "")
    bring(world, ticket, "none", "Mất điện, không chụp được")
    assert move(ticket, "finish").state == "done"


def test_closing_needs_a_conclusion_and_a_remark(world: World, ticket: Ticket, move: Move) -> None:
    to_done(world, ticket, move)
    move(ticket, "approve")
    for details in ({}, {"outcome": "true"}, {"outcome": "maybe", "reason": "x"}):
        with pytest.raises(errors.OutcomeNeededError):
            move(ticket, "close", **details)


def test_no_short_cut_to_closed(ticket: Ticket, move: Move) -> None:
    with pytest.raises(errors.MoveNotPossibleError, match="mới"):
        move(ticket, "close", outcome="true", reason="x")


def test_a_vertical_body_is_never_ordered(world: World, open_ticket: Open) -> None:
    with pytest.raises(errors.AuthorityError, match="Công an tỉnh"):
        open_ticket(lead="74.CA", authority="giao", legal_basis="QĐ 2338")
    with pytest.raises(errors.LegalBasisNeededError):
        open_ticket(lead="718", authority="giao")
    ticket = open_ticket(lead="718", authority="giao", legal_basis="QĐ 2338/QĐ-UBND")
    assert ticket.authority == "giao"
    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(legal_basis="")


def test_assigning_again_checks_the_form_for_the_new_lead(
    world: World, open_ticket: Open, move: Move
) -> None:
    ticket = open_ticket(lead="718", authority="giao", legal_basis="QĐ 2338/QĐ-UBND")
    with pytest.raises(errors.AuthorityError):
        move(ticket, "assign", lead_unit_id=world.unit("74.CA"))
    moved = move(
        ticket, "assign", lead_unit_id=world.unit("74.STNMT"), authority="de_nghi_phoi_hop",
        cooperating=[world.unit("25747"), world.unit("74.STNMT")],
    )  # fmt: skip
    assert moved.lead_id == world.unit("74.STNMT")
    assert [one.code for one in queries.cooperating(ticket.pk)] == ["25747"]


def test_the_lead_refuses_and_another_is_found(world: World, ticket: Ticket, move: Move) -> None:
    move(ticket, "assign")
    refused = move(ticket, "refuse", who="thongke.stnmt", reason="Không thuộc thẩm quyền")
    assert refused.state == "refused"
    assert move(ticket, "assign", lead_unit_id=world.unit("718")).state == "assigned"


def test_handing_on_to_the_competent_body_ends_the_ticket(
    world: World, ticket: Ticket, move: Move
) -> None:
    moved = move(ticket, "transfer", lead_unit_id=world.unit("74.CA"), reason="Có dấu hiệu")
    assert (moved.state, moved.authority) == ("transferred", "chuyen_tham_quyen")
    with pytest.raises(errors.MoveNotPossibleError):
        move(ticket, "verify")


def test_merging_needs_another_unfinished_ticket(
    ticket: Ticket, open_ticket: Open, move: Move
) -> None:
    other = open_ticket(title="Ngập Bạch Đằng lần hai")
    for wrong in (ticket.pk, 0, None):
        with pytest.raises(errors.TicketNotFoundError):
            move(ticket, "merge", other_ticket=wrong, reason="Trùng")
    merged = move(other, "merge", other_ticket=ticket.pk, reason="Trùng")
    assert (merged.state, merged.merged_into_id) == ("merged", ticket.pk)


def test_who_came_second_hears_who_was_first(ticket: Ticket, move: Move) -> None:
    seen = ticket.revision
    move(ticket, "assign", who="truongca", seen=seen)
    with pytest.raises(errors.MovedMeanwhileError, match="Lê Thị Thu Hà chuyển sang “phân công”"):
        move(ticket, "assign", who="giamdoc.ioc", seen=seen)


def test_a_write_over_a_newer_revision_is_refused(
    world: World, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both read the same revision; the other one's write comes in between."""
    check = actions.moving._check

    def meanwhile(row: Ticket, *given: object) -> None:
        check(row, *given)
        Ticket.objects.filter(pk=row.pk).update(revision=row.revision + 1, state="verifying")

    monkeypatch.setattr(actions.moving, "_check", meanwhile)
    with pytest.raises(errors.MovedMeanwhileError):
        actions.move(ticket=ticket.pk, verb="verify", by=world.scope("truc1"), now=NOW)


@pytest.mark.parametrize(
    ("who", "verb", "refused"),
    [
        ("truc1", "assign", NotAllowedError),  # the operator verifies, the leader assigns
        ("chutich", "verify", NotAllowedError),
        ("canbo.dian", "verify", errors.TicketNotFoundError),
        ("nguoila", "verify", errors.TicketNotFoundError),
        ("canbo.phucuong", "assign", NotAllowedError),
    ],
)
def test_who_may_not_move(
    ticket: Ticket, move: Move, who: str, verb: str, refused: type[Exception]
) -> None:
    with pytest.raises(refused):
        move(ticket, verb, who=who)
    assert Ticket.objects.get().state == "new"


def test_who_may_not_open(open_ticket: Open) -> None:
    for who in ("chutich", "canbo.dian", "nguoila", "quantri"):
        with pytest.raises(NotAllowedError):
            open_ticket(who=who)


def test_the_helping_unit_sees_and_works_on_the_ticket(world: World, open_ticket: Open) -> None:
    scope = world.scope("canbo.dian")
    ticket = open_ticket(cooperating=[world.unit("25942")])
    assert queries.visible(scope).filter(pk=ticket.pk).exists()
    actions.add_evidence(ticket=ticket.pk, kind="figure", note="Hỗ trợ bơm", by=scope, now=NOW)


def test_the_lead_unit_is_told(world: World, ticket: Ticket, move: Move) -> None:
    move(ticket, "assign")
    titles = [one.title for one in notifications.messages(world.accounts["thongke.stnmt"])[0]]
    assert any(title.startswith("PDH-2026-0001") for title in titles)


# From an alert and back to it.


def test_closing_the_ticket_closes_its_alert(
    world: World, alert: int, open_ticket: Open, move: Move
) -> None:
    ticket = open_ticket(alert_id=alert)
    assert alerts.alert(alert, access.EVERYTHING).state == "acknowledged"
    to_done(world, ticket, move)
    move(ticket, "approve")
    move(ticket, "close", outcome="false", reason="Cảm biến bẩn")
    outcome = alerts.last_outcome("muc-nuoc", world.unit("25747"))
    assert outcome is not None
    assert (outcome.outcome, outcome.closed_by) == ("false", "Lê Thị Thu Hà")
    assert "PDH-2026-0001" in outcome.note


def test_an_alert_closed_by_hand_keeps_its_outcome(
    world: World, alert: int, open_ticket: Open, move: Move
) -> None:
    ticket = open_ticket(alert_id=alert)
    alerts.close(alert=alert, outcome="data_fault", note="Lỗi", by=world.scope("truc1"), now=NOW)
    to_done(world, ticket, move)
    move(ticket, "approve")
    move(ticket, "close", outcome="true", reason="Xong")
    assert alerts.alert(alert, access.EVERYTHING).outcome == "data_fault"


def test_one_alert_has_one_open_ticket(alert: int, open_ticket: Open) -> None:
    first = open_ticket(alert_id=alert)
    with pytest.raises(errors.AlreadyOpenError, match=first.number):
        open_ticket(alert_id=alert)


def test_merging_calls_the_alert_a_duplicate(
    alert: int, ticket: Ticket, open_ticket: Open, move: Move
) -> None:
    move(open_ticket(alert_id=alert), "merge", other_ticket=ticket.pk, reason="Cùng vụ")
    assert alerts.alert(alert, access.EVERYTHING).outcome == "duplicate"


def test_an_unfinished_procedure_holds_the_ticket_open(
    world: World, open_ticket: Open, move: Move
) -> None:
    ticket = open_ticket(kind="indicator", procedure=CHECKLIST)
    for verb in ("verify", "assign", "accept", "start"):
        move(ticket, verb)
    bring(world, ticket)
    with pytest.raises(errors.StepsOpenError):
        move(ticket, "finish")
    complete(world, ticket, "doi_chieu", "sai")
    complete(world, ticket, "sua_so_lieu")
    assert move(ticket, "finish").state == "done"
