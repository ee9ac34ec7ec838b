"""Sets of changes in force: applied whole in one transaction, undone while nothing depends."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from haidang.foundation.core import events
from haidang.foundation.core.audit import Actor
from haidang.foundation.org.actions.change_sets import checked, locked, named, record
from haidang.foundation.org.actions.participants import Reform, participants
from haidang.foundation.org.actions.units import rewrite
from haidang.foundation.org.errors import (
    CircularTreeError,
    DependedUponError,
    TooEarlyError,
    UnitNotInForceError,
)
from haidang.foundation.org.models import ChangeSet, Place, Unit, UnitAlias
from haidang.foundation.org.queries import changes as known_changes
from haidang.foundation.org.queries import register
from haidang.foundation.org.rules import changes as rules
from haidang.foundation.org.rules import timeline, tree
from haidang.foundation.org.rules.changes import Plan
from haidang.foundation.org.rules.timeline import Span
from haidang.foundation.org.rules.values import UnitRef, UnitRow

MAP_CHANGED = "org.map_changed"
Spans = list[Span[UnitRef]]


@transaction.atomic
def apply(*, change_set: int, by: Actor, now: datetime) -> None:
    """Make the map another from the set's day on, and take along what hangs on its units.

    Raises WrongStateError, TooEarlyError, ImpossiblePlanError, LaterChangeError.
    """
    row = locked(change_set, ChangeSet.State.APPROVED)
    if row.on > timezone.localdate(now):
        raise TooEarlyError(on=row.on)
    plan = checked(row)
    units = _units(plan)
    before = _spans(units.values())
    for unit, spans in _afterwards(plan, units, before).items():
        rewrite(Unit.objects.get(pk=unit), before[unit], spans, row.basis_id)
    _refuse_broken_trees(plan.on)
    _name_also(plan, units)
    row.state, row.applied_at, row.undone_at = ChangeSet.State.APPLIED, now, None
    row.before = _as_json(before)
    row.save()
    reform = _reform(row, plan, units, now)
    row.traces = {name: one.apply(reform, by) for name, one in participants().items()}
    row.save(update_fields=["traces"])
    record("org.changes_applied", row, by, {"on": str(row.on), "ended": len(plan.ended)})
    _tell(row)


@transaction.atomic
def undo(*, change_set: int, by: Actor, reason: str, now: datetime) -> None:
    """Bring the map back to what it was. Raises WrongStateError, DependedUponError."""
    row = locked(change_set, ChangeSet.State.APPLIED)
    plan = known_changes.plan_of(row)
    units = {code: register.current().codes[code] for code in named(plan)}
    reform = _reform(row, plan, units, now)
    blockers = what_depends(row, reform)
    if blockers:
        raise DependedUponError(blockers)
    before = _from_json(row.before)
    for name, one in reversed(list(participants().items())):
        one.undo(reform, row.traces.get(name, {}), by)
    current = _spans(before)
    for unit, spans in before.items():
        rewrite(Unit.objects.get(pk=unit), current[unit], spans)
    row.state, row.undone_at = ChangeSet.State.UNDONE, now
    row.save()
    record("org.changes_undone", row, by, {"on": str(row.on)}, reason)
    _tell(row)


def blockers(row: ChangeSet) -> list[str]:
    """Return, in words, why an applied set cannot be undone; nothing: it can."""
    plan = known_changes.plan_of(row)
    units = {code: register.current().codes[code] for code in named(plan)}
    return what_depends(row, _reform(row, plan, units, timezone.now()))


def what_depends(row: ChangeSet, reform: Reform) -> list[str]:
    """Return, in words, what would lose its ground if an applied set were undone."""
    others = ChangeSet.objects.filter(state=ChangeSet.State.APPLIED, on__gt=row.on)
    found = [f"Đợt sắp xếp sau đó còn hiệu lực: {other.title}." for other in others]
    before = _from_json(row.before)
    units = {code: register.current().codes[code] for code in named(reform.plan)}
    expected = _afterwards(reform.plan, units, before)
    current = _spans(before)
    for unit, spans in expected.items():
        if current[unit] != spans:
            found.append(f"{spans[-1].value.name}: đã thay đổi tiếp sau đợt sắp xếp này.")
    found += _children_since(units.values(), before, row.on)
    for name, one in participants().items():
        found += one.blockers(reform, row.traces.get(name, {}))
    return found


def _units(plan: Plan) -> dict[str, int]:
    """Return the ids of the named units; new ones are created, without a day of life yet."""
    codes = dict(register.current().codes)
    new = [code for code in named(plan) if code not in codes]
    codes |= {unit.code: unit.pk for unit in Unit.objects.bulk_create(Unit(code=c) for c in new)}
    return {code: codes[code] for code in named(plan)}


def _spans(units: Iterable[int]) -> dict[int, Spans]:
    known = register.current().timelines
    return {unit: list(known.get(unit, ())) for unit in units}


def _afterwards(
    plan: Plan, units: Mapping[str, int], before: Mapping[int, Spans]
) -> dict[int, Spans]:
    """Return what the named units are once the plan has been carried out."""
    codes = {**register.current().codes, **units}
    found: dict[int, Spans] = {
        units[code]: timeline.ended(before[units[code]], plan.on) for code in plan.ended
    }
    for row in plan.after:
        unit, parent = units[row.code], codes[row.parent] if row.parent else None
        spans = before[unit]
        if timeline.at(spans, plan.on) is None:
            found[unit] = [*spans, Span(plan.on, None, _new(unit, row, parent))]
        else:
            found[unit] = timeline.amended(
                spans, plan.on, partial(rules.as_it_will_be, row=row, parent=parent)
            )
    return found


def _new(unit: int, row: UnitRow, parent: int | None) -> UnitRef:
    blank = UnitRef(unit, row.code, "", "", row.level, row.kind, row.relation, parent)
    return rules.as_it_will_be(blank, row, parent)


def _refuse_broken_trees(on: date) -> None:
    """Look at `on` and at every later day on which something changes."""
    known = register.current()
    starts = {span.start for spans in known.timelines.values() for span in spans}
    for day in {on, *(start for start in starts if start > on)}:
        units = known.on(day).units
        for ref in units.values():
            if ref.parent_id is not None and ref.parent_id not in units:
                raise UnitNotInForceError(id=ref.parent_id, on=day, child=ref.code)
        if tree.has_circle(known.on(day).parents):
            raise CircularTreeError(on=day)


def _name_also(plan: Plan, units: Mapping[str, int]) -> None:
    UnitAlias.objects.bulk_create(
        (
            UnitAlias(unit_id=units[row.code], code=code, note=f"Từ {plan.on:%d/%m/%Y}")
            for row in plan.after
            for code in row.aliases
        ),
        ignore_conflicts=True,
    )
    Place.objects.bulk_create(
        (
            Place(unit_id=units[row.code], latitude=row.place.lat, longitude=row.place.lon)
            for row in plan.after
            if row.place is not None
        ),
        ignore_conflicts=True,
    )


def _reform(row: ChangeSet, plan: Plan, units: Mapping[str, int], now: datetime) -> Reform:
    known = register.current()
    codes = {**known.codes, **units}
    return Reform(
        id=row.pk,
        title=row.title,
        on=row.on,
        now=now,
        plan=plan,
        heirs={codes[code]: codes[heir] for code, heir in plan.heirs.items() if heir in codes},
        abolished=frozenset(codes[code] for code in plan.abolished),
        born=frozenset(
            unit
            for unit in units.values()
            if all(span.start >= row.on for span in known.timelines.get(unit, ()))
        ),
    )


def _children_since(units: Iterable[int], before: Mapping[int, Spans], on: date) -> Sequence[str]:
    """Return which other units were put under units that the set brought into being."""
    born = {unit for unit in units if not before.get(unit)}
    return [
        f"{span.value.name}: trực thuộc đơn vị do đợt sắp xếp này lập."
        for unit, spans in register.current().timelines.items()
        if unit not in before
        for span in spans
        if span.value.parent_id in born and (span.end is None or span.end > on)
    ]


def _as_json(before: Mapping[int, Spans]) -> list[dict[str, Any]]:
    return [
        {
            "unit": unit,
            "spans": [
                {
                    "start": span.start.isoformat(),
                    "end": span.end.isoformat() if span.end else None,
                    "value": vars(span.value),
                }
                for span in spans
            ],
        }
        for unit, spans in before.items()
    ]


def _from_json(kept: Iterable[Mapping[str, Any]]) -> dict[int, Spans]:
    return {one["unit"]: [_span(span) for span in one["spans"]] for one in kept}


def _span(kept: Mapping[str, Any]) -> Span[UnitRef]:
    end = date.fromisoformat(kept["end"]) if kept["end"] else None
    return Span(date.fromisoformat(kept["start"]), end, UnitRef(**kept["value"]))


def _tell(row: ChangeSet) -> None:
    events.publish(MAP_CHANGED, aggregate="map", change_set=row.pk, on=str(row.on))
    transaction.on_commit(register.forget)
