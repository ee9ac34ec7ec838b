"""Tickets as pages and other domains see them: always within a scope, never one query per row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.db.models import Q
from django.utils import timezone

from haidang.action.operations.errors import TicketNotFoundError
from haidang.action.operations.models import Cooperation, Ticket, TicketQuerySet
from haidang.action.operations.queries.clocks import Clocks
from haidang.action.operations.rules import states
from haidang.action.operations.rules.clocks import TimeLeft
from haidang.foundation.access import api as access
from haidang.foundation.core import paging, text
from haidang.foundation.org import api as org


@dataclass(frozen=True)
class TicketRef:
    """One ticket, ready to be shown."""

    id: int
    number: str
    kind: str
    kind_label: str
    severity: int
    severity_label: str
    title: str
    description: str
    state: str
    state_label: str
    state_reason: str
    unit_id: int
    unit_name: str
    place_note: str
    sector: str
    authority: str
    authority_label: str
    legal_basis: str
    lead_id: int
    lead_name: str
    alert_id: int | None
    due_at: datetime | None
    due_clock: str
    time_left: TimeLeft | None
    opened_at: datetime
    opened_by: str
    outcome: str
    outcome_label: str
    closed_at: datetime | None
    closed_by: str
    revision: int
    url: str


@dataclass(frozen=True)
class Listing:
    """How a list is narrowed and sorted; empty means no limit. `state` may also be "all"."""

    words: str = ""
    state: str = "unfinished"
    kind: str = ""
    severity: int | None = None
    sector: str = ""
    unit_id: int | None = None
    sort: str = "due"


_SORTS = {
    "opened": ("opened_at", "id"),
    "-opened": ("-opened_at", "-id"),
    "severity": ("severity", "id"),
    "-severity": ("-severity", "id"),
    "-due": ("-due_at", "id"),
}


def visible(scope: access.Scope, capability: str = "operations.view") -> TicketQuerySet:
    """Return the tickets at the scope's units, led by them, or helped by them."""
    rows = Ticket.objects.all()
    helped = scope.filter(
        Cooperation.objects.all(), capability, unit="unit", sector="ticket__sector"
    )
    at_place = scope.filter(rows, capability, unit="unit", sector="sector")
    led = scope.filter(rows, capability, unit="lead", sector="sector")
    either = at_place | led | rows.filter(pk__in=helped.values("ticket"))
    return cast(TicketQuerySet, either)


def find(scope: access.Scope, listing: Listing, *, now: datetime) -> TicketQuerySet:
    """Return the visible tickets that match, in the order asked for."""
    rows = _of_state(visible(scope), listing.state, now)
    if listing.words:
        rows = rows.filter(_about(listing.words))
    if listing.unit_id is not None:
        below = org.subtree(listing.unit_id)
        rows = rows.filter(Q(unit__in=below) | Q(lead__in=below))
    exact = {"kind": listing.kind, "severity": listing.severity, "sector": listing.sector}
    rows = rows.filter(**{field: value for field, value in exact.items() if value})
    if listing.sort in _SORTS:
        return rows.order_by(*_SORTS[listing.sort])
    return rows.soonest_due()


def _of_state(rows: TicketQuerySet, state: str, now: datetime) -> TicketQuerySet:
    if state == "unfinished":
        return rows.unfinished()
    if state == "overdue":
        return rows.overdue(now)
    return rows if state == "all" else rows.filter(state=state)


def _about(words: str) -> Q:
    """Match the title without accents, or the serial in a number like PDH-2026-0012."""
    folded = text.fold(words)
    matches = Q(folded__contains=folded)
    serial = folded.rpartition("-")[2]
    return matches | Q(serial=int(serial)) if serial.isascii() and serial.isdigit() else matches


def tickets_due(
    scope: access.Scope,
    unit_id: int | None = None,
    sector: str = "",
    limit: int = 20,
    now: datetime | None = None,
) -> tuple[list[TicketRef], int]:
    """Return the unfinished tickets, the soonest due first, and how many there are in all."""
    moment = now or timezone.now()
    rows = find(scope, Listing(unit_id=unit_id, sector=sector), now=moment)
    found, total = paging.part(rows, limit)
    return refs(found, now=moment), total


def ticket(id: int, scope: access.Scope, *, now: datetime) -> TicketRef:
    """Return one ticket; TicketNotFoundError when there is none within the scope."""
    found = visible(scope).filter(pk=id).first()
    if found is None:
        raise TicketNotFoundError
    return refs([found], now=now)[0]


def ticket_numbered(number: str) -> int | None:
    """Return the id of the ticket with a number like PDH-2026-0001."""
    said = states.read_number(number)
    if said is None:
        return None
    year, serial = said
    found = Ticket.objects.filter(year=year, serial=serial).values_list("pk", flat=True)
    return found.first()


def for_alert(alert_id: int) -> Ticket | None:
    """Return the unfinished ticket of an alert."""
    return Ticket.objects.unfinished().filter(alert=alert_id).first()


def cooperating(id: int) -> list[org.UnitRef]:
    """Return the units that help."""
    ids = Cooperation.objects.filter(ticket=id).order_by("id").values_list("unit", flat=True)
    units = org.units(set(ids))
    return [units[one] for one in ids]


def can_work(scope: access.Scope, row: Ticket) -> bool:
    """Tell whether the account may work on a ticket: at its place, as its lead, as a helper."""
    return visible(scope, "operations.handle").filter(pk=row.pk).exists()


def refs(rows: Iterable[Ticket], *, now: datetime) -> list[TicketRef]:
    """Return tickets ready to be shown, with one query for all their units."""
    tickets, clocks = list(rows), Clocks(now)
    units = org.units({row.unit_id for row in tickets} | {row.lead_id for row in tickets})
    return [_ref(row, units, clocks) for row in tickets]


def _ref(row: Ticket, units: dict[int, org.UnitRef], clocks: Clocks) -> TicketRef:
    return TicketRef(
        id=row.pk,
        number=row.number,
        kind=row.kind,
        kind_label=row.get_kind_display(),
        severity=row.severity,
        severity_label=row.get_severity_display(),
        title=row.title,
        description=row.description,
        state=row.state,
        state_label=row.get_state_display(),
        state_reason=row.state_reason,
        unit_id=row.unit_id,
        unit_name=units[row.unit_id].name,
        place_note=row.place_note,
        sector=row.sector_id or "",
        authority=row.authority,
        authority_label=row.get_authority_display(),
        legal_basis=row.legal_basis,
        lead_id=row.lead_id,
        lead_name=units[row.lead_id].name,
        alert_id=row.alert_id,
        due_at=row.due_at,
        due_clock=row.due_clock,
        time_left=clocks.left(row.due_at, row.due_clock),
        opened_at=row.opened_at,
        opened_by=row.opened_by,
        outcome=row.outcome,
        outcome_label=row.get_outcome_display() if row.outcome else "",
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        revision=row.revision,
        url=row.get_absolute_url(),
    )
