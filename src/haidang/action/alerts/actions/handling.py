"""What people do with an alert: acknowledge it, close it with an outcome."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from haidang.action.alerts import queries, rules
from haidang.action.alerts.actions.raising import tell_pages
from haidang.action.alerts.errors import (
    AlertNotFoundError,
    AlreadyAcknowledgedError,
    AlreadyClosedError,
    OutcomeNeedsNoteError,
)
from haidang.action.alerts.models import Alert, AlertEvent, Outcome, State
from haidang.foundation.access import api as access
from haidang.foundation.core import audit, events
from haidang.foundation.core.audit import Actor


@transaction.atomic
def acknowledge(*, alert: int, by: access.Scope, now: datetime) -> None:
    """Take an alert on. When two try at once the second gets AlreadyAcknowledgedError."""
    row = _handled(alert, by)
    won = Alert.objects.filter(pk=row.pk, state=State.OPEN).update(
        state=State.ACKNOWLEDGED, acknowledged_at=now, acknowledged_by=by.label
    )
    if not won:
        raise _too_late(row.pk)
    AlertEvent.objects.create(alert=row, at=now, kind=AlertEvent.Kind.ACKNOWLEDGED, by=by.label)
    audit.record(action="alerts.acknowledged", on=row, by=by.actor)
    tell_pages(row)


def close(*, alert: int, outcome: str, note: str, by: access.Scope, now: datetime) -> None:
    """Close an alert with what it turned out to be.

    Raises AlertNotFoundError, NotAllowedError, OutcomeNeedsNoteError, AlreadyClosedError.
    """
    _handled(alert, by)
    settle(alert=alert, outcome=outcome, note=note, by=by.actor, now=now)


@transaction.atomic
def settle(*, alert: int, outcome: str, note: str, by: Actor, now: datetime) -> None:
    """Close an alert for an upper domain that has checked its own right (a ticket's closing)."""
    if not note.strip():
        raise OutcomeNeedsNoteError
    won = (
        Alert.objects.unclosed()
        .filter(pk=alert)
        .update(
            state=State.CLOSED,
            outcome=Outcome(outcome),
            closed_at=now,
            closed_by=by.label,
            note=note.strip(),
        )
    )
    if not won:
        raise _too_late(alert)
    row = Alert.objects.get(pk=alert)
    text = _("Kết luận: %(outcome)s. %(note)s") % {
        "outcome": row.get_outcome_display(),
        "note": row.note,
    }
    AlertEvent.objects.create(
        alert=row, at=now, kind=AlertEvent.Kind.CLOSED, by=by.label, text=text
    )
    audit.record(action="alerts.closed", on=row, by=by, changes={"outcome": outcome}, reason=note)
    events.publish(
        "alerts.closed",
        aggregate=f"alert:{row.pk}",
        alert=row.pk,
        subject=row.subject,
        unit=row.unit_id,
        outcome=outcome,
    )
    tell_pages(row)


def _handled(alert: int, by: access.Scope) -> Alert:
    """Return the alert when `by` may see it; NotAllowedError when they may not handle it."""
    row = queries.visible(by).filter(pk=alert).first()
    if row is None:
        raise AlertNotFoundError
    if not queries.visible(by, "alerts.handle").filter(pk=alert).exists():
        by.require("alerts.handle", row.unit_id, row.sector_id)
    return row


def _too_late(alert: int) -> AlreadyAcknowledgedError | AlreadyClosedError:
    """Say who was first."""
    row = Alert.objects.filter(pk=alert).first()
    if row is None:
        raise AlertNotFoundError
    if row.state == State.CLOSED and row.closed_at is not None:
        told = {"who": row.closed_by, "when": rules.moment(row.closed_at)}
        return AlreadyClosedError(_("Cảnh báo này đã được %(who)s đóng lúc %(when)s.") % told)
    assert row.acknowledged_at is not None
    told = {"who": row.acknowledged_by, "when": rules.moment(row.acknowledged_at)}
    return AlreadyAcknowledgedError(
        _("Cảnh báo này đã được %(who)s tiếp nhận lúc %(when)s.") % told
    )
