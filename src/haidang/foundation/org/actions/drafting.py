"""Sets of changes on paper: drafted by one person, approved by another."""

from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone

from haidang.foundation.core import jobs, text
from haidang.foundation.core.audit import Actor
from haidang.foundation.org.actions.change_sets import checked, locked, record
from haidang.foundation.org.errors import (
    ImpossiblePlanError,
    OwnDraftError,
    ReversedTooEarlyError,
)
from haidang.foundation.org.models import ChangePart, ChangeSet, UnitAfter, UnitChange
from haidang.foundation.org.queries import changes as known_changes
from haidang.foundation.org.queries import register
from haidang.foundation.org.rules import changes as rules
from haidang.foundation.org.rules import reversing
from haidang.foundation.org.rules.changes import Plan
from haidang.foundation.org.rules.values import UnitRow

APPLY_TASK = "org.apply_change_set"


@transaction.atomic
def draft(
    *,
    title: str,
    plan: Plan,
    by: Actor,
    basis: int | None = None,
    note: str = "",
    reverses: int | None = None,
) -> int:
    """Write a set down; return its id. It may still be wrong: `approve` looks at it."""
    row = ChangeSet.objects.create(
        title=text.normal(title),
        on=plan.on,
        basis_id=basis,
        note=note,
        reverses_id=reverses,
        drafted_by=by.id,
        drafted_by_label=by.label,
        drafted_at=timezone.now(),
    )
    _fill(row, plan)
    record("org.changes_drafted", row, by, {"on": str(plan.on), "units": len(plan.changes)})
    return row.pk


@transaction.atomic
def redraft(*, change_set: int, plan: Plan, by: Actor, title: str = "") -> None:
    """Write a draft anew; who writes last is its author. Raises WrongStateError."""
    row = locked(change_set, ChangeSet.State.DRAFT)
    said = known_changes.plan_of(row)
    if (said.changes, said.after) != (plan.changes, plan.after):
        row.reverses = None  # no longer the exact way back
    row.changes.all().delete()
    row.after.all().delete()
    row.on, row.title = plan.on, title or row.title
    row.drafted_by, row.drafted_by_label, row.drafted_at = by.id, by.label, timezone.now()
    row.save()
    _fill(row, plan)
    record("org.changes_drafted", row, by, {"on": str(plan.on), "units": len(plan.changes)})


@transaction.atomic
def reverse(*, change_set: int, on: date, by: Actor) -> int:
    """Draft the set that takes an applied one back from a later day on; return its id.

    It is approved and applied as any other: what was recorded meanwhile is told on the old units,
    divided values as estimates. Raises WrongStateError, TooEarlyError.
    """
    row = locked(change_set, ChangeSet.State.APPLIED)
    if on <= row.on:
        raise ReversedTooEarlyError(on=row.on)
    plan = known_changes.plan_of(row)
    return draft(
        title=f"Trở lại như trước: {row.title}",
        plan=reversing.reversal(plan, known_changes.rows_before(plan), on),
        note=f"Lập từ đợt “{row.title}” có hiệu lực {row.on:%d/%m/%Y}.",
        reverses=row.pk,
        by=by,
    )


@transaction.atomic
def discard(*, change_set: int, by: Actor) -> None:
    """Throw a draft away. Raises WrongStateError."""
    row = locked(change_set, ChangeSet.State.DRAFT)
    record("org.changes_discarded", row, by, {"on": str(row.on)})
    row.delete()


@transaction.atomic
def approve(*, change_set: int, by: Actor) -> None:
    """Approve a draft that somebody else wrote; it applies by itself when its day is to come.

    Raises WrongStateError, OwnDraftError, ImpossiblePlanError, LaterChangeError.
    """
    row = locked(change_set, ChangeSet.State.DRAFT)
    if by.id is not None and by.id == row.drafted_by:
        raise OwnDraftError
    checked(row)
    row.state, row.approved_at = ChangeSet.State.APPROVED, timezone.now()
    row.approved_by, row.approved_by_label = by.id, by.label
    row.save()
    record("org.changes_approved", row, by, {"on": str(row.on)})
    if row.on > timezone.localdate():
        jobs.defer(APPLY_TASK, at=_midnight(row.on), change_set=row.pk)


@transaction.atomic
def reopen(*, change_set: int, by: Actor, reason: str) -> None:
    """Make a draft of an approved or undone set again, to be mended. Raises WrongStateError."""
    row = locked(change_set, ChangeSet.State.APPROVED, ChangeSet.State.UNDONE)
    row.state, row.approved_at = ChangeSet.State.DRAFT, None
    row.applied_at, row.undone_at = None, None
    row.approved_by, row.approved_by_label = None, ""
    row.save()
    record("org.changes_reopened", row, by, {}, reason)


def _fill(row: ChangeSet, plan: Plan) -> None:
    """Write the content of a plan.

    Raises ImpossiblePlanError for what cannot even be written down: a unit that never was, or one
    of which two things are said.
    """
    codes = register.current().codes
    unknown = sorted({change.unit for change in plan.changes} - codes.keys())
    found = [f"{code}: không có đơn vị mang mã này." for code in unknown]
    found += rules.said_twice(plan)
    if found:
        raise ImpossiblePlanError(found)
    changes = UnitChange.objects.bulk_create(
        UnitChange(change_set=row, unit_id=codes[one.unit], kind=one.kind, measure=one.measure)
        for one in plan.changes
    )
    ChangePart.objects.bulk_create(
        ChangePart(change=change, target=part.target, amount=part.amount, places=list(part.places))
        for change, one in zip(changes, plan.changes, strict=True)
        for part in one.parts
    )
    UnitAfter.objects.bulk_create(_unit_after(row, unit) for unit in plan.after)


def _unit_after(row: ChangeSet, unit: UnitRow) -> UnitAfter:
    return UnitAfter(
        change_set=row,
        code=unit.code,
        name=text.normal(unit.name),
        short_name=text.normal(unit.short_name),
        designation=unit.designation,
        level_id=unit.level,
        kind=unit.kind,
        relation=unit.relation,
        parent=unit.parent or "",
        aliases=list(unit.aliases),
        latitude=unit.place.lat if unit.place else None,
        longitude=unit.place.lon if unit.place else None,
    )


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
