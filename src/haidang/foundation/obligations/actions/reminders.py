"""Remind debtors, count it, keep the proof; tell the unit's head after the deadline."""

import datetime as dt

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from haidang.foundation.access import api as access
from haidang.foundation.core import audit, events
from haidang.foundation.notifications import api as notifications
from haidang.foundation.obligations import clocks, kinds, rules
from haidang.foundation.obligations.actions.obligations import plan_next
from haidang.foundation.obligations.models import Obligation, Reminder, ReminderCopy
from haidang.foundation.obligations.permissions import HEAD
from haidang.foundation.org import api as org

_LEADS = {
    rules.AHEAD: "Sắp đến hạn",
    rules.OVERDUE: "Quá hạn",
    rules.ESCALATED: "Đơn vị quá hạn",
}


@transaction.atomic
def remind(*, obligation_id: int, now: dt.datetime) -> list[int]:
    """Send what the plan asks for now and set the next timer; return the reminders' ids.

    Idempotent: what is closed or was reminded already is left alone.
    """
    waiting = Obligation.objects.select_for_update(of=("self",))
    obligation = waiting.filter(pk=obligation_id, state=Obligation.State.OPEN).first()
    if obligation is None:
        return []
    clock = clocks.clock_of(obligation.clock)
    steps = rules.plan(obligation.owed_since, obligation.due_at, clock)
    stages, next_step = rules.steps_now(steps, obligation.next_step, obligation.due_at, now)
    sent = [_send(obligation, stage, now) for stage in stages]
    obligation.next_step = next_step
    obligation.save(update_fields=["next_step"])
    plan_next(obligation)
    return sent


def _send(obligation: Obligation, stage: str, now: dt.datetime) -> int:
    year = timezone.localtime(now).year
    reminder = Reminder.objects.create(
        obligation=obligation,
        unit_id=obligation.debtor_unit_id,
        stage=stage,
        year=year,
        number=_next_number(obligation.debtor_unit_id, year) if stage == rules.OVERDUE else None,
        sent_at=now,
    )
    copies = notifications.send(
        to=_people(obligation, stage),
        kind="obligations.reminder",
        title=f"{_LEADS[stage]}: {obligation.title}",
        body=_body(obligation, reminder, now),
        url=obligation.url or "/console/obligations/",
        ref=f"obligation:{obligation.pk}",
    )
    ReminderCopy.objects.bulk_create(
        ReminderCopy(reminder=reminder, message_id=message) for message in copies
    )
    events.publish(
        f"obligations.{stage}",
        aggregate=f"obligation:{obligation.pk}",
        obligation=obligation.pk,
        kind=obligation.kind,
        ref=obligation.ref,
    )
    audit.record(
        action=f"obligations.reminded_{stage}",
        on=obligation,
        by=audit.SYSTEM,
        changes={"reminder": reminder.pk, "number": reminder.number, "messages": copies},
    )
    _tell_mark(obligation, reminder)
    return reminder.pk


def _tell_mark(obligation: Obligation, reminder: Reminder) -> None:
    """Tell the heads of both sides when a unit has reached a mark of the regulation this year."""
    found = [one for one in rules.marks(settings.REMINDER_MARKS) if one.count == reminder.number]
    if not found:
        return
    unit = org.unit_by_id(obligation.debtor_unit_id)
    notifications.send(
        to=sorted({*_heads(obligation.debtor_unit_id), *_heads(obligation.creditor_unit_id)}),
        kind="obligations.mark",
        title=f"{unit.name} đã bị đôn đốc {reminder.number} lần trong năm {reminder.year}",
        body=f"{found[0].label} theo quy chế. Danh sách từng lần đôn đốc kèm chứng cứ.",
        url=f"/console/obligations/reminders/{unit.code}/?year={reminder.year}",
        ref=f"reminders:{unit.code}:{reminder.year}:{reminder.number}",
    )


def _heads(unit_id: int) -> list[int]:
    people = access.holders(HEAD, unit_id)
    return [one.id for one in people if one.unit_id == people[0].unit_id]


def _next_number(unit_id: int, year: int) -> int:
    """Return the next number of the unit's reminders; one transaction at a time may ask."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [year, unit_id])
    counted = Reminder.objects.filter(unit_id=unit_id, year=year)
    return (counted.aggregate(last=Max("number"))["last"] or 0) + 1


def _people(obligation: Obligation, stage: str) -> list[int]:
    """The nearest people of the debtor unit who answer for it; its head when it is late."""
    kind = kinds.kind(obligation.kind)
    capability = kind.headed_by if stage == rules.ESCALATED else kind.answered_by
    found = _nearest(capability, obligation)
    return found or _nearest(kind.headed_by, obligation)


def _nearest(capability: str, obligation: Obligation) -> list[int]:
    people = access.holders(capability, obligation.debtor_unit_id, obligation.sector_id)
    return [one.id for one in people if one.unit_id == people[0].unit_id]


def _body(obligation: Obligation, reminder: Reminder, now: dt.datetime) -> str:
    due = timezone.localtime(obligation.due_at)
    standing = clocks.words(obligation.due_at, now, obligation.clock)
    text = f"Hạn: {due:%H:%M ngày %d/%m/%Y} ({standing})."
    if reminder.number:
        text += f" Lần đôn đốc thứ {reminder.number} của đơn vị trong năm {reminder.year}."
    return text
