"""Rules are defined and retired by a person, with a reason; nothing is overwritten."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Max

from haidang.action.alerts.errors import (
    RuleNeedsReasonError,
    RuleNotFoundError,
    RuleStatesError,
)
from haidang.action.alerts.models import Rule, RuleVersion
from haidang.foundation.access import api as access
from haidang.foundation.core import audit


@transaction.atomic
def define_rule(
    *,
    code: str,
    kind: str,
    name: str,
    raises: Collection[str],
    clears: Collection[str],
    severity: int,
    owner_id: int,
    reason: str,
    by: access.Scope,
    now: datetime,
    subject: str = "",
    sector: str | None = None,
    unit_id: int | None = None,
    hold: timedelta = timedelta(0),
) -> RuleVersion:
    """Put a new rule, or a new version of it, in force from `now`; the old version ends there.

    Raises RuleNeedsReasonError, RuleStatesError, NotAllowedError.
    """
    by.require("alerts.manage", unit_id=owner_id)
    if not reason.strip():
        raise RuleNeedsReasonError
    if not raises or set(raises) & set(clears):
        raise RuleStatesError
    rule, _ = Rule.objects.get_or_create(code=code, defaults={"kind": kind, "owner_id": owner_id})
    _end_versions(rule, at=now)
    version = RuleVersion.objects.create(
        rule=rule,
        number=1 + (rule.versions.aggregate(last=Max("number"))["last"] or 0),
        name=name,
        subject=subject,
        sector_id=sector,
        unit_id=unit_id,
        raises=sorted(raises),
        clears=sorted(clears),
        hold=hold,
        severity=severity,
        reason=reason,
        valid=DateTimeTZRange(now, None),
    )
    audit.record(
        action="alerts.rule_defined",
        on=rule,
        by=by.actor,
        changes={"version": version.number},
        reason=reason,
    )
    return version


@transaction.atomic
def retire_rule(*, code: str, reason: str, by: access.Scope, now: datetime) -> None:
    """End a rule at `now`. Alerts that it raised stay until they are closed."""
    rule = Rule.objects.select_for_update().filter(code=code).first()
    if rule is None:
        raise RuleNotFoundError(code=code)
    by.require("alerts.manage", unit_id=rule.owner_id)
    if not reason.strip():
        raise RuleNeedsReasonError
    _end_versions(rule, at=now)
    audit.record(action="alerts.rule_retired", on=rule, by=by.actor, reason=reason)


def _end_versions(rule: Rule, *, at: datetime) -> None:
    for version in rule.versions.select_for_update().filter(valid__endswith__isnull=True):
        version.valid = DateTimeTZRange(version.valid.lower, at)
        version.save(update_fields=["valid"])
