"""The plan that takes a set of changes back: what was joined is parted again, what ended returns.

A set that data and rights have come to rest upon is not undone; it is answered by another set of
a later day, by which what was recorded meanwhile is told on the old units again.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from haidang.foundation.org.rules.changes import Change, PartRow, Plan
from haidang.foundation.org.rules.values import UnitRow


def reversal(plan: Plan, before: Mapping[str, UnitRow], on: date) -> Plan:
    """Return the plan that brings the units of a plan back from a day on.

    `before` are the units as they were, by code. A part keeps the amount that it brought; where
    none was said, and what a unit held that the plan does not name, is for a person to fill in.
    """
    came: defaultdict[str, list[tuple[str, PartRow]]] = defaultdict(list)
    measures: dict[str, str] = {}
    for change in plan.changes:
        if change.unit in plan.abolished:
            continue
        for part in change.parts:
            came[part.target].append((change.unit, part))
            measures.setdefault(part.target, change.measure)
    named = {change.unit for change in plan.changes}
    for target in came.keys() & before.keys() - named:
        came[target].insert(0, (target, PartRow(target)))
    changes = tuple(
        _back(target, parts, measures[target]) for target, parts in sorted(came.items())
    )
    again = {row.code for row in plan.after} | plan.ended
    after = tuple(before[code] for code in sorted(again & before.keys()))
    return Plan(on, changes, after, returning=plan.abolished)


def _back(target: str, parts: list[tuple[str, PartRow]], measure: str) -> Change:
    rows = tuple(PartRow(unit, part.amount, part.places) for unit, part in parts)
    if len(rows) > 1:
        return Change(target, "split", rows, measure)
    kind = "rename" if rows[0].target == target else "merge"
    return Change(target, kind, (PartRow(rows[0].target),), measure)
