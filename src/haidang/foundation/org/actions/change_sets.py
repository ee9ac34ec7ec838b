"""What every action on a set of changes does: find it, check it, write it into the audit trail."""

from collections.abc import Mapping

from haidang.foundation.core import audit
from haidang.foundation.core.audit import Actor
from haidang.foundation.org.errors import (
    ChangeSetNotFoundError,
    ImpossiblePlanError,
    LaterChangeError,
    WrongStateError,
)
from haidang.foundation.org.models import ChangeSet
from haidang.foundation.org.queries import changes as known_changes
from haidang.foundation.org.queries import register
from haidang.foundation.org.rules import changes as rules
from haidang.foundation.org.rules.changes import Plan


def locked(set_id: int, *states: str) -> ChangeSet:
    row = ChangeSet.objects.select_for_update().filter(pk=set_id).first()
    if row is None:
        raise ChangeSetNotFoundError(id=set_id)
    if row.state not in states:
        raise WrongStateError(state=row.state)
    return row


def checked(row: ChangeSet) -> Plan:
    """Return the plan of a set if it can be carried out on the units as they are."""
    plan = known_changes.plan_of(row)
    found = rules.problems(plan, known_changes.standing(plan.on))
    if found:
        raise ImpossiblePlanError(found)
    known = register.current()
    units = {known.codes[code] for code in named(plan) if code in known.codes}
    spans = (span for unit in units for span in known.timelines.get(unit, ()))
    if any(span.start > plan.on for span in spans) or any(
        change.on >= plan.on for change in known.changes
    ):
        raise LaterChangeError(on=plan.on)
    return plan


def named(plan: Plan) -> list[str]:
    """Return the codes whose units the plan ends, begins or changes."""
    return sorted({row.code for row in plan.after} | plan.ended)


def record(
    action: str, row: ChangeSet, by: Actor, changes: Mapping[str, object], reason: str = ""
) -> None:
    audit.record(action=action, on=row, by=by, changes=changes, reason=reason)
