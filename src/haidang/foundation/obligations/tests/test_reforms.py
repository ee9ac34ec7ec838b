"""What is owed goes along when the map changes, and comes back."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.models import AuditEntry
from haidang.foundation.obligations import api as obligations
from haidang.foundation.obligations.actions.reforms import debts
from haidang.foundation.obligations.models import Obligation
from haidang.foundation.org import api as org
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
PLAN = org.Plan(date(2025, 7, 1), changes=(org.Change("25741", "merge", (org.PartRow("25747"),)),))


@pytest.fixture
def world() -> World:
    return build_world()


def owed(world: World) -> int:
    return obligations.owe(
        kind="report", debtor_unit_id=world.unit("25741"), creditor_unit_id=world.unit("74"),
        due_at=timezone.now() + timedelta(days=3), ref="r:1", title="Báo cáo tháng",
    )  # fmt: skip


def test_a_debt_goes_to_the_successor_and_back(world: World) -> None:
    debt = owed(world)
    assert [(one.title, one.heir) for one in debts().holdings(PLAN)] == [("Báo cáo tháng", "25747")]
    made = org.draft_changes(title="Sắp xếp", plan=PLAN, by=SYSTEM)
    org.approve_changes(change_set=made, by=SYSTEM)

    org.apply_changes(change_set=made, by=SYSTEM, now=timezone.now())
    assert Obligation.objects.get(pk=debt).debtor_unit_id == world.unit("25747")

    org.undo_changes(change_set=made, by=SYSTEM, reason="Nhầm", now=timezone.now())
    assert Obligation.objects.get(pk=debt).debtor_unit_id == world.unit("25741")
    assert AuditEntry.objects.filter(action="obligations.handed_over").count() == 2


def test_what_was_done_in_between_stays_done_by_who_did_it(world: World) -> None:
    debt = owed(world)
    made = org.draft_changes(title="Sắp xếp", plan=PLAN, by=SYSTEM)
    org.approve_changes(change_set=made, by=SYSTEM)
    org.apply_changes(change_set=made, by=SYSTEM, now=timezone.now())
    obligations.fulfil(ref="r:1", at=timezone.now(), by=SYSTEM)

    org.undo_changes(change_set=made, by=SYSTEM, reason="Nhầm", now=timezone.now())

    assert Obligation.objects.get(pk=debt).debtor_unit_id == world.unit("25747")
