"""Proposals that were decided: who wanted what, who said what, when and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from haidang.foundation.org import api as org
from haidang.insight.indicators.models import Proposal
from haidang.insight.indicators.queries import waiting

if TYPE_CHECKING:
    from haidang.foundation.access.api import Scope


@dataclass(frozen=True)
class DecidedRow:
    """A proposal with its decision; `unit_name` is empty when it is for every unit of a level."""

    id: int
    kind_label: str
    indicator: str
    name: str
    unit_name: str
    facts: tuple[tuple[str, str], ...]
    reason: str
    proposed_by: str
    proposed_at: datetime
    is_accepted: bool
    note: str
    decided_by: str
    decided_at: datetime | None


def decided(scope: "Scope") -> QuerySet[Proposal]:
    """Return the decided proposals on what the scope sees, or has proposed; newest first."""
    found = Proposal.objects.filter(decided_at__isnull=False).annotate(
        where=Coalesce(F("unit"), F("indicator__owner"))
    )
    mine = found.filter(proposed_by=scope.account_id)
    seen = scope.filter(found, "indicators.view", unit="where", sector="indicator__sector")
    rows = (seen | mine).select_related("indicator", "proposed_by", "decided_by")
    return rows.order_by("-decided_at", "-pk")


def rows(found: Iterable[Proposal]) -> list[DecidedRow]:
    """Return a page of decided proposals in words. One query, for the units."""
    page = list(found)
    units = org.units({row.unit_id for row in page if row.unit_id})
    return [_row(row, units) for row in page]


def _row(row: Proposal, units: dict[int, "org.UnitRef"]) -> DecidedRow:
    return DecidedRow(
        id=row.pk,
        kind_label=row.get_kind_display(),
        indicator=row.indicator.code,
        name=row.indicator.name,
        unit_name=units[row.unit_id].name if row.unit_id else "",
        facts=tuple(waiting.facts(row.content)),
        reason=row.reason,
        proposed_by=row.proposed_by.full_name,
        proposed_at=row.proposed_at,
        is_accepted=bool(row.is_accepted),
        note=row.note,
        decided_by=row.decided_by.full_name if row.decided_by else "",
        decided_at=row.decided_at,
    )
