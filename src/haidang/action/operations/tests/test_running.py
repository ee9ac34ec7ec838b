"""Procedures at work: steps in order, deadlines, timers, old runs."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from haidang.action.operations import actions, errors, procedures, queries
from haidang.action.operations.models import Activity, ProcedureVersion, Run, Ticket
from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.errors import NotAllowedError
from haidang.foundation.obligations import api as obligations
from tests.world import World

from .conftest import CHECKLIST, FLOOD, NOW, Move, Open, complete, step

DATA = Path(__file__).parent / "data"


def ready(ticket: Ticket) -> set[str]:
    open_steps = Activity.objects.filter(run__ticket=ticket, state="ready")
    return set(open_steps.values_list("step", flat=True))


@pytest.fixture
def flood(open_ticket: Open) -> Ticket:
    with time_machine.travel(NOW, tick=False):
        return open_ticket(procedure=FLOOD)


def owed(ticket: Ticket) -> dict[str, datetime]:
    """Return what is owed for the ticket: title and deadline."""
    found, _ = obligations.due(access.EVERYTHING, now=NOW)
    return {one.title: one.due_at for one in found if one.title.startswith(ticket.number)}


def test_the_first_step_is_the_centres_and_due_in_ten_minutes(world: World, flood: Ticket) -> None:
    first = step(flood, "xac_minh")
    assert first.unit_id == world.unit("74.IOC")
    assert first.due_at == NOW + timedelta(minutes=10)
    assert flood.due_at == first.due_at
    assert owed(flood) == {"PDH-2026-0001 · Xác minh điểm ngập": first.due_at}
    [shown] = queries.steps(flood.pk, now=NOW)
    assert shown.time_left is not None
    assert shown.time_left.text == "còn 10 phút"


def test_the_answer_chooses_the_branch(world: World, flood: Ticket) -> None:
    with pytest.raises(errors.AnswerNeededError):
        complete(world, flood, "xac_minh")
    complete(world, flood, "xac_minh", "sai")
    assert ready(flood) == {"ghi_nhan_sai"}
    complete(world, flood, "ghi_nhan_sai")
    assert Run.objects.get().completed_at == NOW
    flood.refresh_from_db()
    assert flood.due_at is None
    assert owed(flood) == {}


def test_the_long_branch_runs_to_its_end(world: World, flood: Ticket) -> None:
    complete(world, flood, "xac_minh", "dung")
    assert ready(flood) == {"thong_bao", "hien_truong"}
    complete(world, flood, "hien_truong")
    assert ready(flood) == {"thong_bao"}
    complete(world, flood, "thong_bao")
    complete(world, flood, "danh_gia", "nang", note="Sâu 60 cm")
    assert step(flood, "so_tan").unit_id == world.unit("25747")
    for name in ("so_tan", "rut_nuoc", "rut_kinh_nghiem"):
        assert ready(flood) == {name}
        complete(world, flood, name)
    assert Run.objects.get().completed_at is not None


def test_working_deadlines_skip_the_night(world: World, open_ticket: Open) -> None:
    ticket = open_ticket(kind="indicator", procedure=CHECKLIST)
    complete(world, ticket, "doi_chieu", "dung")
    due = step(ticket, "nguyen_nhan").due_at
    # 480 working minutes from Monday 10:41: 49' + 210' that day, none on the holiday of 24/11,
    # 221' on Wednesday from 07:30.
    assert due == datetime(2026, 11, 25, 4, 11, tzinfo=UTC)


def test_a_timer_brings_the_chasing_step_once(world: World, flood: Ticket) -> None:
    with time_machine.travel(NOW, tick=False):
        complete(world, flood, "xac_minh", "dung")
    run = Run.objects.get()
    with time_machine.travel(NOW + timedelta(minutes=29), tick=False):
        actions.wake_run(run_id=run.pk, now=NOW + timedelta(minutes=29))
        assert "don_doc" not in ready(flood)
    later = NOW + timedelta(minutes=30, seconds=1)
    with time_machine.travel(later, tick=False):
        actions.wake_run(run_id=run.pk, now=later)
        actions.wake_run(run_id=run.pk, now=later)
    assert ready(flood) == {"thong_bao", "hien_truong", "don_doc"}
    assert step(flood, "don_doc").started_at == later


def test_a_step_done_in_time_takes_its_timer_away(world: World, flood: Ticket) -> None:
    with time_machine.travel(NOW, tick=False):
        complete(world, flood, "xac_minh", "dung")
        complete(world, flood, "hien_truong")
    later = NOW + timedelta(hours=2)
    with time_machine.travel(later, tick=False):
        actions.wake_run(run_id=Run.objects.get().pk, now=later)
    assert ready(flood) == {"thong_bao"}


def test_two_at_one_step_the_second_hears_who_was_first(world: World, flood: Ticket) -> None:
    complete(world, flood, "xac_minh", "dung", by=world.scope("truc1"))
    with pytest.raises(errors.StepNotReadyError, match="Phạm Quốc Bảo"):
        complete(world, flood, "xac_minh", "sai", by=world.scope("truongca"))


@pytest.mark.parametrize(
    ("who", "refused"),
    [
        ("chutich", NotAllowedError),
        ("canbo.phucuong", NotAllowedError),  # sees the ticket; the step is the Centre's
        ("canbo.dian", errors.ActivityNotFoundError),
        ("nguoila", errors.ActivityNotFoundError),
    ],
)
def test_who_may_not_complete_a_step(
    world: World, flood: Ticket, who: str, refused: type[Exception]
) -> None:
    with pytest.raises(refused):
        complete(world, flood, "xac_minh", "dung", by=world.scope(who))


def test_another_lead_takes_over_the_open_steps(world: World, flood: Ticket, move: Move) -> None:
    complete(world, flood, "xac_minh", "dung")
    due = step(flood, "hien_truong").due_at
    move(flood, "assign", lead_unit_id=world.unit("718"))
    taken = step(flood, "hien_truong")
    assert (taken.unit_id, taken.due_at) == (world.unit("718"), due)
    assert step(flood, "thong_bao").unit_id == world.unit("74.IOC")


def test_an_ended_ticket_lets_its_debtors_off(world: World, flood: Ticket, move: Move) -> None:
    move(flood, "transfer", lead_unit_id=world.unit("74.CA"), reason="Đúng thẩm quyền")
    assert ready(flood) == set()
    assert owed(flood) == {}
    assert step(flood, "xac_minh").state == "skipped"


# Versions.


def changed(bpmn: str) -> str:
    return (
        bpmn.replace("Đánh giá độ sâu ngập", "Đánh giá độ sâu và vận tốc dòng")
        .replace('id="rut_nuoc"', 'id="rut_nuoc_2"')
        .replace('targetRef="rut_nuoc"', 'targetRef="rut_nuoc_2"')
        .replace('sourceRef="rut_nuoc"', 'sourceRef="rut_nuoc_2"')
    )


def test_an_old_run_goes_on_with_its_own_definition(world: World, ticket: Ticket) -> None:
    """A run that was saved under version 1, after version 2 has been published."""
    first = (DATA / "version-1.bpmn").read_text(encoding="utf-8")
    one = actions.publish_procedure(code="cu", bpmn=first, by=SYSTEM, now=NOW)
    two = actions.publish_procedure(code="cu", bpmn=changed(first), by=SYSTEM, now=NOW)
    assert (one.number, two.number) == (1, 2)
    state = json.loads((DATA / "run-of-version-1.json").read_text(encoding="utf-8"))
    run = Run.objects.create(
        ticket=ticket, version=one, serializer_version=state["serializer_version"],
        state=state, started_at=NOW,
    )  # fmt: skip
    actions.wake_run(run_id=run.pk, now=NOW)  # its timer is long due
    assert ready(ticket) == {"hien_truong", "don_doc"}
    complete(world, ticket, "hien_truong")
    assert step(ticket, "danh_gia").title == "Đánh giá độ sâu ngập"
    complete(world, ticket, "danh_gia", "nhe")
    complete(world, ticket, "don_doc")
    complete(world, ticket, "rut_nuoc")
    complete(world, ticket, "rut_kinh_nghiem")
    run.refresh_from_db()
    assert run.completed_at == NOW


def test_the_same_text_is_the_same_version(world: World) -> None:
    before = ProcedureVersion.objects.count()
    actions.install_starter(by=SYSTEM, now=NOW)
    assert ProcedureVersion.objects.count() == before


def test_a_procedure_with_a_script_is_not_published(world: World) -> None:
    first = (DATA / "version-1.bpmn").read_text(encoding="utf-8")
    with pytest.raises(errors.ProcedureError):
        actions.publish_procedure(
            code="xau",
            bpmn=first.replace("userTask", "scriptTask"),
            by=SYSTEM,
            now=NOW,
        )


def test_a_restored_run_is_still_restricted() -> None:
    state = json.loads((DATA / "run-of-version-1.json").read_text(encoding="utf-8"))
    hostile = json.loads(
        json.dumps(state).replace('danh_gia == \\"nang\\"', "__import__('os').system('id')")
    )
    assert hostile != state
    progress = procedures.look(hostile)
    tasks = {one.step: one.task for one in progress.ready}
    progress = procedures.complete(hostile, tasks["hien_truong"], {})
    tasks = {one.step: one.task for one in progress.ready}
    with pytest.raises(Exception, match="Error evaluating expression"):
        procedures.complete(progress.state, tasks["danh_gia"], {"danh_gia": "nang"})
