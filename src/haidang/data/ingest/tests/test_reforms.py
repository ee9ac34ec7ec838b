"""Devices when the map changes: who they report for afterwards, and after undoing."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from haidang.data.ingest.intake.registry import Registry
from haidang.data.ingest.models import Device, Source
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.models import AuditEntry
from haidang.foundation.org import api as org
from tests.world import World

PLAN = org.Plan(
    date(2025, 7, 1),
    changes=(
        org.Change(
            "25741",
            "split",
            (org.PartRow("25747", Decimal(1)), org.PartRow("25942", Decimal(3))),
        ),
    ),
)


@pytest.fixture
def fleet(world: World, sensors: str) -> Registry:
    """A registry as intake holds it, of two devices: one whose commune ends, one whose goes on."""
    owner = Source.objects.get(code=sensors)
    for code, unit in (("KK-1", "25741"), ("KK-2", "25747")):
        Device.objects.create(code=code, source=owner, unit_id=world.unit(unit), metrics=["pm25"])
    registry = Registry()
    registry.load()
    return registry


def units_of(registry: Registry) -> dict[str, str]:
    at = registry.device_indexes(["KK-1", "KK-2"])
    return {registry.devices[one]: registry.units[registry.unit_of[one]] for one in at}


def test_devices_report_for_the_unit_that_took_over_and_back(world: World, fleet: Registry) -> None:
    assert units_of(fleet) == {"KK-1": "25741", "KK-2": "25747"}
    made = org.draft_changes(title="Sắp xếp", plan=PLAN, by=SYSTEM)
    org.approve_changes(change_set=made, by=SYSTEM)
    org.apply_changes(change_set=made, by=SYSTEM, now=timezone.now())

    fleet.load()
    assert units_of(fleet) == {"KK-1": "25942", "KK-2": "25747"}, "the larger part takes over"
    assert AuditEntry.objects.filter(action="ingest.handed_over").count() == 1

    org.undo_changes(change_set=made, by=SYSTEM, reason="Nhầm", now=timezone.now())
    fleet.load()
    assert units_of(fleet) == {"KK-1": "25741", "KK-2": "25747"}
