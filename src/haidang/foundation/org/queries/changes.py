"""Sets of changes: what they say, what they would do, and the map across them."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import QuerySet

from haidang.foundation.org.errors import ChangeSetNotFoundError, NoWayBackError
from haidang.foundation.org.models import ChangeSet
from haidang.foundation.org.queries import register
from haidang.foundation.org.rules import crosswalk, tree
from haidang.foundation.org.rules.changes import Change, Plan
from haidang.foundation.org.rules.crosswalk import Crosswalk
from haidang.foundation.org.rules.values import MapChange, Place, UnitRef, UnitRow


def change_sets() -> QuerySet[ChangeSet]:
    """Return the sets, those that wait first, then by day, the newest first."""
    return ChangeSet.objects.select_related("basis", "reverses").order_by("-on", "-pk")


def change_set(set_id: int) -> ChangeSet:
    """Return a set. Raises ChangeSetNotFoundError."""
    found = change_sets().filter(pk=set_id).first()
    if found is None:
        raise ChangeSetNotFoundError(id=set_id)
    return found


def plan_of(row: ChangeSet) -> Plan:
    """Return what a set says."""
    changes = row.changes.select_related("unit").prefetch_related("parts").order_by("unit__code")
    return Plan(
        on=row.on,
        changes=tuple(
            Change(
                change.unit.code,
                change.kind,
                tuple(part.row for part in change.parts.all()),
                change.measure,
            )
            for change in changes
        ),
        after=tuple(
            UnitRow(
                code=unit.code,
                name=unit.name,
                short_name=unit.short_name,
                level=unit.level_id,
                kind=unit.kind,
                parent=unit.parent or None,
                relation=unit.relation,
                designation=unit.designation,
                aliases=tuple(unit.aliases),
                place=_place(unit.latitude, unit.longitude),
            )
            for unit in row.after.order_by("code")
        ),
        returning=_returning(row),
    )


def _returning(row: ChangeSet) -> frozenset[str]:
    if row.reverses is None:
        return frozenset()
    return plan_of(row.reverses).abolished


def rows_before(plan: Plan) -> dict[str, UnitRow]:
    """Return the units as they were the day before a plan's, by code."""
    known = register.current()
    day = known.on(plan.on - timedelta(days=1)).units
    return {
        ref.code: UnitRow(
            ref.code,
            ref.name,
            ref.short_name,
            ref.level,
            ref.kind,
            known.code_of[ref.parent_id] if ref.parent_id else None,
            relation=ref.relation,
            designation=ref.designation,
        )
        for ref in day.values()
    }


def standing(on: date) -> dict[str, UnitRef]:
    """Return the units in force on a day, by code."""
    return {ref.code: ref for ref in register.current().on(on).units.values()}


def map_changes() -> list[MapChange]:
    """Return the sets of changes in force, in the order of their days."""
    return register.current().changes


def crosswalk_between(start: date, end: date) -> Crosswalk:
    """Return which share of each unit on the map of `start` is in each on that of `end`.

    Units that it does not name are wholly what they were. Raises NoWayBackError.
    """
    known = register.current()
    try:
        return known.crosswalk(known.era(start), known.era(end))
    except ValueError as error:
        raise NoWayBackError(start=start, end=end) from error


def walk_of(plan: Plan) -> Crosswalk:
    """Return the crosswalk that a plan would make; units that are not yet have ids below zero.

    Raises ValueError where the plan has problems.
    """
    codes = dict(register.current().codes)
    for number, row in enumerate(plan.after, 1):
        codes.setdefault(row.code, -number)
    return crosswalk.forward(
        crosswalk.Part(codes[change.unit], codes[part.target], part.size)
        for change in plan.changes
        for part in change.parts
    )


def turn(day: date) -> date:
    """Return the day on which units became what they are on `day`; one day for every such day."""
    turns = register.current().turns
    return turns[max(bisect_right(turns, day) - 1, 0)] if turns else day


def same_map(one: date, two: date) -> bool:
    """Tell whether no change of the map lies between two days."""
    known = register.current()
    return known.era(one) == known.era(two)


def same_ground(unit_id: int, one: date, two: date) -> bool:
    """Tell whether a unit with all under it covers the same ground on two days."""
    sooner, later = sorted((one, two))
    if same_map(sooner, later):
        return True
    known = register.current()
    before, after = known.on(sooner), known.on(later)
    return crosswalk.is_same_ground(
        crosswalk_between(sooner, later),
        frozenset(before.units),
        _all_under(before, unit_id),
        _all_under(after, unit_id),
    )


def _all_under(day: register.Day, unit_id: int) -> frozenset[int]:
    return tree.subtree(day.below, unit_id) if unit_id in day.units else frozenset()


def successors(unit_ids: Iterable[int], on: date) -> dict[int, tuple[UnitRef, ...]]:
    """Return the units of a day that hold most, then less, of units that ended before it."""
    known = register.current()
    day = known.on(on)
    found: dict[int, tuple[UnitRef, ...]] = {}
    for unit_id in unit_ids:
        spans = known.timelines.get(unit_id, [])
        if unit_id in day.units or not spans:
            continue
        walk = known.crosswalk(known.era(spans[-1].start), known.era(on))
        ends = sorted(crosswalk.shares(walk, unit_id).items(), key=lambda end: -end[1])
        found[unit_id] = tuple(day.units[end] for end, _ in ends if end in day.units)
    return found


def _place(latitude: float | None, longitude: float | None) -> Place | None:
    if latitude is None or longitude is None:
        return None
    return Place(latitude, longitude)
