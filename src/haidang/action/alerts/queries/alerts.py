"""Alerts as pages and other domains see them: always within a scope, never one query per row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from haidang.action.alerts.errors import AlertNotFoundError
from haidang.action.alerts.models import Alert, AlertEvent, AlertQuerySet, Cause, Signal, State
from haidang.foundation.access import api as access
from haidang.foundation.core import paging
from haidang.foundation.org import api as org


@dataclass(frozen=True)
class AlertRef:
    """One alert, ready to be shown."""

    id: int
    number: str
    severity: int
    severity_label: str
    state: str
    state_label: str
    cause: str
    topic: str
    subject: str
    subject_name: str
    unit_id: int
    unit_name: str
    owner_id: int
    owner_name: str
    sector: str
    headline: str
    explanation: str
    count: int
    first_seen_at: datetime
    last_seen_at: datetime
    cleared_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    outcome: str
    outcome_label: str
    closed_at: datetime | None
    closed_by: str
    note: str
    rule_code: str
    rule_name: str
    rule_version: int
    rule_reason: str
    url: str

    @property
    def is_about_indicator(self) -> bool:
        return self.topic in (Signal.Topic.STATE, Signal.Topic.STALENESS)

    @property
    def is_closed(self) -> bool:
        return self.state == State.CLOSED

    @property
    def is_blind(self) -> bool:
        """Tell whether the duty shift cannot see because of it."""
        return self.cause == "data" and not self.is_closed and self.cleared_at is None


@dataclass(frozen=True)
class Listing:
    """How a list is narrowed; empty means no limit. `state` may also be "unclosed" or "all"."""

    state: str = "unclosed"
    severity: int | None = None
    sector: str = ""
    unit_id: int | None = None
    cause: str = ""


def visible(scope: access.Scope, capability: str = "alerts.view") -> AlertQuerySet:
    """Return the alerts about the scope's units, or owned by them."""
    rows = Alert.objects.all()
    about = scope.filter(rows, capability, unit="unit", sector="sector")
    owned = scope.filter(rows, capability, unit="owner", sector="sector")
    return cast(AlertQuerySet, about | owned)


def open_alerts(
    scope: access.Scope,
    unit_id: int | None = None,
    sector: str | None = None,
    limit: int = 20,
) -> tuple[list[AlertRef], int]:
    """Return the worst alerts that are not closed, and how many there are in all."""
    rows = find(scope, Listing(unit_id=unit_id, sector=sector or ""))
    found, total = paging.part(rows, limit)
    return refs(found), total


def find(scope: access.Scope, listing: Listing) -> AlertQuerySet:
    """Return the visible alerts that match, worst first; page them, then show `refs`."""
    rows = visible(scope)
    if listing.state == "unclosed":
        rows = rows.unclosed()
    elif listing.state != "all":
        rows = rows.filter(state=listing.state)
    if listing.unit_id is not None:
        rows = rows.filter(unit__in=org.subtree(listing.unit_id))
    exact = {"severity": listing.severity, "sector": listing.sector, "cause": listing.cause}
    rows = rows.filter(**{field: value for field, value in exact.items() if value})
    return rows.worst_first().select_related("version__rule")


def alert(id: int, scope: access.Scope) -> AlertRef:
    """Return one alert; AlertNotFoundError when there is none within the scope."""
    found = find_alert(id, scope)
    if found is None:
        raise AlertNotFoundError
    return found


def find_alert(id: int, scope: access.Scope) -> AlertRef | None:
    """Return one alert, or None when it is not within the scope."""
    found = visible(scope).select_related("version__rule").filter(pk=id).first()
    return refs([found])[0] if found else None


def history(id: int) -> list[AlertEvent]:
    """Return everything that happened to an alert, oldest first."""
    return list(AlertEvent.objects.filter(alert=id).order_by("at", "id"))


def blind_spots(scope: access.Scope, limit: int = 5) -> tuple[list[AlertRef], int]:
    """Return where the duty shift is blind: data alerts whose data has not come back."""
    found, total = paging.part(_blind(scope), limit)
    return refs(found), total


def blind_count(scope: access.Scope, sector: str = "") -> int:
    """Return in how many places the duty shift is blind.

    Of every unit: who supplies a source says nothing of the places that it measures.
    """
    return _blind(scope, sector).count()


def _blind(scope: access.Scope, sector: str = "") -> AlertQuerySet:
    """Return the alerts about data that have not come back, worst first."""
    asked = Listing(sector=sector, cause=Cause.DATA)
    return find(scope, asked).filter(cleared_at__isnull=True)


def refs(alerts: Iterable[Alert]) -> list[AlertRef]:
    """Return alerts ready to be shown, with one query for all their units."""
    rows = list(alerts)
    units = org.units({row.unit_id for row in rows} | {row.owner_id for row in rows})
    return [_ref(row, units) for row in rows]


def _ref(row: Alert, units: dict[int, org.UnitRef]) -> AlertRef:
    version = row.version
    return AlertRef(
        id=row.pk,
        number=row.number,
        severity=row.severity,
        severity_label=row.get_severity_display(),
        state=row.state,
        state_label=row.get_state_display(),
        cause=row.cause,
        topic=row.topic,
        subject=row.subject,
        subject_name=row.subject_name,
        unit_id=row.unit_id,
        unit_name=units[row.unit_id].name,
        owner_id=row.owner_id,
        owner_name=units[row.owner_id].name,
        sector=row.sector_id or "",
        headline=row.headline or f"{row.subject_name}, {units[row.unit_id].name}",
        explanation=row.explanation,
        count=row.count,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        cleared_at=row.cleared_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        outcome=row.outcome,
        outcome_label=row.get_outcome_display() if row.outcome else "",
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        note=row.note,
        rule_code=version.rule.code,
        rule_name=version.name,
        rule_version=version.number,
        rule_reason=version.reason,
        url=row.get_absolute_url(),
    )
