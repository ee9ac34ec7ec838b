"""The list of rules, with every version's dates and reason."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from haidang.action.alerts.errors import RuleNotFoundError
from haidang.action.alerts.models import RuleVersion
from haidang.foundation.org import api as org


@dataclass(frozen=True)
class RuleRow:
    """One version of a rule, ready to be shown."""

    code: str
    number: int
    name: str
    kind: str
    kind_label: str
    subject: str
    sector: str
    sector_code: str
    unit_name: str
    unit_code: str
    owner_name: str
    raises: tuple[str, ...]
    clears: tuple[str, ...]
    hold: timedelta
    severity: int
    severity_label: str
    reason: str
    valid_from: datetime
    valid_to: datetime | None
    is_current: bool


def rule_rows(*, now: datetime, code: str = "") -> list[RuleRow]:
    """Return all versions of all rules, or of one, the ones in force first."""
    asked = RuleVersion.objects.filter(rule__code=code) if code else RuleVersion.objects.all()
    versions = list(asked.select_related("rule").order_by("rule__code", "-number"))
    ids = {v.rule.owner_id for v in versions} | {v.unit_id for v in versions if v.unit_id}
    units = org.units(ids)
    sectors = {one.code: one.name for one in org.sectors()}
    rows = [_row(version, units, sectors, now) for version in versions]
    return sorted(rows, key=lambda row: not row.is_current)


def current_rule(code: str, *, now: datetime) -> RuleRow:
    """Return the version of a rule in force, or its last one. Raises RuleNotFoundError."""
    found = rule_rows(now=now, code=code)
    if not found:
        raise RuleNotFoundError(code=code)
    return found[0]


def _row(
    version: RuleVersion,
    units: dict[int, org.UnitRef],
    sectors: dict[str, str],
    now: datetime,
) -> RuleRow:
    valid = version.valid
    return RuleRow(
        code=version.rule.code,
        number=version.number,
        name=version.name,
        kind=version.rule.kind,
        kind_label=version.rule.get_kind_display(),
        subject=version.subject,
        sector=sectors.get(version.sector_id or "", ""),
        sector_code=version.sector_id or "",
        unit_name=units[version.unit_id].name if version.unit_id else "",
        unit_code=units[version.unit_id].code if version.unit_id else "",
        owner_name=units[version.rule.owner_id].name,
        raises=tuple(version.raises),
        clears=tuple(version.clears),
        hold=version.hold,
        severity=version.severity,
        severity_label=version.get_severity_display(),
        reason=version.reason,
        valid_from=valid.lower,
        valid_to=valid.upper,
        is_current=valid.lower <= now and (valid.upper is None or now < valid.upper),
    )
