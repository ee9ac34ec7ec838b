"""The whole thread with the real indicators: a typed value, approved, to an outcome."""

from datetime import timedelta

import pytest
from django.utils import timezone

from haidang.action.alerts import api as alerts
from haidang.action.operations import actions, errors
from haidang.action.operations.models import Ticket
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.testing import run_jobs
from haidang.insight.indicators import api as indicators
from tests.world import World, build_world

VACCINATED = "tiem-chung"


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    # The lake has a connection of its own, which does not see this test's transaction.
    monkeypatch.setattr(warehouse, "commit", lambda batches: [])
    built = build_world()
    now = timezone.now()
    indicators.install_starter()
    alerts.install_starter(by=access.EVERYTHING, now=now)
    actions.install_starter(by=SYSTEM, now=now)
    return built


def report(world: World, value: float, *, heard: bool = True) -> None:
    pending = indicators.report_value(
        indicator=VACCINATED,
        unit_id=world.unit("25747"),
        period=timezone.now().replace(day=1) - timedelta(days=3),
        value=value,
        by=world.scope("canbo.phucuong"),
    )
    indicators.approve_values([pending], by=world.scope("chutich.phucuong"))
    if heard:
        run_jobs()


def of_phu_cuong(world: World) -> list[alerts.AlertRef]:
    found, _ = alerts.open_alerts(access.EVERYTHING, unit_id=world.unit("25747"))
    return [one for one in found if one.subject == VACCINATED]


def test_from_a_typed_value_to_a_closed_ticket_and_its_outcome(world: World) -> None:
    report(world, 20)
    [alert] = of_phu_cuong(world)
    assert alert.owner_id == world.unit("74.SYT")
    assert "20,0%" in alert.explanation
    assert "chậm nhiều" in alert.explanation

    leader = world.scope("truongca")
    now = timezone.now()
    ticket = actions.open_ticket(
        kind="indicator", title=alert.subject_name, severity=alert.severity,
        unit_id=alert.unit_id, lead_unit_id=alert.owner_id, authority="de_nghi_phoi_hop",
        sector=alert.sector, alert_id=alert.id, procedure="chi-tieu-vuot-nguong",
        by=leader, now=now,
    )  # fmt: skip
    for answer in ("sai", ""):
        [step] = Ticket.objects.get().run.activities.filter(state="ready")
        actions.complete_step(activity=step.pk, answer=answer, by=leader, now=now)
    for verb in ("verify", "assign", "accept", "start"):
        actions.move(ticket=ticket, verb=verb, by=leader, now=now)
    with pytest.raises(errors.EvidenceNeededError):
        actions.move(ticket=ticket, verb="finish", by=leader, now=now)

    report(world, 96)
    [alert] = of_phu_cuong(world)
    assert alert.cleared_at is not None
    actions.add_evidence(
        ticket=ticket, kind="figure", note="Tỷ lệ tiêm chủng 96%", by=leader, now=now
    )
    for verb in ("finish", "approve"):
        actions.move(ticket=ticket, verb=verb, by=leader, now=now)
    details = actions.Details(outcome="data_fault", reason="Gõ nhầm 20 thành 96")
    actions.move(ticket=ticket, verb="close", details=details, by=leader, now=now)

    assert of_phu_cuong(world) == []
    outcome = alerts.last_outcome(VACCINATED, world.unit("25747"))
    assert outcome is not None
    assert outcome.outcome == "data_fault"
    assert "Gõ nhầm" in outcome.note


def test_what_stood_before_the_rules_is_looked_over(world: World) -> None:
    report(world, 20, heard=False)
    alerts.look_over(now=timezone.now(), levels=["district"])
    found, total = alerts.open_alerts(access.EVERYTHING)
    assert (total, found[0].unit_id) == (1, world.unit("718"))
    assert of_phu_cuong(world) == []
