"""What a set of changes would do to the units, in the words of its preview."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from haidang.foundation.org.models import ChangeSet, Level
from haidang.foundation.org.queries import changes
from haidang.foundation.org.rules import changes as rules
from haidang.foundation.org.rules.changes import Change, Plan
from haidang.foundation.org.rules.values import UnitRef


@dataclass(frozen=True)
class Source:
    """A unit that gives ground; `share` is which part of it, None for the whole."""

    code: str
    name: str
    share: Fraction | None
    places: tuple[str, ...]

    @property
    def percent(self) -> float | None:
        return None if self.share is None else float(self.share * 100)


@dataclass(frozen=True)
class Outcome:
    """A unit as it will be, and the units that it comes from."""

    code: str
    name: str
    before: str  # its name until then; "": the unit is new
    parent: str
    sources: tuple[Source, ...]

    @property
    def is_new(self) -> bool:
        return not self.before


@dataclass(frozen=True)
class LevelCount:
    """How many units a level has before and after."""

    name: str
    before: int
    after: int


@dataclass(frozen=True)
class Preview:
    """Everything that the register alone can say of a set."""

    plan: Plan
    problems: list[str]
    counts: list[LevelCount]
    outcomes: list[Outcome]
    abolished: list[tuple[str, str]]  # name of the unit, name of who takes over
    divided: int

    @property
    def ended(self) -> int:
        return len(self.plan.ended)

    @property
    def begun(self) -> int:
        return sum(one.is_new for one in self.outcomes)


def preview(row: ChangeSet) -> Preview:
    """Return what a set would do to the units in force just before it; or did, if it applied."""
    plan = changes.plan_of(row)
    before = _standing_before(row, plan)
    is_done = row.state in (ChangeSet.State.APPLIED, ChangeSet.State.UNDONE)
    old = {code: ref.name for code, ref in before.items()}
    names = old | {one.code: one.name for one in plan.after}
    return Preview(
        plan=plan,
        problems=[] if is_done else rules.problems(plan, before),
        counts=_counts(plan, before),
        outcomes=_outcomes(plan, old, names),
        abolished=[
            (f"{names.get(one.unit, one.unit)} ({one.unit})", names.get(one.heir, one.heir))
            for one in plan.changes
            if one.kind == "abolish"
        ],
        divided=sum(one.kind == "split" for one in plan.changes),
    )


def _standing_before(row: ChangeSet, plan: Plan) -> dict[str, UnitRef]:
    """Return the units of the day, as they were when the set is in force already."""
    found = changes.standing(plan.on)
    if row.state != ChangeSet.State.APPLIED:
        return found
    named = {one.code for one in plan.after}
    kept = {code: ref for code, ref in found.items() if code not in named}
    for one in row.before:
        for span in one["spans"]:
            held = span["start"] < plan.on.isoformat() and (
                span["end"] is None or span["end"] >= plan.on.isoformat()
            )
            if held:
                ref = UnitRef(**span["value"])
                kept[ref.code] = ref
    return kept


def _counts(plan: Plan, before: Mapping[str, UnitRef]) -> list[LevelCount]:
    first = Counter(ref.level for ref in before.values() if ref.kind == "ubnd")
    staying = {code: ref for code, ref in before.items() if code not in plan.ended}
    levels = {code: ref.level for code, ref in staying.items() if ref.kind == "ubnd"}
    levels |= {one.code: one.level for one in plan.after if one.kind == "ubnd"}
    then = Counter(levels.values())
    rows = Level.objects.order_by("order")
    return [
        LevelCount(level.name, first[level.code], then[level.code])
        for level in rows
        if first[level.code] or then[level.code]
    ]


def _outcomes(plan: Plan, old: Mapping[str, str], names: Mapping[str, str]) -> list[Outcome]:
    sources: dict[str, list[Source]] = {}
    for change in plan.changes:
        if change.kind != "abolish":
            for target, source in _sources(change, old):
                sources.setdefault(target, []).append(source)
    return [
        Outcome(
            one.code,
            one.name,
            old.get(one.code, ""),
            names.get(one.parent or "", ""),
            tuple(sources.get(one.code, ())),
        )
        for one in plan.after
    ]


def _sources(change: Change, names: Mapping[str, str]) -> list[tuple[str, Source]]:
    name = names.get(change.unit, change.unit)
    total = sum((Fraction(part.size or 0) for part in change.parts), Fraction())
    is_divided = len(change.parts) > 1 and total
    return [
        (
            part.target,
            Source(
                change.unit,
                name,
                Fraction(part.size or 0) / total if is_divided else None,
                part.places,
            ),
        )
        for part in change.parts
    ]
