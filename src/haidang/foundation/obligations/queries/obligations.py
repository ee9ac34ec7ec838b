"""What is owed, by whom, to whom and until when, within a scope."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from haidang.foundation.access import api as access
from haidang.foundation.core import paging
from haidang.foundation.obligations import clocks, kinds
from haidang.foundation.obligations.models import Obligation, Reminder
from haidang.foundation.obligations.permissions import VIEW
from haidang.foundation.org import api as org


@dataclass(frozen=True)
class ObligationRef:
    """An obligation as it is shown: units by name, the deadline in words."""

    id: int
    kind: str
    kind_label: str
    ref: str
    title: str
    url: str
    debtor_unit_id: int
    debtor: str
    creditor_unit_id: int
    creditor: str
    sector: str | None
    clock: str
    owed_since: dt.datetime
    due_at: dt.datetime
    state: str
    closed_at: dt.datetime | None
    standing: str
    is_overdue: bool
    reminders: int


@dataclass(frozen=True)
class Filters:
    """Which obligations are wanted."""

    side: str = ""  # "own": my unit owes; "awaited": owed to my units; empty: all in coverage
    kind: str = ""
    state: str = "open"
    overdue_only: bool = False
    unit_id: int | None = None
    sector: str | None = None


def due(
    scope: access.Scope,
    *,
    now: dt.datetime,
    filters: Filters | None = None,
    offset: int = 0,
    limit: int = 20,
) -> tuple[list[ObligationRef], int]:
    """Return a page of what is owed in the scope, the earliest deadline first, and its size."""
    rows = find(scope, filters or Filters(), now=now).order_by("due_at", "pk")
    page, total = paging.part(rows, limit, offset)
    return references(page, now=now), total


def find(scope: access.Scope, filters: Filters, *, now: dt.datetime) -> QuerySet[Obligation]:
    """Return what is owed in the scope, with how often was reminded; `references` shows it."""
    return _with_reminders(_filtered(scope, filters, now))


def _with_reminders(rows: QuerySet[Obligation]) -> QuerySet[Obligation]:
    """Count the reminders of the rows shown, not of all that are only counted or passed over."""
    own = Reminder.objects.filter(obligation=OuterRef("pk")).order_by().values("obligation")
    many = own.annotate(count=Count("pk")).values("count")
    return rows.annotate(reminder_count=Coalesce(Subquery(many), 0))


def one(scope: access.Scope, obligation_id: int, *, now: dt.datetime) -> ObligationRef | None:
    """Return an obligation, if it is in the scope."""
    rows = _filtered(scope, Filters(state=""), now).filter(pk=obligation_id)
    found = references(list(_with_reminders(rows)), now=now)
    return found[0] if found else None


def _filtered(scope: access.Scope, filters: Filters, now: dt.datetime) -> QuerySet[Obligation]:
    """A debtor's people and a creditor's people see it, each through their own coverage."""
    every = Obligation.objects.all()
    owed = scope.filter(every, VIEW, unit="debtor_unit", sector="sector")
    awaited = scope.filter(every, VIEW, unit="creditor_unit", sector="sector")
    if scope.allows(VIEW, scope.unit_id):
        # What concerns no sector is the whole unit's, also for who works in one sector of it.
        owed = owed | every.filter(debtor_unit=scope.unit_id, sector__isnull=True)
    if filters.side == "own":
        owed, awaited = owed.filter(debtor_unit=scope.unit_id), every.none()
    elif filters.side == "awaited":
        owed = every.none()
    return (owed | awaited).filter(_wanted(filters, now))


def _wanted(filters: Filters, now: dt.datetime) -> Q:
    wanted = Q()
    if filters.kind:
        wanted &= Q(kind=filters.kind)
    if filters.state:
        wanted &= Q(state=filters.state)
    if filters.overdue_only:
        wanted &= Q(state=Obligation.State.OPEN, due_at__lte=now)
    if filters.unit_id is not None:
        wanted &= Q(debtor_unit__in=org.subtree(filters.unit_id))
    if filters.sector:
        wanted &= Q(sector=filters.sector)
    return wanted


def references(rows: Sequence[Obligation], *, now: dt.datetime) -> list[ObligationRef]:
    """Return obligations as they are shown: a constant number of queries."""
    units = org.units({id_ for row in rows for id_ in (row.debtor_unit_id, row.creditor_unit_id)})
    names = {unit_id: unit.name for unit_id, unit in units.items()}
    known = clocks.clocks() if rows else {}
    return [_reference(row, names, known[row.clock], now) for row in rows]


def _reference(
    row: Obligation, names: dict[int, str], clock: clocks.Clock, now: dt.datetime
) -> ObligationRef:
    end = row.closed_at or now
    return ObligationRef(
        id=row.pk,
        kind=row.kind,
        kind_label=kinds.kind(row.kind).label,
        ref=row.ref,
        title=row.title,
        url=row.url,
        debtor_unit_id=row.debtor_unit_id,
        debtor=names.get(row.debtor_unit_id, ""),
        creditor_unit_id=row.creditor_unit_id,
        creditor=names.get(row.creditor_unit_id, ""),
        sector=row.sector_id,
        clock=row.clock,
        owed_since=row.owed_since,
        due_at=row.due_at,
        state=row.state,
        closed_at=row.closed_at,
        standing=clocks.words(row.due_at, end, clock),
        is_overdue=end >= row.due_at,
        reminders=row.reminder_count,  # type: ignore[attr-defined]  # annotated
    )
