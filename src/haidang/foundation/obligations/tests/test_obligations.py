import datetime as dt
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.models import AuditEntry, OutboxEvent
from haidang.foundation.notifications import api as notifications
from haidang.foundation.obligations import api as obligations
from haidang.foundation.obligations.actions import reminders, wake_ups
from haidang.foundation.obligations.errors import UnknownWakeUpError
from haidang.foundation.obligations.models import Obligation, Reminder, WakeUp
from tests.world import World

# Monday 23/11/2026, 08:30 in Viet Nam
NOW = dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def _owe(world: World, **changes: Any) -> int:
    given: dict[str, Any] = {
        "kind": "ingest.delivery",
        "debtor_unit_id": world.unit("25747"),
        "creditor_unit_id": world.unit("74.IOC"),
        "due_at": NOW + 10 * HOUR,
        "clock": "running",
        "ref": "ingest.source:dan-so",
        "title": "Số liệu dân số tuần 47",
        "url": "/console/sources/dan-so/",
        "owed_since": NOW,
    }
    return obligations.owe(**(given | changes))


def _fire(moment: dt.datetime) -> None:
    """What the live worker does at a moment: wake-ups, then their jobs."""
    while waiting := list(WakeUp.objects.filter(due_at__lte=moment)):
        for row in waiting:
            row.delete()
            reminders.remind(obligation_id=int(row.ref), now=moment)


def _told(world: World, username: str) -> list[str]:
    return [message.title for message in notifications.messages(world.accounts[username])[0]]


def test_the_debtors_people_are_reminded_and_the_head_hears_after_the_deadline(
    world: World,
) -> None:
    owed = _owe(world)
    _fire(NOW + 6 * HOUR)  # ahead: at half time
    _fire(NOW + 10 * HOUR)  # overdue
    _fire(NOW + 23 * HOUR)  # the head
    assert _told(world, "canbo.phucuong") == [
        "Quá hạn: Số liệu dân số tuần 47",
        "Sắp đến hạn: Số liệu dân số tuần 47",
    ]
    assert _told(world, "chutich.phucuong") == ["Đơn vị quá hạn: Số liệu dân số tuần 47"]
    assert _told(world, "canbo.dian") == _told(world, "chutich") == []
    proofs = obligations.reminders(owed)
    assert [one.number for one in proofs] == [None, 1, None]
    assert proofs[1].copies[0].account_name == "Huỳnh Thị Mai"
    assert proofs[1].copies[0].read_at is None
    assert AuditEntry.objects.filter(action="obligations.reminded_overdue").count() == 1


def test_reminders_after_deadlines_are_counted_per_unit_and_year(world: World) -> None:
    for number in range(2):
        _owe(world, ref=f"r{number}", title=f"Việc {number}")
    _owe(world, ref="other", debtor_unit_id=world.unit("25942"))
    _fire(NOW + 10 * HOUR)
    assert obligations.reminder_counts(2026) == {world.unit("25747"): 2, world.unit("25942"): 1}
    _owe(world, ref="next year", due_at=NOW.replace(year=2027))
    _fire(NOW.replace(year=2027))
    phucuong = Reminder.objects.filter(year=2027, unit=world.unit("25747"), stage="overdue")
    numbers = sorted(phucuong.values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1)) != []


def test_a_reminder_that_was_read_says_when(world: World) -> None:
    owed = _owe(world)
    _fire(NOW + 10 * HOUR)
    [message], _ = notifications.messages(world.accounts["canbo.phucuong"])
    world.client("canbo.phucuong").post(f"/console/inbox/{message.id}/")
    proof = obligations.reminders(owed)[-1].copies[0]
    assert proof.read_at is not None
    assert notifications.unread_count(world.accounts["canbo.phucuong"]) == 0


def test_what_was_done_or_cancelled_is_reminded_no_more(world: World) -> None:
    _owe(world)
    _owe(world, ref="second")
    assert obligations.fulfil(ref="ingest.source:dan-so", at=NOW + HOUR, by=SYSTEM)
    assert obligations.cancel(ref="second", by=SYSTEM, reason="nhầm")
    assert not obligations.fulfil(ref="second", at=NOW, by=SYSTEM)
    assert not WakeUp.objects.exists()
    for row in Obligation.objects.all():
        assert reminders.remind(obligation_id=row.pk, now=NOW + 50 * HOUR) == []
    assert OutboxEvent.objects.filter(name="obligations.fulfilled").count() == 1


def test_owing_the_same_again_is_one_obligation_and_another_deadline_is_refused(
    world: World,
) -> None:
    first = _owe(world)
    assert _owe(world) == first
    with pytest.raises(obligations.AlreadyOwedError):
        _owe(world, due_at=NOW + 11 * HOUR)
    obligations.move(
        ref="ingest.source:dan-so", due_at=NOW + 20 * HOUR, by=SYSTEM, reason="gia hạn"
    )
    assert WakeUp.objects.get().due_at == NOW + 10 * HOUR
    obligations.fulfil(ref="ingest.source:dan-so", at=NOW, by=SYSTEM)
    assert _owe(world) != first


def test_a_working_clock_stands_still_at_night(world: World) -> None:
    thursday = NOW + 72 * HOUR
    with time_machine.travel(thursday, tick=False):
        # 16:00 on Thursday; one working hour is left of the day
        _owe(world, due_at=thursday + dt.timedelta(hours=7, minutes=30), clock="working")
    for hours, said in ((6, "còn 1 giờ làm việc"), (12, "quá hạn 1 giờ làm việc"),
                        (24, "quá hạn 2 giờ làm việc")):  # fmt: skip
        rows, _ = obligations.due(access.EVERYTHING, now=thursday + hours * HOUR)
        assert rows[0].standing == said


def test_each_sees_what_concerns_the_own_units(world: World) -> None:
    _owe(world)
    _owe(world, ref="dian", debtor_unit_id=world.unit("25942"), sector="y-te")
    _owe(world, ref="stnmt", debtor_unit_id=world.unit("74.STNMT"))
    _owe(world, ref="nuoc", debtor_unit_id=world.unit("25942"), sector="moi-truong")

    def seen(username: str, **filters: Any) -> set[str]:
        chosen = obligations.Filters(**filters)
        return {
            row.ref for row in obligations.due(world.scope(username), now=NOW, filters=chosen)[0]
        }

    assert seen("canbo.phucuong") == {"ingest.source:dan-so"}
    assert seen("canbo.dian") == {"dian", "nuoc"}
    assert seen("thongke.stnmt") == {"stnmt", "nuoc"}
    assert seen("thongke.stnmt", side="own") == {"stnmt"}
    assert len(seen("chutich")) == 4
    assert seen("nguoila") == set()
    assert seen("chutich", sector="y-te") == {"dian"}
    assert seen("chutich", unit_id=world.unit("718")) == {"ingest.source:dan-so"}


def test_the_list_asks_the_same_questions_however_long_it_is(world: World) -> None:
    client = world.client("canbo.phucuong")

    def page_of(total: int) -> tuple[int, str]:
        for number in range(Obligation.objects.count(), total):
            _owe(world, ref=f"r{number}", title=f"Việc số {number}",
                 due_at=timezone.now() - HOUR, owed_since=NOW - 900 * HOUR)  # fmt: skip
        world.scope("canbo.phucuong")  # remembered for a second
        with CaptureQueriesContext(connection) as asked:
            page = client.get("/console/obligations/").content.decode()
        return len(asked), page

    page_of(1)
    few, _ = page_of(2)
    many, page = page_of(14)
    assert many == few
    assert page.count("quá hạn") >= 14 and "Hiển thị 1–14 trong 14 việc" in page


def test_one_obligation_shows_its_proof_and_others_cannot_see_it(world: World) -> None:
    owed = _owe(world)
    _fire(NOW + 10 * HOUR)
    page = world.client("canbo.phucuong").get(f"/console/obligations/{owed}/").content.decode()
    assert "lần thứ 1 của đơn vị trong năm 2026" in page and "chưa đọc" in page
    assert world.client("canbo.dian").get(f"/console/obligations/{owed}/").status_code == 404


@pytest.mark.parametrize("path", ["/console/obligations/", "/console/obligations/1/"])
def test_strangers_and_visitors_do_not_enter(world: World, client: Any, path: str) -> None:
    assert client.get(path)["Location"].startswith("/accounts/login/")
    assert world.client("nguoila").get(path).status_code == 403


def test_a_wake_up_needs_somebody_to_wake(db: None) -> None:
    with pytest.raises(UnknownWakeUpError):
        obligations.wake_up(kind="nobody.home", ref="1", due_at=NOW)


def test_a_wake_up_is_moved_not_doubled_and_can_be_cancelled(db: None) -> None:
    obligations.on_wake("tests.ring", "tests.ring")
    obligations.wake_up(kind="tests.ring", ref="1", due_at=NOW)
    obligations.wake_up(kind="tests.ring", ref="1", due_at=NOW + HOUR)
    assert WakeUp.objects.get().due_at == NOW + HOUR
    assert wake_ups.fire_due(now=NOW) == 0
    assert obligations.cancel_wake_up(kind="tests.ring", ref="1")
    assert not obligations.cancel_wake_up(kind="tests.ring", ref="1")
