"""What waits for a second person: typed values and proposals, within the scope."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from haidang.foundation.calendar import periods
from haidang.foundation.org import api as org
from haidang.insight.indicators.models import PendingValue, Proposal, Target, Threshold
from haidang.insight.indicators.rules import words

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
    facts: tuple[tuple[str, str], ...]
    reason: str
    proposed_by: str
    proposed_at: datetime
    can_decide: bool


def typed_values(scope: "Scope") -> QuerySet[PendingValue]:
    """Return the typed values that wait and the scope may approve or has typed, oldest first."""
    found = PendingValue.objects.filter(decided_at__isnull=True)
    mine = found.filter(typed_by=scope.account_id)
    allowed = scope.filter(found, "indicators.approve", sector="indicator__sector")
    rows = (allowed | mine).select_related("indicator", "typed_by")
    return rows.order_by("typed_at", "indicator", "period_start", "unit")


def typed_rows(found: Iterable[PendingValue], scope: "Scope") -> list[PendingRow]:
    """Return a page of waiting values in words. One query, for the units."""
    page = list(found)
    units = org.units({row.unit_id for row in page})
    return [_pending(row, units[row.unit_id], scope) for row in page]


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
        facts=tuple(facts(row.content)),
        reason=row.reason,
        proposed_by=row.proposed_by.full_name,
        proposed_at=row.proposed_at,
        can_decide=can_decide,
    )


def facts(content: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a proposal says, in the order of its form; what it leaves empty is left out."""
    for name, (label, write) in _WORDS.items():
        if (value := content.get(name)) not in (None, ""):
            yield str(label), write(value)


def _number(value: Any) -> str:
    exact = Decimal(str(value))
    return words.number(float(exact), max(0, -int(exact.normalize().as_tuple().exponent)))


def _day(value: str) -> str:
    return f"{date.fromisoformat(value):%d/%m/%Y}"


_WORDS: dict[str, tuple[Any, Callable[[Any], str]]] = {
    "issuer": (_("Cấp giao"), str),
    "kind": (_("Loại"), lambda kind: str(Target.Kind(kind).label)),
    "start": (_("Từ ngày"), _day),
    "end": (_("Đến trước ngày"), _day),
    "amount": (_("Giá trị"), _number),
    "rank": (_("Thứ tự"), str),
    "legal_basis": (_("Căn cứ"), str),
    "basis": (_("Ngưỡng so với"), lambda basis: str(Threshold.Basis(basis).label)),
    "watch": (_("Theo dõi"), _number),
    "critical": (_("Nguy hiểm"), _number),
    "watch_low": (_("Theo dõi, phía thấp"), _number),
    "critical_low": (_("Nguy hiểm, phía thấp"), _number),
    "hysteresis": (_("Độ trễ khi trở lại"), _number),
    "minimum_seconds": (_("Kéo dài ít nhất (giây)"), str),
}
