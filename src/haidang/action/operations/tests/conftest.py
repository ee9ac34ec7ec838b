"""A world with the shipped procedures, an alert, and tickets by one call."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.apps import apps

from haidang.action.alerts import api as alerts
from haidang.action.operations import actions
from haidang.action.operations.models import Activity, Ticket
from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM
from tests.world import World, build_world

# A Monday, 10:41 in the province.
NOW = datetime(2026, 11, 23, 3, 41, tzinfo=UTC)
FLOOD, CHECKLIST = "ngap-trieu-cuong", "chi-tieu-vuot-nguong"

Open = Callable[..., Ticket]
Move = Callable[..., Ticket]


@pytest.fixture
def world(db: None) -> World:
    built = build_world()
    actions.install_starter(by=SYSTEM, now=NOW)
    return built


@pytest.fixture
def open_ticket(world: World) -> Open:
    """Open a flood ticket at Phú Cường led by the environment department, by the operator."""

    def opened(*, who: str = "truc1", lead: str = "74.STNMT", **changes: object) -> Ticket:
        given: dict[str, object] = {
            "kind": "flood", "title": "Ngập đường Bạch Đằng", "severity": 3,
            "unit_id": world.unit("25747"), "lead_unit_id": world.unit(lead),
            "authority": "de_nghi_phoi_hop", "sector": "thuy-van",
            "by": world.scope(who), "now": NOW,
        }  # fmt: skip
        return Ticket.objects.get(pk=actions.open_ticket(**(given | changes)))

    return opened


@pytest.fixture
def ticket(open_ticket: Open) -> Ticket:
    return open_ticket()


@pytest.fixture
def move(world: World) -> Move:
    """Make a move as somebody, the shift leader if nobody is named."""

    def moved(
        ticket: Ticket, verb: str, *, who: str = "truongca", seen: int | None = None,
        **details: object,
    ) -> Ticket:  # fmt: skip
        actions.move(
            ticket=ticket.pk, verb=verb, by=world.scope(who), now=NOW, seen_revision=seen,
            details=actions.Details(**details),
        )  # fmt: skip
        return Ticket.objects.get(pk=ticket.pk)

    return moved


def step(ticket: Ticket, name: str) -> Activity:
    return Activity.objects.get(run__ticket=ticket, step=name)


def complete(world: World, ticket: Ticket, name: str, answer: str = "", **more: object) -> None:
    given: dict[str, object] = {"by": world.scope("truongca"), "now": NOW} | more
    actions.complete_step(activity=step(ticket, name).pk, answer=answer, **given)


@pytest.fixture
def alert(world: World) -> int:
    """The id of an open alert; only events raise alerts, so its row is written here."""
    version = alerts.define_rule(
        code="thu", kind="state_change", name="Thử", raises={"critical"}, clears={"normal"},
        severity=4, owner_id=world.unit("74.IOC"), reason="Thử", by=access.EVERYTHING, now=NOW,
    )  # fmt: skip
    return (
        apps.get_model("alerts", "Alert")
        .objects.create(
            year=2026, serial=7, version=version, dedup_key="state:muc-nuoc:1",
            subject="muc-nuoc", subject_name="Mực nước", unit_id=world.unit("25747"),
            sector_id="thuy-van", owner_id=world.unit("74.STNMT"), severity=4, cause="hazard",
            explanation="Mực nước 1,62 m", first_seen_at=NOW, last_seen_at=NOW,
        )
        .pk
    )  # fmt: skip
