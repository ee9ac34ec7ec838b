"""What waits for a second person: typed values and proposals, within the scope."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.db.models.functions import Coalesce

from haidang.foundation.calendar import periods
from haidang.foundation.org import api as org
from haidang.insight.indicators.models import PendingValue, Proposal

if TYPE_CHECKING:
    from haidang.foundation.access.api import Scope


@dataclass(frozen=True)
class PendingRow:
    """A typed value that waits. `can_decide` is False for its typist."""

    id: int
    indicator: str
    name: str
    unit_name: str
    unit_code: str
    period_label: str
    value: float
    decimals: int
    unit_of_measure: str
    note: str
    typed_by: str
    typed_at: datetime
    can_decide: bool


@dataclass(frozen=True)
class ProposalRow:
    """A proposed change that waits."""

    id: int
    kind: str
    kind_label: str
    indicator: str
    name: str
    unit_name: str
    content: dict[str, Any]
    reason: str
    proposed_by: str
    proposed_at: datetime
    can_decide: bool


def pending_values(scope: "Scope") -> list[PendingRow]:
    """Return the typed values that the scope may approve or has typed, oldest first."""
    found = PendingValue.objects.filter(decided_at__isnull=True)
    mine = found.filter(typed_by=scope.account_id)
    allowed = scope.filter(found, "indicators.approve", sector="indicator__sector")
    rows = (allowed | mine).select_related("indicator", "typed_by").order_by("typed_at")
    units = org.units({row.unit_id for row in rows})
    return [_pending(row, units[row.unit_id], scope) for row in rows]


def _pending(row: PendingValue, unit: "org.UnitRef", scope: "Scope") -> PendingRow:
    indicator = row.indicator
    can_decide = row.typed_by_id != scope.account_id and scope.allows(
        "indicators.approve", row.unit_id, indicator.sector_id
    )
    return PendingRow(
        id=row.pk,
        indicator=indicator.code,
        name=indicator.name,
        unit_name=unit.name,
        unit_code=unit.code,
        period_label=periods.of(indicator.period, row.period_start).label(),
        value=row.value,
        decimals=indicator.decimals,
        unit_of_measure=indicator.unit_of_measure,
        note=row.note,
        typed_by=row.typed_by.full_name,
        typed_at=row.typed_at,
        can_decide=can_decide,
    )


def proposals(scope: "Scope") -> list[ProposalRow]:
    """Return the proposals that the scope may decide or has made, oldest first."""
    found = Proposal.objects.filter(decided_at__isnull=True).annotate(
        where=Coalesce(F("unit"), F("indicator__owner"))
    )
    mine = found.filter(proposed_by=scope.account_id)
    allowed = scope.filter(found, "indicators.decide", unit="where", sector="indicator__sector")
    rows = (allowed | mine).select_related("indicator", "proposed_by").order_by("proposed_at")
    units = org.units({row.unit_id for row in rows if row.unit_id})
    return [_proposal(row, units, scope) for row in rows]


def _proposal(row: Proposal, units: dict[int, "org.UnitRef"], scope: "Scope") -> ProposalRow:
    indicator = row.indicator
    can_decide = row.proposed_by_id != scope.account_id and scope.allows(
        "indicators.decide", row.unit_id or indicator.owner_id, indicator.sector_id
    )
    return ProposalRow(
        id=row.pk,
        kind=row.kind,
        kind_label=row.get_kind_display(),
        indicator=indicator.code,
        name=indicator.name,
        unit_name=units[row.unit_id].name if row.unit_id else "",
        content=row.content,
        reason=row.reason,
        proposed_by=row.proposed_by.full_name,
        proposed_at=row.proposed_at,
        can_decide=can_decide,
    )
