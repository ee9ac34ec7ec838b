"""The one access rule: what an account may do, where, and in which sector."""

import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from haidang.foundation.access import rules
from haidang.foundation.access.models import Account, RoleAssignment
from haidang.foundation.core import audit
from haidang.foundation.core.audit import Actor
from haidang.foundation.core.errors import NotAllowedError
from haidang.foundation.org import api as org

_M = TypeVar("_M", bound=Model)
_KEPT_SECONDS = 1.0
_KEPT_AT_MOST = 10_000


@dataclass(frozen=True)
class Scope:
    """What one account may do: for each capability the units and sectors it covers.

    In every question None means "not asked": `allows("alerts.view")` asks for anywhere.
    """

    account_id: int | None
    label: str
    actor: Actor
    unit_id: int | None = None
    grants: Mapping[str, tuple[rules.Coverage, ...]] = field(
        default_factory=dict, repr=False, hash=False
    )
    is_everything: bool = False

    def coverages(self, capability: str) -> tuple[rules.Coverage, ...]:
        """Return the pairs of units and sectors of a capability, joined by "or"."""
        if self.is_everything:
            return (rules.Coverage(rules.ALL, rules.ALL),)
        return self.grants.get(capability, ())

    def allows(
        self, capability: str, unit_id: int | None = None, sector: str | None = None
    ) -> bool:
        """Tell whether the capability is held there."""
        return any(one.covers(unit_id, sector) for one in self.coverages(capability))

    def require(
        self, capability: str, unit_id: int | None = None, sector: str | None = None
    ) -> None:
        """Raise NotAllowedError unless the capability is held there."""
        if not self.allows(capability, unit_id, sector):
            raise NotAllowedError(capability=capability, unit_id=unit_id, sector=sector)

    def allows_everywhere(self, capability: str) -> bool:
        """Tell whether the capability is held over the root, and so over what all units share."""
        return self.allows(capability, org.root().id)

    def require_everywhere(self, capability: str) -> None:
        """Raise NotAllowedError unless the capability is held over the root."""
        if not self.allows_everywhere(capability):
            raise NotAllowedError(capability=capability)

    def units(self, capability: str, sector: str | None = None) -> frozenset[int]:
        """Return the units where the capability is held (in the sector, if one is given)."""
        found: set[int] = set()
        for one in self.coverages(capability):
            if one.covers(None, sector):
                found |= frozenset(org.codes().values()) if one.units is rules.ALL else one.units
        return frozenset(found)

    def sectors(self, capability: str) -> frozenset[str] | None:
        """Return the sectors where the capability is held somewhere; None means all."""
        found: set[str] = set()
        for one in self.coverages(capability):
            if one.sectors is rules.ALL:
                return None
            found |= one.sectors
        return frozenset(found)

    def filter(
        self,
        queryset: "QuerySet[_M]",
        capability: str,
        unit: str = "unit",
        sector: str | None = None,
    ) -> "QuerySet[_M]":
        """Keep the rows whose unit and sector the capability covers; adds no query.

        `unit` and `sector` are look-up paths of the row. Name the sector whenever rows have one.
        """
        conditions = [_condition(one, unit, sector) for one in self.coverages(capability)]
        if not conditions:
            return queryset.none()
        if any(condition is None for condition in conditions):
            return queryset
        return queryset.filter(reduce(or_, (one for one in conditions if one is not None)))


def _condition(coverage: rules.Coverage, unit: str, sector: str | None) -> Q | None:
    """Return the condition of one pair; None when it lets every row pass."""
    parts: dict[str, object] = {}
    if coverage.units is not rules.ALL:
        parts[f"{unit}__in"] = sorted(coverage.units)
    if sector is not None and coverage.sectors is not rules.ALL:
        parts[f"{sector}__in"] = sorted(coverage.sectors)
    return Q(**parts) if parts else None


EVERYTHING = Scope(
    account_id=None, label=audit.SYSTEM.label, actor=audit.SYSTEM, is_everything=True
)

_kept: dict[int, tuple[float, Scope]] = {}
_lock = threading.Lock()


def scope_of(account: Account | int) -> Scope:
    """Return the scope of an account; at most one second old. Whoever is locked or has
    left the post holds nothing."""
    account_id = account if isinstance(account, int) else account.pk
    kept = _kept.get(account_id)
    if kept and kept[0] > time.monotonic():
        return kept[1]
    scope = _load(account_id)
    with _lock:
        if len(_kept) >= _KEPT_AT_MOST:
            _kept.clear()
        _kept[account_id] = (time.monotonic() + _KEPT_SECONDS, scope)
    return scope


def forget(account_id: int) -> None:
    """Drop what this process remembers of an account's scope."""
    with _lock:
        _kept.pop(account_id, None)


def _load(account_id: int) -> Scope:
    account = Account.objects.select_related("officer__position").get(pk=account_id)
    today = timezone.localdate()
    in_force = RoleAssignment.objects.in_force(today).filter(account=account)
    rows = in_force.select_related("role").order_by("pk")
    assignments = list(rows) if account.may_act(today) else []
    return Scope(
        account_id=account.pk,
        label=account.full_name,
        actor=account.actor,
        unit_id=_own_unit(account, assignments),
        grants=_grants(assignments),
    )


def _own_unit(account: Account, assignments: list[RoleAssignment]) -> int | None:
    if account.officer:
        return account.officer.position.unit_id
    return assignments[0].unit_id if assignments else None


def _grants(assignments: list[RoleAssignment]) -> dict[str, tuple[rules.Coverage, ...]]:
    if not assignments:
        return {}
    root_id = org.root().id
    found: defaultdict[str, list[rules.Coverage]] = defaultdict(list)
    for one in assignments:
        units = rules.ALL if one.unit_id == root_id else org.subtree(one.unit_id)
        sectors = rules.ALL if one.sector_id is None else frozenset({one.sector_id})
        for capability in one.role.capabilities:
            found[capability].append(rules.Coverage(units, sectors))
    return {capability: rules.merge(coverages) for capability, coverages in found.items()}
