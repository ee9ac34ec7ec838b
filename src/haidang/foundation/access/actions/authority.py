"""May this actor touch that account or grant? Shared by the writes of access."""

from haidang.foundation.access import rules
from haidang.foundation.access.errors import BeyondCoverageError, OwnRoleError
from haidang.foundation.access.models import Account, RoleAssignment
from haidang.foundation.access.permissions import MANAGE
from haidang.foundation.access.queries.scopes import Scope
from haidang.foundation.core.audit import Actor
from haidang.foundation.org import api as org


def actor_of(by: Actor | Scope) -> Actor:
    """Return who acts, for the audit trail."""
    return by.actor if isinstance(by, Scope) else by


def require_reach(*, by: Actor | Scope, account: Account, unit_id: int, sector: str | None) -> None:
    """Refuse what lies outside the granter's own coverage, and one's own account.

    An Actor is the platform itself or a command of the operator, which no scope limits.
    """
    if not isinstance(by, Scope):
        return
    by.require(MANAGE)
    if by.account_id == account.pk:
        raise OwnRoleError
    sectors = rules.ALL if sector is None else frozenset({sector})
    wanted = rules.Coverage(_below(unit_id), sectors)
    if not rules.included(wanted, by.coverages(MANAGE)):
        raise BeyondCoverageError(unit_id=unit_id, sector=sector)


def require_over(*, by: Actor | Scope, account: Account) -> None:
    """Refuse to touch an account that reaches further than the one who acts."""
    if not isinstance(by, Scope):
        return
    by.require(MANAGE)
    if by.account_id == account.pk:
        raise OwnRoleError
    for one in RoleAssignment.objects.filter(account=account, revoked_at__isnull=True):
        require_reach(by=by, account=account, unit_id=one.unit_id, sector=one.sector_id)


def _below(unit_id: int) -> frozenset[int] | None:
    return rules.ALL if unit_id == org.root().id else org.subtree(unit_id)
