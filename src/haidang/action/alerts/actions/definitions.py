"""Rules are defined and retired by a person, with a reason; nothing is overwritten."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NotRequired, TypedDict, Unpack

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Max

from haidang.action.alerts import queries, rules
from haidang.action.alerts.errors import (
    RuleExistsError,
    RuleKindError,
    RuleNeedsReasonError,
    RuleNotFoundError,
    RuleStatesError,
    RuleSubjectError,
)
from haidang.action.alerts.models import Rule, RuleVersion
from haidang.foundation.access import api as access
from haidang.foundation.core import audit


class Content(TypedDict):
    """What a version of a rule says; what is left out holds for every subject, sector, place."""

    name: str
    raises: Collection[str]
    clears: Collection[str]
    severity: int
    subject: NotRequired[str]
    sector: NotRequired[str | None]
    unit_id: NotRequired[int | None]
    hold: NotRequired[timedelta]


@transaction.atomic
def define_rule(
    *,
    code: str,
    kind: str,
    owner_id: int,
    reason: str,
    by: access.Scope,
    now: datetime,
    is_new: bool = False,
    **content: Unpack[Content],
) -> RuleVersion:
    """Put a new rule, or a new version of it, in force from `now`; the old version ends there.

    A rule that is there keeps its owner; `is_new=True` refuses to touch it. Raises
    RuleNeedsReasonError, RuleStatesError, RuleKindError, RuleExistsError, RuleSubjectError,
    NotAllowedError.
    """
    rule, is_made = Rule.objects.get_or_create(
        code=code, defaults={"kind": kind, "owner_id": owner_id}
    )
    by.require("alerts.manage", unit_id=rule.owner_id)
    if is_new and not is_made:
        raise RuleExistsError
    if rule.kind != kind:
        raise RuleKindError
    _check(kind, content, reason)
    _end_versions(rule, at=now)
    version = _add_version(rule, content, reason, now)
    audit.record(
        action="alerts.rule_defined",
        on=rule,
        by=by.actor,
        changes={"version": version.number},
        reason=reason,
    )
    return version


def _check(kind: str, content: Content, reason: str) -> None:
    """Refuse a rule that says nothing, or that raises and clears by the same state."""
    if not reason.strip():
        raise RuleNeedsReasonError
    if (subject := content.get("subject")) and not queries.is_known(subject):
        raise RuleSubjectError
    raises, clears = set(content["raises"]), set(content["clears"])
    if not raises or raises & clears or not raises | clears <= rules.STATES[kind]:
        raise RuleStatesError


def _add_version(rule: Rule, content: Content, reason: str, now: datetime) -> RuleVersion:
    return RuleVersion.objects.create(
        rule=rule,
        number=1 + (rule.versions.aggregate(last=Max("number"))["last"] or 0),
        name=content["name"],
        subject=content.get("subject", ""),
        sector_id=content.get("sector"),
        unit_id=content.get("unit_id"),
        raises=sorted(content["raises"]),
        clears=sorted(content["clears"]),
        hold=content.get("hold", timedelta(0)),
        severity=content["severity"],
        reason=reason.strip(),
        valid=DateTimeTZRange(now, None),
    )


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
