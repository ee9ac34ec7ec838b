"""What people do with an alert, and who may not."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from haidang.action.alerts import actions, errors, queries
from haidang.action.alerts.models import Alert
from haidang.foundation.access import api as access
from haidang.foundation.core.errors import NotAllowedError
from haidang.foundation.core.models import AuditEntry
from tests.world import World, build_world

from .conftest import LEVEL, NOW


def close(world: World, alert: Alert, who: str = "truc1", **changes: str) -> None:
    given = {"outcome": "true", "note": "Đã gọi phường, đúng là ngập"} | changes
    actions.close(alert=alert.pk, by=world.scope(who), now=NOW, **given)


def test_acknowledging_names_the_person(world: World, alert: Alert) -> None:
    actions.acknowledge(alert=alert.pk, by=world.scope("truc1"), now=NOW)
    alert.refresh_from_db()
    assert (alert.state, alert.acknowledged_by) == ("acknowledged", "Phạm Quốc Bảo")
    assert AuditEntry.objects.filter(action="alerts.acknowledged").count() == 1


def test_the_second_to_acknowledge_hears_who_was_first(world: World, alert: Alert) -> None:
    actions.acknowledge(alert=alert.pk, by=world.scope("truc1"), now=NOW)
    with pytest.raises(errors.AlreadyAcknowledgedError, match="Phạm Quốc Bảo tiếp nhận lúc 10:41"):
        actions.acknowledge(alert=alert.pk, by=world.scope("truongca"), now=NOW)


def test_closing_keeps_outcome_person_and_note(world: World, alert: Alert) -> None:
    close(world, alert)
    outcome = queries.last_outcome(LEVEL, world.unit("25747"))
    assert outcome is not None
    assert (outcome.outcome, outcome.closed_by) == ("true", "Phạm Quốc Bảo")
    with pytest.raises(errors.AlreadyClosedError, match="đóng lúc"):
        close(world, alert, "truongca")


def test_closing_needs_a_note(world: World, alert: Alert) -> None:
    with pytest.raises(errors.OutcomeNeedsNoteError):
        close(world, alert, note="  ")


def test_the_database_refuses_a_closed_alert_without_an_outcome(alert: Alert) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Alert.objects.filter(pk=alert.pk).update(state="closed")
    with pytest.raises(IntegrityError), transaction.atomic():
        Alert.objects.filter(pk=alert.pk).update(outcome="true")


def test_the_database_refuses_two_open_alerts_of_one_series(alert: Alert) -> None:
    alert.pk, alert.serial = None, 99
    with pytest.raises(IntegrityError), transaction.atomic():
        alert.save(force_insert=True)


@pytest.mark.parametrize(
    ("who", "refused"),
    [
        ("chutich", NotAllowedError),  # sees, does not handle
        ("canbo.phucuong", NotAllowedError),
        ("canbo.dian", errors.AlertNotFoundError),
        ("nguoila", errors.AlertNotFoundError),
    ],
)
def test_who_may_not_handle(world: World, alert: Alert, who: str, refused: type[Exception]) -> None:
    with pytest.raises(refused):
        actions.acknowledge(alert=alert.pk, by=world.scope(who), now=NOW)
    with pytest.raises(refused):
        close(world, alert, who)


def test_the_owner_sees_alerts_about_places_it_does_not_govern(world: World, alert: Alert) -> None:
    steward = world.scope("thongke.stnmt")  # the department, owner of thuy-van alerts
    assert [one.id for one in queries.open_alerts(steward)[0]] == [alert.pk]
    actions.acknowledge(alert=alert.pk, by=steward, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_acknowledge_at_once_one_wins() -> None:
    world = build_world()
    alert = make_alert(world)
    scopes = [world.scope(who) for who in ("truc1", "truongca", "giamdoc.ioc")]
    won: list[str] = []
    lost: list[str] = []
    start = threading.Barrier(len(scopes))

    def run(scope: access.Scope) -> None:
        try:
            start.wait(10)
            actions.acknowledge(alert=alert, by=scope, now=NOW)
            won.append(scope.label)
        except errors.AlreadyAcknowledgedError as error:
            lost.append(error.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(scope,)) for scope in scopes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(won) == 1
    assert len(lost) == 2
    assert all(won[0] in message for message in lost)


def make_alert(world: World) -> int:
    version = actions.define_rule(
        code="thu", kind="state_change", name="Thử", raises={"critical"}, clears={"normal"},
        severity=3, owner_id=world.unit("74.IOC"), reason="Thử", by=access.EVERYTHING, now=NOW,
    )  # fmt: skip
    return Alert.objects.create(
        year=2026, serial=1, version=version, dedup_key="state:muc-nuoc:1", subject=LEVEL,
        subject_name="Mực nước", unit_id=world.unit("25747"), sector_id="thuy-van",
        owner_id=world.unit("74.STNMT"), severity=3, cause="hazard", explanation="Thử",
        first_seen_at=NOW, last_seen_at=NOW,
    ).pk  # fmt: skip


def test_outcomes_of_many_series_cost_one_query(
    world: World, alert: Alert, django_assert_num_queries: object
) -> None:
    close(world, alert)
    pairs = [(LEVEL, world.unit(code)) for code in ("25747", "25741", "718")]
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = queries.last_outcomes(pairs)
    assert list(found) == [pairs[0]]
    assert found[pairs[0]].label == "đúng, có sự việc"
