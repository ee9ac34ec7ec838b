"""Roles when the map changes: those over a unit that ends go to the unit that takes over.

A role over a unit that is abolished ends with it: nobody's coverage grows to a whole province
because a district is no more.
"""

from collections.abc import Mapping
from typing import Any

from haidang.foundation.access.actions.grants import tell
from haidang.foundation.access.models import RoleAssignment, RoleAssignmentQuerySet
from haidang.foundation.core.audit import Actor
from haidang.foundation.org import api as org


class Grants(org.Participant):
    """What access does when a set of changes applies."""

    def holdings(self, plan: org.Plan) -> list[org.Holding]:
        """Return the roles over units that end."""
        rows = _open().filter(unit__code__in=plan.ended).select_related("account", "role", "unit")
        return [
            org.Holding(
                what="Phân quyền",
                title=f"{row.account.full_name}: {row.role.name}",
                unit=row.unit.code,
                heir="" if row.unit.code in plan.abolished else plan.heirs[row.unit.code],
            )
            for row in rows.order_by("unit__code", "pk")
        ]

    def apply(self, reform: org.Reform, by: Actor) -> dict[str, Any]:
        """Revoke the roles over ended units and grant them over the units that take over."""
        moved = [
            [row.pk, self._moved(row, reform, by)]
            for row in _open().filter(unit__in=reform.heirs).order_by("pk")
        ]
        return {"moved": moved}

    def blockers(self, reform: org.Reform, trace: Mapping[str, Any]) -> list[str]:
        """Return the roles that were given since over units that the set brought into being."""
        given = {new for _, new in trace.get("moved", ())}
        rows = _open().filter(unit__in=reform.born).exclude(pk__in=given - {None})
        return [
            f"Đã phân quyền cho {row.account.full_name} tại đơn vị mới lập."
            for row in rows.select_related("account")
        ]

    def undo(self, reform: org.Reform, trace: Mapping[str, Any], by: Actor) -> None:
        """Give the old roles back; what was revoked since stays revoked."""
        for old, new in trace.get("moved", ()):
            granted = _open().filter(pk=new).first()
            if granted is not None:
                _revoke(granted, reform, by)
            if new is None or granted is not None:
                _give_back(old, reform, by)

    def _moved(self, row: RoleAssignment, reform: org.Reform, by: Actor) -> int | None:
        """Revoke a role; return the one granted instead, if one had to be."""
        _revoke(row, reform, by)
        if row.unit_id in reform.abolished:
            return None
        heir = reform.heirs[row.unit_id]
        same = _open().filter(
            account=row.account_id, role=row.role_id, unit=heir, sector=row.sector_id
        )
        if same.exists():
            return None
        granted = RoleAssignment.objects.create(
            account_id=row.account_id,
            role_id=row.role_id,
            unit_id=heir,
            sector_id=row.sector_id,
            valid_from=reform.on,
            valid_to=row.valid_to,
            granted_by=by.label,
        )
        tell("access.role_granted", granted, by, reform.title)
        return granted.pk


def _open() -> RoleAssignmentQuerySet:
    return RoleAssignment.objects.filter(revoked_at__isnull=True)


def _revoke(row: RoleAssignment, reform: org.Reform, by: Actor) -> None:
    row.revoked_at = reform.now
    row.save(update_fields=["revoked_at"])
    tell("access.role_revoked", row, by, reform.title)


def _give_back(pk: int, reform: org.Reform, by: Actor) -> None:
    row = RoleAssignment.objects.get(pk=pk)
    same = _open().filter(
        account=row.account_id, role=row.role_id, unit=row.unit_id, sector=row.sector_id
    )
    if not same.exists():
        row.revoked_at = None
        row.save(update_fields=["revoked_at"])
        tell("access.role_granted", row, by, reform.title)
