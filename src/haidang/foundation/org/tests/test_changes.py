"""Sets of changes: what they do to the register, what they refuse, undone without a trace."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from haidang.foundation.core.audit import SYSTEM, Actor
from haidang.foundation.core.models import AuditEntry, OutboxEvent
from haidang.foundation.org import api as org
from haidang.foundation.org.actions import drafting, participants
from haidang.foundation.org.errors import ReversedTooEarlyError
from haidang.foundation.org.models import ChangeSet, UnitVersion
from haidang.foundation.org.queries import changes as known
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
DAY = date(2025, 7, 1)
BEFORE = DAY - timedelta(days=1)
WRITER, OTHER = Actor(1, "Phan Anh Tuấn"), Actor(2, "Trần Minh Hải")


def ward(code: str, name: str, parent: str = "74") -> org.UnitRow:
    return org.UnitRow(
        code, f"Phường {name}", name, "commune", "ubnd", parent, designation="Phường"
    )


def whole(unit: str, target: str, kind: str = "merge") -> org.Change:
    return org.Change(unit, kind, (org.PartRow(target),))


# 25747 stays under another name and takes part of 25741; 90001 is new; the districts are no more.
PLAN = org.Plan(
    DAY,
    changes=(
        whole("25747", "25747", "merge"),
        org.Change(
            "25741", "split", (org.PartRow("25747", Decimal(1)), org.PartRow("90001", Decimal(3)))
        ),
        whole("25942", "90001"),
        whole("718", "74", "abolish"),
        whole("724", "74", "abolish"),
    ),
    after=(ward("25747", "Thủ Dầu Một"), replace(ward("90001", "Dĩ An Mới"), aliases=("X-1",))),
)


@pytest.fixture
def world() -> World:
    return build_world()


def approved(plan: org.Plan = PLAN) -> int:
    change_set = org.draft_changes(title="Sắp xếp 2025", plan=plan, by=WRITER)
    org.approve_changes(change_set=change_set, by=OTHER)
    return change_set


def applied(plan: org.Plan = PLAN) -> int:
    change_set = approved(plan)
    org.apply_changes(change_set=change_set, by=WRITER, now=timezone.now())
    return change_set


def undo(change_set: int) -> None:
    org.undo_changes(change_set=change_set, by=WRITER, reason="Áp dụng nhầm", now=timezone.now())


def picture() -> list[tuple[object, ...]]:
    """Everything that the register says of units, to be compared."""
    rows = UnitVersion.objects.order_by("unit__code", "valid").select_related("unit", "parent")
    return [
        (row.unit.code, row.valid.lower, row.valid.upper, row.name, row.level_id,
         row.parent.code if row.parent else None)
        for row in rows
    ]  # fmt: skip


def test_units_end_begin_and_change_on_the_day(world: World) -> None:
    applied()

    assert {ref.code for ref in org.all_units("commune", on=BEFORE)} == {"25741", "25747", "25942"}
    assert {ref.code for ref in org.all_units("commune", on=DAY)} == {"25747", "90001"}
    assert org.all_units("district", on=DAY) == []
    assert org.unit("25747", on=BEFORE).name == "Phường Phú Cường"
    assert org.unit("25747", on=DAY).name == "Phường Thủ Dầu Một"
    assert [ref.code for ref in org.path(world.unit("25747"), on=DAY)] == ["74", "25747"]
    assert [ref.code for ref in org.path(world.unit("25747"), on=BEFORE)] == ["74", "718", "25747"]


def test_old_codes_keep_resolving_and_lead_to_their_successors(world: World) -> None:
    applied()

    assert org.unit("25741").name == "Phường Hiệp Thành"
    assert org.unit("X-1").code == "90001"
    ended = world.unit("25741")
    found = org.successors([ended, world.unit("25747"), world.unit("718")], DAY)
    assert [ref.code for ref in found[ended]] == ["90001", "25747"]
    assert [ref.code for ref in found[world.unit("718")]] == ["74"]
    assert world.unit("25747") not in found


def test_the_crosswalk_of_the_days_has_the_weights_of_the_set(world: World) -> None:
    applied()
    new = org.unit("90001").id

    walk = org.crosswalk_between(BEFORE, DAY)

    assert walk[world.unit("25741")] == {world.unit("25747"): Fraction(1, 4), new: Fraction(3, 4)}
    assert org.crosswalk_between(date(2024, 1, 1), BEFORE) == {}
    assert org.crosswalk_between(DAY, DAY + timedelta(days=99)) == {}
    with pytest.raises(org.NoWayBackError):
        org.crosswalk_between(DAY, BEFORE)


def test_ground_is_compared_with_all_that_is_under_a_unit(world: World) -> None:
    applied()

    assert org.same_ground(world.unit("74"), BEFORE, DAY)
    assert org.same_ground(world.unit("74.SYT"), BEFORE, DAY)
    assert not org.same_ground(world.unit("25747"), DAY, BEFORE)
    assert org.same_ground(world.unit("25747"), date(2024, 1, 1), BEFORE)


def test_undoing_leaves_everything_as_it_was(world: World) -> None:
    before = picture()
    change_set = applied()
    assert picture() != before

    undo(change_set)

    assert picture() == before
    assert org.crosswalk_between(BEFORE, DAY) == {}
    with pytest.raises(org.UnitNotFoundError):
        org.unit("90001")


def test_an_undone_set_can_be_mended_and_applied_again(world: World) -> None:
    change_set = applied()
    after = picture()
    undo(change_set)

    org.reopen_changes(change_set=change_set, by=WRITER, reason="Soạn lại")
    org.approve_changes(change_set=change_set, by=OTHER)
    org.apply_changes(change_set=change_set, by=WRITER, now=timezone.now())

    assert picture() == after


def test_every_step_is_audited_and_the_change_published(world: World) -> None:
    undo(applied())

    said = AuditEntry.objects.filter(object_type="org.changeset").order_by("pk")
    assert [entry.action for entry in said] == [
        "org.changes_drafted", "org.changes_approved", "org.changes_applied", "org.changes_undone",
    ]  # fmt: skip
    assert said[3].reason == "Áp dụng nhầm"
    assert OutboxEvent.objects.filter(name="org.map_changed").count() == 2


def test_who_drafts_does_not_approve_not_even_in_the_database(world: World) -> None:
    change_set = org.draft_changes(title="Sắp xếp", plan=PLAN, by=WRITER)

    with pytest.raises(org.OwnDraftError):
        org.approve_changes(change_set=change_set, by=WRITER)
    row = ChangeSet.objects.get(pk=change_set)
    row.state, row.approved_by, row.approved_at = "approved", WRITER.id, timezone.now()
    with pytest.raises(IntegrityError, match="change_set_two_persons"), transaction.atomic():
        row.save()


def test_a_set_applies_neither_before_its_day_nor_unapproved_nor_twice(world: World) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    with pytest.raises(org.TooEarlyError):
        applied(replace(PLAN, on=tomorrow))
    draft = org.draft_changes(title="Sắp xếp", plan=PLAN, by=WRITER)
    with pytest.raises(org.WrongStateError):
        org.apply_changes(change_set=draft, by=WRITER, now=timezone.now())
    change_set = applied()
    with pytest.raises(org.WrongStateError):
        org.apply_changes(change_set=change_set, by=WRITER, now=timezone.now())


def test_what_came_after_keeps_a_set_from_being_undone(world: World) -> None:
    change_set = applied()
    org.rename(
        unit=org.unit("90001").id, name="Phường Khác", short_name="Khác", on=date(2025, 9, 1),
        by=SYSTEM,
    )  # fmt: skip
    org.create_unit(
        org.UnitRow("90001.1", "Tổ 1", "Tổ 1", "room", "room", "90001"), on=date(2025, 9, 1),
        by=SYSTEM,
    )  # fmt: skip

    with pytest.raises(org.DependedUponError) as refused:
        undo(change_set)

    assert len(refused.value.blockers) == 2


def test_no_set_is_pushed_in_before_another_change(world: World) -> None:
    org.rename(
        unit=world.unit("25942"), name="Khác", short_name="K", on=date(2025, 9, 1), by=SYSTEM
    )

    with pytest.raises(org.LaterChangeError):
        approved()


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (replace(PLAN, changes=()), "chưa có thay đổi nào"),
        (replace(PLAN, changes=(*PLAN.changes[:2], *PLAN.changes[3:])), "còn 1 đơn vị trực thuộc"),
        (replace(PLAN, changes=(*PLAN.changes, whole("25942", "90001"))), "được khai 2 lần"),
        (replace(PLAN, changes=(whole("25942", "99999"),), after=()), "99999"),
        (replace(PLAN, changes=(org.Change("25942", "split", (org.PartRow("25747"),)),), after=()),
         "ít nhất hai phần"),
        (replace(PLAN, after=(*PLAN.after, ward("90002", "Thừa"))), "không nhận phần nào"),
    ],
)  # fmt: skip
def test_an_impossible_plan_is_refused_in_words(world: World, plan: org.Plan, said: str) -> None:
    with pytest.raises(org.ImpossiblePlanError) as refused:
        approved(plan)

    assert any(said in problem for problem in refused.value.problems)


def test_a_list_of_places_weighs_by_their_number() -> None:
    part = org.PartRow("25747", places=("Khu phố 1", "Khu phố 2"))

    assert part.size == 2


def test_participants_act_in_the_transaction_of_the_set(world: World, monkeypatch) -> None:
    class Refusing(org.Participant):
        def apply(self, reform: org.Reform, by: Actor) -> dict[str, object]:
            raise RuntimeError

    monkeypatch.setitem(participants._participants, "x", Refusing())
    before, change_set = picture(), approved()

    with pytest.raises(RuntimeError):
        org.apply_changes(change_set=change_set, by=WRITER, now=timezone.now())

    assert picture() == before
    assert known.change_set(change_set).state == "approved"


LATER = date(2025, 9, 1)
WEIGHED = replace(
    PLAN,
    changes=(
        org.Change("25747", "merge", (org.PartRow("25747", Decimal(6)),)),
        PLAN.changes[1],
        org.Change("25942", "merge", (org.PartRow("90001", Decimal(5)),)),
        *PLAN.changes[3:],
    ),
)


def test_the_way_back_brings_the_units_again_and_parts_what_was_joined(world: World) -> None:
    before, made = picture(), applied(WEIGHED)
    back = org.reverse_changes(change_set=made, on=LATER, by=WRITER)
    with pytest.raises(org.OwnDraftError):
        org.approve_changes(change_set=back, by=WRITER)
    org.approve_changes(change_set=back, by=OTHER)
    org.apply_changes(change_set=back, by=WRITER, now=timezone.now())

    for level in ("district", "commune"):
        assert org.all_units(level, on=LATER) == org.all_units(level, on=BEFORE)
    assert [ref.code for ref in org.path(world.unit("25747"), on=LATER)] == ["74", "718", "25747"]
    assert org.unit("25747", on=DAY).name == "Phường Thủ Dầu Một", "what was stays what was"
    ids = {code: world.unit(code) for code in ("25741", "25747", "25942")}
    assert org.crosswalk_between(DAY, LATER) == {
        ids["25747"]: {ids["25747"]: Fraction(6, 7), ids["25741"]: Fraction(1, 7)},
        org.unit("90001").id: {ids["25741"]: Fraction(3, 8), ids["25942"]: Fraction(5, 8)},
    }
    assert org.crosswalk_between(BEFORE, LATER) == {}, "there and back is where one was"
    undo(back)
    undo(made)
    assert picture() == before


def test_a_way_back_that_was_written_anew_is_no_longer_the_exact_one(world: World) -> None:
    made = applied(WEIGHED)
    back = org.reverse_changes(change_set=made, on=LATER, by=WRITER)
    row = known.change_set(back)
    plan = known.plan_of(row)
    drafting.redraft(change_set=back, plan=replace(plan, on=date(2025, 10, 1)), by=WRITER)
    assert known.change_set(back).reverses_id == made, "another day changes nothing of the ground"
    split = replace(plan.changes[-1], parts=tuple(
        replace(part, amount=Decimal(1)) for part in plan.changes[-1].parts
    ))  # fmt: skip
    other = replace(plan, changes=(*plan.changes[:-1], split))
    drafting.redraft(change_set=back, plan=other, by=WRITER)
    assert known.change_set(back).reverses_id is None


def test_a_way_back_without_amounts_says_what_to_fill_in(world: World) -> None:
    made = applied()
    with pytest.raises(ReversedTooEarlyError):
        org.reverse_changes(change_set=made, on=DAY, by=WRITER)
    back = org.reverse_changes(change_set=made, on=LATER, by=WRITER)
    with pytest.raises(org.ImpossiblePlanError) as refused:
        org.approve_changes(change_set=back, by=OTHER)
    assert all("cần trọng số" in problem for problem in refused.value.problems)
