"""Who holds a capability somewhere, and what accounts look like to other domains."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from haidang.foundation.access.errors import UnknownAccountError
from haidang.foundation.access.models import Account, RoleAssignment, RoleAssignmentQuerySet
from haidang.foundation.org import api as org


@dataclass(frozen=True)
class AccountRef:
    """An account as other domains see it; `unit_id` is the unit of the role in question."""

    id: int
    full_name: str
    unit_id: int | None
    username: str = ""
    email: str = ""


def reference(account: Account, unit_id: int | None = None) -> AccountRef:
    """Return the account as a value."""
    return AccountRef(account.pk, account.full_name, unit_id, account.username, account.email)


def account(account_id: int) -> AccountRef:
    """Return one account. Raises UnknownAccountError."""
    found = Account.objects.filter(pk=account_id).first()
    if found is None:
        raise UnknownAccountError(account_id=account_id)
    return reference(found)


def accounts(account_ids: Iterable[int]) -> dict[int, AccountRef]:
    """Return the accounts that exist among the ids, in one query."""
    return {one.pk: reference(one) for one in Account.objects.filter(pk__in=set(account_ids))}


def account_named(username: str) -> AccountRef:
    """Return the account of a user name. Raises UnknownAccountError."""
    found = Account.objects.filter(username=username).first()
    if found is None:
        raise UnknownAccountError(username=username)
    return reference(found)


def holders(capability: str, unit_id: int, sector: str | None = None) -> list[AccountRef]:
    """Return who holds the capability over a unit (and sector), the nearest unit's people first."""
    upwards = [one.id for one in reversed(org.path(unit_id))]
    nearness = {one: index for index, one in enumerate(upwards)}
    found = _held(capability).filter(unit__in=upwards)
    if sector is not None:
        found = found.filter(Q(sector__isnull=True) | Q(sector=sector))
    ordered = sorted(found, key=lambda one: (nearness[one.unit_id], one.account_id))
    nearest: dict[int, AccountRef] = {}
    for one in ordered:
        nearest.setdefault(one.account_id, reference(one.account, one.unit_id))
    return list(nearest.values())


def _held(capability: str) -> RoleAssignmentQuerySet:
    today = timezone.localdate()
    in_post = Q(account__officer__left_on__isnull=True) | Q(account__officer__left_on__gt=today)
    return (
        RoleAssignment.objects.in_force(today)
        .filter(in_post, role__capabilities__contains=[capability], account__is_active=True)
        .select_related("account")
    )
