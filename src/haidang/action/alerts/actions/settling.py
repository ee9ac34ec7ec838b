"""End the alert about refused rows of a source once none of them waits any more."""

from datetime import datetime

from django.db import transaction

from haidang.action.alerts import rules
from haidang.action.alerts.actions import handling, signals
from haidang.action.alerts.models import Alert, Outcome, Signal
from haidang.data.ingest import api as ingest
from haidang.foundation.core import audit


@transaction.atomic
def settle_quarantine(*, key: str, now: datetime) -> bool:
    """Close a source's alert with what became of its rows; tell whether its trouble has ended.

    Those who decided every row have given the outcome: the data was at fault.
    """
    # Before the rows are counted: rows that come meanwhile raise again behind this lock.
    signal = Signal.objects.select_for_update().get(key=key)
    alert = Alert.objects.unclosed().filter(dedup_key=key).first()
    since = alert.first_seen_at if alert else now
    rows = ingest.waiting_rows(signal.subject, since=since)
    if rows.open:
        return False
    signals.end(signal, state=rules.NONE_WAITING, at=now)
    if alert is not None:
        handling.settle(
            alert=alert.pk,
            outcome=Outcome.DATA_FAULT,
            note=rules.settled(rows.mended, rows.discarded),
            by=audit.SYSTEM,
            now=now,
        )
    return True
