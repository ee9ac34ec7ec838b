"""Accounts in words: for their holders and for administrators."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from haidang.foundation.access.errors import UnknownAccountError
from haidang.foundation.access.models import Account, ApiKey, RoleAssignment, RoleAssignmentQuerySet
from haidang.foundation.access.permissions import MANAGE
from haidang.foundation.access.queries.scopes import Scope
from haidang.foundation.access.starter.words import CAPABILITIES
from haidang.foundation.core import text
from haidang.foundation.org import api as org


@dataclass(frozen=True)
class GrantLine:
    """A role in words: "Cán bộ nhập liệu · Phường Phú Cường · mọi lĩnh vực"."""

    id: int
    role: str
    unit: str
    has_units_below: bool
    sector: str
    valid_from: dt.date
    valid_to: dt.date | None
    granted_by: str
    capabilities: tuple[str, ...]


@dataclass(frozen=True)
class AccountDetail:
    """Everything about an account that its holder and its administrators may see."""

    id: int
    username: str
    full_name: str
    email: str
    title: str
    unit: str
    is_active: bool
    last_login: dt.datetime | None
    grants: tuple[GrantLine, ...]
    has_second_factor: bool = False
    keys: tuple[ApiKey, ...] = ()


def labels() -> Mapping[str, Any]:
    """Return the Vietnamese label of every capability; what its own domain says wins."""
    found: dict[str, Any] = dict(CAPABILITIES)
    for config in apps.get_app_configs():
        name = f"{config.name}.permissions"
        if config.name.startswith("haidang.") and find_spec(name):
            found |= getattr(import_module(name), "CAPABILITIES", {})
    return found


def detail(account_id: int, on: dt.date) -> AccountDetail:
    """Return an account with its roles in force. Raises UnknownAccountError."""
    rows = Account.objects.select_related("officer__position").filter(pk=account_id)
    row = rows.prefetch_related(_in_force(on)).first()
    if row is None:
        raise UnknownAccountError(account_id=account_id)
    factor = Authenticator.objects.filter(user=row, type=Authenticator.Type.TOTP)
    keys = row.keys.filter(revoked_at__isnull=True).order_by("-pk")
    return replace(lines([row])[0], has_second_factor=factor.exists(), keys=tuple(keys))


def visible(scope: Scope) -> QuerySet[Account]:
    """Return the accounts that an administrator may see: posted or active in the own coverage.

    Accounts with neither post nor role belong to whoever manages access anywhere.
    """
    every = Account.objects.all()
    here = scope.filter(RoleAssignment.objects.all(), MANAGE, sector="sector")
    posted = scope.filter(every, MANAGE, unit="officer__position__unit")
    roles = RoleAssignment.objects.filter(account=OuterRef("pk"))
    if not scope.allows(MANAGE):
        return every.none()
    return every.filter(
        Q(pk__in=posted.values("pk"))
        | Exists(here.filter(account=OuterRef("pk")))
        | (Q(officer__isnull=True) & ~Exists(roles))
    )


def found(scope: Scope, *, words: str, role: str, state: str, on: dt.date) -> QuerySet[Account]:
    """Return the accounts that an administrator looks for, in the order of their names."""
    rows = visible(scope).select_related("officer__position").prefetch_related(_in_force(on))
    for word in text.fold(words).split():
        rows = rows.filter(search_text__contains=word)
    if role:
        held = RoleAssignment.objects.in_force(on).filter(account=OuterRef("pk"), role=role)
        rows = rows.filter(Exists(held))
    if state in ("active", "locked"):
        rows = rows.filter(is_active=state == "active")
    return rows.order_by("search_text", "pk")


def lines(rows: Iterable[Account]) -> list[AccountDetail]:
    """Return rows of `found` as they are listed."""
    units = {unit.id: unit for unit in org.all_units()}
    parents = {unit.parent_id for unit in units.values()}
    known = labels()

    def grant(one: RoleAssignment) -> GrantLine:
        return GrantLine(
            id=one.pk,
            role=one.role.name,
            unit=_name(one.unit_id, units),
            has_units_below=one.unit_id in parents,
            sector=one.sector.name if one.sector else "",
            valid_from=one.valid_from,
            valid_to=one.valid_to,
            granted_by=one.granted_by,
            capabilities=tuple(str(known.get(code, code)) for code in one.role.capabilities),
        )

    return [
        AccountDetail(
            id=row.pk,
            username=row.username,
            full_name=row.full_name,
            email=row.email,
            title=row.officer.position.title if row.officer else "",
            unit=_name(row.officer.position.unit_id, units) if row.officer else "",
            is_active=row.is_active,
            last_login=row.last_login,
            grants=tuple(grant(one) for one in row.in_force),  # type: ignore[attr-defined]  # annotated
        )
        for row in rows
    ]


def _name(unit_id: int, units: Mapping[int, org.UnitRef]) -> str:
    """Return a unit's name; that of its last day for one that stands no more."""
    return (units.get(unit_id) or org.unit_by_id(unit_id)).name


def _in_force(on: dt.date) -> "Prefetch[str, RoleAssignmentQuerySet, str]":
    rows = RoleAssignment.objects.in_force(on).select_related("role", "sector")
    return Prefetch("assignments", rows.order_by("pk"), to_attr="in_force")
