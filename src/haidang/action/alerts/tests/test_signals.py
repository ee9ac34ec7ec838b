"""From an observed state to an alert, once."""

from datetime import timedelta

import pytest

from haidang.action.alerts import actions
from haidang.action.alerts.models import Alert, AlertEvent, RuleVersion
from haidang.foundation.access import api as access
from haidang.foundation.core.models import AuditEntry, OutboxEvent
from tests.world import World

from .conftest import LEVEL, NOW, FakeIndicators, See, Timers, told


def define(world: World, *, minutes: int = 0, **changes: object) -> RuleVersion:
    given: dict[str, object] = {
        "code": "muc-nuoc-rieng", "kind": "state_change", "name": "Mực nước cao", "subject": LEVEL,
        "raises": {"critical"}, "clears": {"normal"}, "severity": 3,
        "owner_id": world.unit("74.IOC"), "reason": "Thử", "by": access.EVERYTHING, "now": NOW,
        "hold": timedelta(minutes=minutes),
    }  # fmt: skip
    return actions.define_rule(**(given | changes))


def test_a_critical_state_raises_one_alert_with_figures_and_an_owner(
    world: World, alert: Alert
) -> None:
    assert alert.number == "CB-2026-0001"
    assert alert.owner_id == world.unit("74.STNMT")  # competent for thuy-van in the province
    assert alert.cause == "hazard"
    assert "1,62 m" in alert.explanation
    assert "1,60 m" in alert.explanation
    assert alert.version.rule.code == "thuy-van-nguy-hiem"
    assert OutboxEvent.objects.filter(name="alerts.raised").count() == 1
    assert AuditEntry.objects.filter(action="alerts.raised", object_id=str(alert.pk)).exists()


def test_the_same_event_twice_counts_once(see: See) -> None:
    see("critical", event=7)
    see("normal", event=8)
    see("critical", event=7)
    alert = Alert.objects.get()
    assert (alert.count, alert.cleared_at is not None) == (1, True)


def test_an_open_alert_is_counted_again_not_raised_again(see: See) -> None:
    see("critical")
    see("normal", after=5)
    see("critical", after=10)
    alert = Alert.objects.get()
    assert alert.count == 2
    assert alert.cleared_at is None
    kinds = list(alert.events.order_by("id").values_list("kind", flat=True))
    assert kinds == ["raised", "notified", "cleared", "seen_again"]


def test_back_to_normal_marks_the_alert_and_leaves_it_open(see: See) -> None:
    see("critical")
    see("normal", after=5)
    alert = Alert.objects.get()
    assert alert.cleared_at == NOW + timedelta(minutes=5)
    assert alert.state == "open"
    assert alert.events.filter(kind=AlertEvent.Kind.CLEARED).exists()


def test_a_restated_state_never_raises(see: See) -> None:
    see("critical", may_raise=False)
    assert not Alert.objects.exists()


def test_units_have_alerts_of_their_own_and_numbers_without_gaps(see: See) -> None:
    see("critical", unit="25747")
    see("critical", unit="25741")
    assert [one.number for one in Alert.objects.order_by("id")] == [
        "CB-2026-0001", "CB-2026-0002",
    ]  # fmt: skip


def test_a_minimum_duration_waits_for_its_wake_up(world: World, see: See, timers: Timers) -> None:
    define(world, minutes=10)
    see("critical")
    assert not Alert.objects.exists()
    [(ref, due_at)] = timers.waiting.items()
    assert due_at == NOW + timedelta(minutes=10)
    actions.wake(key=ref, now=NOW + timedelta(minutes=9))
    assert not Alert.objects.exists()
    actions.wake(key=ref, now=due_at)
    actions.wake(key=ref, now=due_at)
    assert Alert.objects.get().first_seen_at == due_at


def test_a_short_peak_is_forgotten_with_its_wake_up(world: World, see: See, timers: Timers) -> None:
    define(world, minutes=10)
    see("critical")
    see("normal", after=3)
    assert not timers.waiting
    assert not Alert.objects.exists()


def test_a_retired_rule_raises_nothing_but_still_clears(world: World, see: See) -> None:
    define(world)
    see("critical")
    for rule in ("muc-nuoc-rieng", "thuy-van-nguy-hiem", "chi-tieu-nguy-hiem"):
        actions.retire_rule(
            code=rule, reason="Thử", by=access.EVERYTHING, now=NOW + timedelta(minutes=1)
        )
    see("critical", after=2, unit="25741")
    see("normal", after=3)
    assert Alert.objects.get().cleared_at is not None


@pytest.mark.usefixtures("indicators")
def test_a_new_version_ends_the_old_one(world: World) -> None:
    define(world)
    second = define(world, minutes=5, now=NOW + timedelta(hours=1))
    assert second.number == 2
    first = RuleVersion.objects.get(rule=second.rule, number=1)
    assert first.valid.upper == second.valid.lower


def test_a_rule_alone_never_tells_a_leader(world: World, alert: Alert) -> None:
    assert set(told(world)) == {"truc1", "truongca", "thongke.stnmt"}


def test_after_an_outcome_a_new_peak_is_a_new_alert(world: World, see: See, alert: Alert) -> None:
    actions.close(
        alert=alert.pk, outcome="true", note="Đã kiểm tra", by=world.scope("truc1"), now=NOW
    )
    see("normal", after=1)
    see("critical", after=2)
    assert [one.number for one in Alert.objects.order_by("id")] == [
        "CB-2026-0001", "CB-2026-0002",
    ]  # fmt: skip


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_rule_needs_its_reason(world: World, reason: str) -> None:
    with pytest.raises(actions.definitions.RuleNeedsReasonError):
        define(world, reason=reason)


def test_looking_over_raises_what_stands_and_nothing_twice(
    world: World, indicators: FakeIndicators, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions.survey, "indicators", indicators)
    indicators.standing = {world.unit("718"): "critical", world.unit("724"): "normal"}
    actions.look_over(now=NOW, levels=["district"])
    actions.look_over(now=NOW, levels=["district"])
    assert Alert.objects.get().unit_id == world.unit("718")
    assert Alert.objects.get().count == 1
