"""Open tickets and alerts go along when the map changes, closed ones stay where they were."""

from datetime import date

import pytest
from django.utils import timezone

from haidang.action.operations.actions.reforms import tickets
from haidang.action.operations.models import Ticket
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.models import AuditEntry
from haidang.foundation.org import api as org
from tests.world import World

pytestmark = pytest.mark.django_db
PLAN = org.Plan(date(2025, 7, 1), changes=(org.Change("25747", "merge", (org.PartRow("25741"),)),))


def test_an_open_ticket_goes_to_the_successor_and_back(world: World, open_ticket) -> None:
    ticket = open_ticket(lead="25747", authority="giao", legal_basis="QĐ 1")
    found = {(one.what, one.heir) for one in tickets().holdings(PLAN)}
    assert {("Phiếu điều hành tại đơn vị", "25741"), ("Phiếu do đơn vị chủ trì", "25741")} <= found
    made = org.draft_changes(title="Sắp xếp", plan=PLAN, by=SYSTEM)
    org.approve_changes(change_set=made, by=SYSTEM)

    org.apply_changes(change_set=made, by=SYSTEM, now=timezone.now())
    moved = Ticket.objects.get(pk=ticket.pk)
    assert (moved.unit_id, moved.lead_id) == (world.unit("25741"),) * 2
    assert AuditEntry.objects.filter(action="operations.handed_over").exists()

    org.undo_changes(change_set=made, by=SYSTEM, reason="Nhầm", now=timezone.now())
    back = Ticket.objects.get(pk=ticket.pk)
    assert (back.unit_id, back.lead_id) == (world.unit("25747"),) * 2
