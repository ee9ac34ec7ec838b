"""Reminders counted per unit and year, each with its proof."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Max

from haidang.foundation.notifications import api as notifications
from haidang.foundation.obligations.models import Reminder


@dataclass(frozen=True)
class ReminderProof:
    """One reminder: what it was, when it went out, to whom, and when each read it."""

    id: int
    obligation_id: int
    title: str
    stage: str
    year: int
    number: int | None
    sent_at: dt.datetime
    copies: tuple[notifications.Proof, ...]


def reminder_counts(year: int) -> dict[int, int]:
    """Return for each unit how often it was reminded after a deadline in a year."""
    counted = Reminder.objects.filter(year=year, number__isnull=False)
    return dict(counted.values_list("unit").annotate(last=Max("number")))


def reminders(obligation_id: int) -> list[ReminderProof]:
    """Return every reminder of an obligation with its proof, the first first."""
    found = Reminder.objects.filter(obligation=obligation_id).select_related("obligation")
    rows = list(found.prefetch_related("copies").order_by("sent_at", "pk"))
    known = notifications.proofs(copy.message_id for row in rows for copy in row.copies.all())
    return [_proof(row, known) for row in rows]


def _proof(row: Reminder, known: dict[int, notifications.Proof]) -> ReminderProof:
    return ReminderProof(
        id=row.pk,
        obligation_id=row.obligation_id,
        title=str(row.obligation),
        stage=row.get_stage_display(),
        year=row.year,
        number=row.number,
        sent_at=row.sent_at,
        copies=tuple(known[copy.message_id] for copy in row.copies.all()),
    )
