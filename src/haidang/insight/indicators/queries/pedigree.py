"""The pedigree of a figure: batches down to file and person; revisions as known on a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from haidang.data.ingest import api as ingest
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access import api as access
from haidang.foundation.org import api as org
from haidang.insight.indicators.models import PendingValue, Target, Threshold, Value
from haidang.insight.indicators.queries import dictionary
from haidang.insight.indicators.queries.dictionary import VIEW
from haidang.insight.indicators.rules import windows

if TYPE_CHECKING:
    from haidang.data.ingest.api import Lineage
    from haidang.foundation.access.api import Scope

ARCHIVE = "indicator-values"
_MOST = 20


@dataclass(frozen=True)
class Ancestor:
    """One batch that a figure rests on, with what intake knows of it, and the units it fed."""

    batch: int
    units: tuple[str, ...]
    lineage: "Lineage | None"


@dataclass(frozen=True)
class Typed:
    """Who typed a value and who approved it."""

    typed_by: str
    typed_at: datetime
    approved_by: str
    approved_at: datetime | None
    note: str


@dataclass(frozen=True)
class Revision:
    """One state of a value: what was known from a moment on."""

    revision: int
    value: float | None
    status: str
    source_type: str
    reported: int
    expected: int
    known_at: datetime


def ancestors(code: str, unit_id: int, start: datetime, scope: "Scope") -> list[Ancestor]:
    """Return the batches below a figure: each reporting unit's newest one, at most twenty."""
    indicator = dictionary.row(code)
    scope.require(VIEW, unit_id, indicator.sector_id)
    dataset = indicator.spec.get("dataset", "")
    rows = Value.objects.filter(
        indicator=indicator,
        unit__in=org.subtree(unit_id),
        period_start=start,
        batch__isnull=False,
        reported=1,
    )
    units: dict[int, list[int]] = {}
    for one, batch in rows.values_list("unit_id", "batch").order_by("-batch"):
        if batch is not None:
            units.setdefault(batch, []).append(one)
    names = org.units({one for ids in units.values() for one in ids})
    return [
        Ancestor(batch, tuple(names[one].short_name for one in ids), _lineage(dataset, batch))
        for batch, ids in list(units.items())[:_MOST]
    ]


def _lineage(dataset: str, batch: int) -> "Lineage | None":
    try:
        return ingest.lineage(dataset, batch)
    except ingest.IngestError:
        return None


def typed(lineage: str) -> Typed | None:
    """Return who typed and approved a value of lineage "typed:7"."""
    kind, _, number = lineage.partition(":")
    if kind != "typed" or not number.isdigit():
        return None
    row = PendingValue.objects.select_related("typed_by", "decided_by").filter(pk=number).first()
    if row is None:
        return None
    return Typed(
        typed_by=row.typed_by.full_name,
        typed_at=row.typed_at,
        approved_by=row.decided_by.full_name if row.decided_by else "",
        approved_at=row.decided_at,
        note=row.note,
    )


def revisions(
    code: str, unit_id: int, start: datetime, scope: "Scope", *, known_on: datetime | None = None
) -> list[Revision]:
    """Return the revisions of one period, newest first; as known at a moment, if one is given."""
    indicator = dictionary.row(code)
    scope.require(VIEW, unit_id, indicator.sector_id)
    where: list[tuple[str, str, object]] = [
        ("indicator", "=", code),
        ("unit", "=", org.unit_by_id(unit_id).code),
        ("period_start", "=", start),
    ]
    if known_on is not None:
        where.append(("known_at", "<=", known_on))
    names = ["revision", "value", "status", "source_type", "reported", "expected", "known_at"]
    try:
        found = warehouse.rows(
            ARCHIVE, scope=access.EVERYTHING, columns=names, where=where, order=["-revision"]
        )
    except warehouse.UnknownTableError:
        return []
    return [Revision(*row) for row in found.rows]


def thresholds(code: str, scope: "Scope") -> list[Threshold]:
    """Return all thresholds of an indicator, the newest first."""
    indicator = dictionary.row(code)
    scope.require(VIEW, sector=indicator.sector_id)
    rows = Threshold.objects.filter(indicator=indicator).select_related("unit")
    return sorted(rows, key=lambda row: (row.valid.lower, row.level), reverse=True)


def targets(code: str, unit_id: int, scope: "Scope") -> list[Target]:
    """Return what issuers want of a unit, the newest period first; replaced plans included."""
    indicator = dictionary.row(code)
    scope.require(VIEW, unit_id, indicator.sector_id)
    rows = Target.objects.filter(indicator=indicator, unit=unit_id)
    return sorted(rows, key=lambda row: (row.period.lower, -row.rank), reverse=True)


def window(kind: str) -> timedelta:
    """Return how far back a page's chart looks."""
    return windows.shown(kind)
