"""Open a ticket, by hand or from an alert."""

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from haidang.action.alerts import api as alerts
from haidang.action.operations import queries
from haidang.action.operations.actions import running, telling
from haidang.action.operations.errors import (
    AlreadyOpenError,
    AuthorityError,
    LegalBasisNeededError,
)
from haidang.action.operations.models import Cooperation, Ticket
from haidang.action.operations.rules import authority as authorities
from haidang.foundation.access import api as access
from haidang.foundation.core import numbers, text
from haidang.foundation.org import api as org


@transaction.atomic
def open_ticket(
    *,
    kind: str,
    title: str,
    severity: int,
    unit_id: int,
    lead_unit_id: int,
    authority: str,
    by: access.Scope,
    now: datetime,
    sector: str | None = None,
    description: str = "",
    place_note: str = "",
    legal_basis: str = "",
    cooperating: Collection[int] = (),
    alert_id: int | None = None,
    procedure: str = "",
) -> int:
    """Open a ticket and start its procedure; return its id.

    Raises NotAllowedError, AuthorityError, LegalBasisNeededError, AlreadyOpenError.
    """
    by.require("operations.handle", unit_id, sector or "")
    check_authority(authority, lead_unit_id, legal_basis)
    if alert_id is not None:
        _take_alert(alert_id, by, now)
    ticket = Ticket(
        **_numbered(now),
        kind=kind,
        title=text.normal(title),
        severity=severity,
        description=description.strip(),
        unit_id=unit_id,
        place_note=place_note.strip(),
        sector_id=sector,
        authority=authority,
        legal_basis=legal_basis.strip(),
        lead_id=lead_unit_id,
        alert_id=alert_id,
        opened_at=now,
        opened_by=by.label,
    )
    _save(ticket)
    set_cooperating(ticket, cooperating)
    telling.note(ticket, verb="open", by=by.actor, at=now, to_state=ticket.state)
    if procedure:
        running.start_run(ticket=ticket, procedure=procedure, by=by.actor, now=now)
    return ticket.pk


def _numbered(now: datetime) -> dict[str, int]:
    """Return year and serial of the next ticket."""
    year = timezone.localtime(now).year
    return {"year": year, "serial": numbers.next_serial(Ticket.objects.all(), year=year)}


def check_authority(authority: str, lead_unit_id: int, legal_basis: str) -> None:
    """Raise AuthorityError or LegalBasisNeededError when the form does not suit the unit."""
    lead = org.unit_by_id(lead_unit_id)
    match authorities.objection(authority, lead.relation, legal_basis):
        case "relation":
            raise AuthorityError(
                _("%(unit)s không thuộc quyền giao việc; hãy đề nghị phối hợp hoặc chuyển.")
                % {"unit": lead.name}
            )
        case "legal_basis":
            raise LegalBasisNeededError


def set_cooperating(ticket: Ticket, units: Collection[int]) -> None:
    """Have exactly these units help; the lead unit never helps itself."""
    wanted = set(units) - {ticket.lead_id}
    ticket.cooperations.exclude(unit__in=wanted).delete()
    Cooperation.objects.bulk_create(
        [Cooperation(ticket=ticket, unit_id=unit) for unit in sorted(wanted)],
        ignore_conflicts=True,
    )


def _take_alert(alert_id: int, by: access.Scope, now: datetime) -> None:
    alert = alerts.alert(alert_id, by)
    if alert.is_closed:
        raise alerts.AlreadyClosedError
    if other := queries.for_alert(alert_id):
        raise _already_open(other)
    if alert.state == "open" and by.allows("alerts.handle", alert.unit_id, alert.sector or None):
        alerts.acknowledge(alert=alert_id, by=by, now=now)


def _save(ticket: Ticket) -> None:
    """Save; when another ticket of the same alert came first, say which."""
    ticket.folded = text.fold(ticket.title)
    try:
        with transaction.atomic():
            ticket.save()
    except IntegrityError as error:
        other = queries.for_alert(ticket.alert_id) if ticket.alert_id else None
        if other is None:
            raise
        raise _already_open(other) from error


def _already_open(other: Ticket) -> AlreadyOpenError:
    told = {"number": other.number, "who": other.opened_by}
    return AlreadyOpenError(
        _("Cảnh báo này đã có phiếu %(number)s do %(who)s mở.") % told, ticket=other.pk
    )
