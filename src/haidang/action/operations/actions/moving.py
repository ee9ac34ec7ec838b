"""Move a ticket through its states: one function for every verb of `rules.states`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from haidang.action.alerts import api as alerts
from haidang.action.operations import queries
from haidang.action.operations.actions import opening, running, telling
from haidang.action.operations.errors import (
    EvidenceNeededError,
    MovedMeanwhileError,
    MoveNotPossibleError,
    OutcomeNeededError,
    ReasonNeededError,
    StepsOpenError,
    TicketNotFoundError,
)
from haidang.action.operations.models import Activity, Outcome, Ticket
from haidang.action.operations.rules import evidence as evidence_rules
from haidang.action.operations.rules import states
from haidang.foundation.access import api as access


@dataclass(frozen=True)
class Details:
    """What a move may ask for (`states.Needs`); what a verb does not need is ignored."""

    reason: str = ""
    lead_unit_id: int | None = None
    authority: str = ""
    legal_basis: str = ""
    cooperating: Collection[int] | None = None
    outcome: str = ""
    other_ticket: int | None = None


@transaction.atomic
def move(
    *,
    ticket: int,
    verb: str,
    by: access.Scope,
    now: datetime,
    details: Details = Details(),
    seen_revision: int | None = None,
) -> None:
    """Make one move. `seen_revision` is what the mover's page showed.

    When somebody else moved the ticket meanwhile, raises MovedMeanwhileError naming them. Also
    raises TicketNotFoundError, NotAllowedError, MoveNotPossibleError, ReasonNeededError,
    EvidenceNeededError, StepsOpenError, OutcomeNeededError.
    """
    row = queries.visible(by).filter(pk=ticket).first()
    if row is None:
        raise TicketNotFoundError
    if seen_revision is not None and seen_revision != row.revision:
        raise _moved_meanwhile(row)
    step = states.TABLE[states.Verb(verb)]
    if row.state not in step.sources:
        raise MoveNotPossibleError(
            _("Phiếu đang ở trạng thái “%(state)s” nên không làm được việc này.")
            % {"state": row.get_state_display()}
        )
    unit_id = row.lead_id if step.where is states.Where.LEAD else row.unit_id
    by.require(step.capability, unit_id, row.sector_id)
    _check(row, step, details, by)
    before = row.state
    _write(row, step, details, by, now)
    telling.note(
        row,
        verb=step.verb,
        by=by.actor,
        at=now,
        from_state=before,
        to_state=step.target,
        text=details.reason.strip(),
    )
    _follow_up(row, step, details, by, now)


def _check(row: Ticket, step: states.Move, details: Details, by: access.Scope) -> None:
    needs = states.Needs
    if needs.REASON in step.needs and not details.reason.strip():
        raise ReasonNeededError
    if needs.LEAD in step.needs:
        lead = details.lead_unit_id or row.lead_id
        opening.check_authority(_authority(row, step, details), lead, _basis(row, details))
    if needs.EVIDENCE in step.needs:
        _check_finished(row)
    if needs.OUTCOME in step.needs and not (
        details.outcome in Outcome.values and details.reason.strip()
    ):
        raise OutcomeNeededError
    if needs.TICKET in step.needs:
        _check_other(row, details, by)


def _check_finished(row: Ticket) -> None:
    if Activity.objects.filter(run__ticket=row, state=Activity.State.READY).exists():
        raise StepsOpenError
    given = row.evidence.values_list("kind", flat=True)
    if not evidence_rules.is_enough(row.kind, set(given)):
        raise EvidenceNeededError


def _check_other(row: Ticket, details: Details, by: access.Scope) -> None:
    other = queries.visible(by).unfinished().filter(pk=details.other_ticket or 0).first()
    if other is None or other.pk == row.pk:
        raise TicketNotFoundError


def _write(
    row: Ticket, step: states.Move, details: Details, by: access.Scope, now: datetime
) -> None:
    """Write the new state only over the revision that was read."""
    changes: dict[str, object] = {"state": step.target, "state_reason": details.reason.strip()}
    if states.Needs.LEAD in step.needs:
        changes |= {
            "lead_id": details.lead_unit_id or row.lead_id,
            "authority": _authority(row, step, details),
            "legal_basis": _basis(row, details),
        }
    if states.Needs.TICKET in step.needs:
        changes["merged_into_id"] = details.other_ticket
    if states.Needs.OUTCOME in step.needs:
        changes |= {"outcome": details.outcome, "closed_at": now, "closed_by": by.label}
    won = Ticket.objects.filter(pk=row.pk, revision=row.revision).update(
        revision=F("revision") + 1, **changes
    )
    if not won:
        raise _moved_meanwhile(row)
    row.refresh_from_db()


def _authority(row: Ticket, step: states.Move, details: Details) -> str:
    if step.verb is states.Verb.TRANSFER:
        return "chuyen_tham_quyen"
    return details.authority or row.authority


def _basis(row: Ticket, details: Details) -> str:
    return details.legal_basis.strip() or row.legal_basis


def _follow_up(
    row: Ticket, step: states.Move, details: Details, by: access.Scope, now: datetime
) -> None:
    """Do what a move brings about elsewhere: steps, messages, the alert."""
    if step.verb is states.Verb.ASSIGN:
        if details.cooperating is not None:
            opening.set_cooperating(row, details.cooperating)
        running.hand_over(ticket=row, by=by.actor, now=now)
        telling.tell_unit(row, row.lead_id, title=row.get_authority_display())
        for helper in queries.cooperating(row.pk):
            telling.tell_unit(row, helper.id, title=_("mời phối hợp"))
    if step.verb in (states.Verb.REFUSE, states.Verb.FINISH):
        telling.tell_unit(row, row.unit_id, title=row.get_state_display(), body=details.reason)
    if step.verb is states.Verb.TRANSFER:
        telling.tell_unit(row, row.lead_id, title=row.get_authority_display(), body=details.reason)
    if step.target in states.ENDED:
        running.end_run(ticket=row, by=by.actor, now=now, reason=row.get_state_display())
        _settle_alert(row, step, details, by, now)


def _settle_alert(
    row: Ticket, step: states.Move, details: Details, by: access.Scope, now: datetime
) -> None:
    """Pass the outcome on to the alert; a transferred ticket leaves its alert open."""
    if row.alert_id is None or step.verb is states.Verb.TRANSFER:
        return
    outcome = "duplicate" if step.verb is states.Verb.MERGE else details.outcome
    told = {"number": row.number, "note": details.reason.strip()}
    try:
        alerts.settle(
            alert=row.alert_id,
            outcome=outcome,
            note=_("Theo phiếu %(number)s: %(note)s") % told,
            by=by.actor,
            now=now,
        )
    except alerts.AlreadyClosedError:
        return  # a person closed it before; their outcome stays


def _moved_meanwhile(row: Ticket) -> MovedMeanwhileError:
    last = row.events.exclude(to_state="").order_by("-id").first()
    if last is None:
        return MovedMeanwhileError()
    told = {
        "who": last.by,
        "when": f"{timezone.localtime(last.at):%H:%M %d/%m/%Y}",
        "state": last.get_to_state_display(),
    }
    return MovedMeanwhileError(
        _("Phiếu vừa được %(who)s chuyển sang “%(state)s” lúc %(when)s. Hãy xem lại.") % told
    )
