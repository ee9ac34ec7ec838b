"""What stands behind a figure: revisions as known on a day, thresholds, plans."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from haidang.data.warehouse import api as warehouse
from haidang.foundation.access import api as access
from haidang.foundation.org import api as org
from haidang.insight.indicators.models import Target, Threshold
from haidang.insight.indicators.queries import dictionary
from haidang.insight.indicators.queries.dictionary import VIEW
from haidang.insight.indicators.rules import windows

if TYPE_CHECKING:
    from haidang.foundation.access.api import Scope

ARCHIVE = "indicator-values"


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
