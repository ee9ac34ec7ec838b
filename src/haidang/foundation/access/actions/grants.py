"""Grant and revoke roles; install the shipped ones."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from haidang.foundation.access.actions.accounts import locked_row
from haidang.foundation.access.actions.authority import actor_of, require_reach
from haidang.foundation.access.errors import (
    AlreadyGrantedError,
    ReasonMissingError,
    UnknownRoleError,
)
from haidang.foundation.access.models import Role, RoleAssignment
from haidang.foundation.access.queries.scopes import Scope, forget
from haidang.foundation.access.starter.roles import ROLES
from haidang.foundation.core import audit, events
from haidang.foundation.core.audit import Actor


@transaction.atomic
def install_roles() -> None:
    """Create or renew the shipped roles. Roles that a province added stay as they are."""
    for order, role in enumerate(ROLES):
        Role.objects.update_or_create(
            code=role.code,
            defaults={
                "name": role.name,
                "capabilities": sorted(role.capabilities),
                "order": order,
            },
        )


@transaction.atomic
def grant(
    *,
    account: int,
    role: str,
    unit: int,
    by: Actor | Scope,
    sector: str | None = None,
    valid_from: dt.date | None = None,
    valid_to: dt.date | None = None,
    reason: str = "",
) -> int:
    """Give an account a role over a unit and all below it; return the grant's id.

    Raises AlreadyGrantedError, OwnRoleError, BeyondCoverageError, UnknownRoleError.
    """
    holder = locked_row(account)
    require_reach(by=by, account=holder, unit_id=unit, sector=sector)
    if not Role.objects.filter(pk=role).exists():
        raise UnknownRoleError(role=role)
    start = valid_from or timezone.localdate()
    same = RoleAssignment.objects.filter(account=holder, role_id=role, unit_id=unit)
    if same.filter(sector_id=sector).in_force(start).exists():
        raise AlreadyGrantedError(role=role, unit=unit)
    assignment = RoleAssignment.objects.create(
        account=holder,
        role_id=role,
        unit_id=unit,
        sector_id=sector,
        valid_from=start,
        valid_to=valid_to,
        granted_by=actor_of(by).label,
    )
    tell("access.role_granted", assignment, by, reason)
    return assignment.pk


@transaction.atomic
def revoke(*, grant: int, by: Actor | Scope, reason: str) -> None:
    """Take a granted role back at once. Revoking twice is refused as unknown."""
    assignment = RoleAssignment.objects.filter(pk=grant, revoked_at__isnull=True).first()
    if assignment is None:
        raise UnknownRoleError(grant=grant)
    holder = locked_row(assignment.account_id)
    require_reach(by=by, account=holder, unit_id=assignment.unit_id, sector=assignment.sector_id)
    if not reason.strip():
        raise ReasonMissingError
    assignment.revoked_at = timezone.now()
    assignment.save(update_fields=["revoked_at"])
    tell("access.role_revoked", assignment, by, reason)


def tell(action: str, assignment: RoleAssignment, by: Actor | Scope, reason: str) -> None:
    account_id = assignment.account_id
    audit.record(
        action=action,
        on=assignment,
        by=actor_of(by),
        changes={
            "account": account_id,
            "role": assignment.role_id,
            "unit": assignment.unit_id,
            "sector": assignment.sector_id,
        },
        reason=reason,
    )
    events.publish(action, aggregate=f"account:{account_id}", account=account_id)
    transaction.on_commit(lambda: forget(account_id))
    forget(account_id)
