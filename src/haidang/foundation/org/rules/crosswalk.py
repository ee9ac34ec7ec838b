"""From the map of one day to that of another: which share of each unit became part of which.

A crosswalk names the units that changed; every other unit is wholly what it was. Weights are
fractions, so that composing them loses nothing; the weights of one unit always sum to one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

Crosswalk = Mapping[int, Mapping[int, Fraction]]
WHOLE = Fraction(1)


@dataclass(frozen=True)
class Part:
    """What of one unit became part of another: people, area, or a number of places.

    A unit that goes whole into one other needs no amount.
    """

    source: int
    target: int
    amount: Decimal | None = None


@dataclass(frozen=True)
class Step:
    """The parts that changed hands on one day."""

    on: date
    parts: tuple[Part, ...]
    name: int = 0
    undoes: int = 0
    """The name of the step that this one takes back as it was; 0: none."""


@dataclass(frozen=True)
class Converted:
    """A value on another map; an estimate where a unit had to be divided for it."""

    value: Decimal
    is_estimate: bool


def forward(parts: Iterable[Part]) -> Crosswalk:
    """Return the share of each unit that went to each other.

    Raises ValueError where a unit is divided and an amount is missing, or none is positive.
    """
    found: defaultdict[int, dict[int, Decimal | None]] = defaultdict(dict)
    for part in parts:
        found[part.source][part.target] = part.amount
    return {source: _shares(targets) for source, targets in found.items()}


def backward(parts: Sequence[Part]) -> Crosswalk:
    """Return, for going back in time, the share of each unit that came from each other.

    Raises ValueError where units were joined and it is not said how much each brought.
    """
    return forward([Part(part.target, part.source, part.amount) for part in parts])


def compose(first: Crosswalk, second: Crosswalk) -> Crosswalk:
    """Return the crosswalk of one change after another."""
    found = {source: dict(targets) for source, targets in second.items() if source not in first}
    for source, targets in first.items():
        ends: defaultdict[int, Fraction] = defaultdict(Fraction)
        for middle, weight in targets.items():
            for end, share in second.get(middle, {middle: WHOLE}).items():
                ends[end] += weight * share
        found[source] = dict(ends)
    return found


def between(steps: Iterable[Step], start: date, end: date) -> Crosswalk:
    """Return the crosswalk from the map of `start` to that of `end`, on in time or back.

    Raises ValueError where the way back is not known.
    """
    sooner, later = sorted((start, end))
    ordered = sorted(steps, key=lambda step: step.on)
    crossed = _lasting(step for step in ordered if sooner < step.on <= later)
    found: Crosswalk = {}
    for step in crossed if start <= end else reversed(crossed):
        way = forward if start <= end else backward
        found = compose(found, way(step.parts))
    return found


def _lasting(steps: Iterable[Step]) -> list[Step]:
    """Return steps in their order, without those that the very next one takes back."""
    found: list[Step] = []
    for step in steps:
        if found and step.undoes and step.undoes == found[-1].name:
            found.pop()
        else:
            found.append(step)
    return found


def shares(crosswalk: Crosswalk, unit: int) -> Mapping[int, Fraction]:
    """Return what became of a unit."""
    return crosswalk.get(unit, {unit: WHOLE})


def apportion(total: int, weights: Sequence[Fraction]) -> list[int]:
    """Divide a whole number by weights that sum to one; the parts sum to it exactly.

    Every part is its exact share rounded down, and the units that are left over go to the largest
    remainders (the earlier first): no part is a whole unit away from its share.
    """
    exact = [abs(total) * weight for weight in weights]
    parts = [share.numerator // share.denominator for share in exact]
    left = abs(total) - sum(parts)
    by_remainder = sorted(range(len(exact)), key=lambda at: (parts[at] - exact[at], at))
    for at in by_remainder[:left]:
        parts[at] += 1
    return [-part for part in parts] if total < 0 else parts


def convert(values: Mapping[int, Decimal], crosswalk: Crosswalk) -> dict[int, Converted]:
    """Bring the additive values of units to another map; their sum stays the same, digit by digit.

    Values are divided by whole units of the last digit that any of them has.
    """
    digits = max((_digits(value) for value in values.values()), default=0)
    sums: defaultdict[int, int] = defaultdict(int)
    divided: set[int] = set()
    for unit, value in values.items():
        found = sorted(shares(crosswalk, unit).items())
        parts = apportion(int(value.scaleb(digits)), [weight for _, weight in found])
        for (target, weight), part in zip(found, parts, strict=True):
            sums[target] += part
            if weight != WHOLE:
                divided.add(target)
    return {
        unit: Converted(Decimal(total).scaleb(-digits), unit in divided)
        for unit, total in sums.items()
    }


def is_same_ground(
    crosswalk: Crosswalk, standing: frozenset[int], before: frozenset[int], after: frozenset[int]
) -> bool:
    """Tell whether the units `before` cover exactly what the units `after` cover.

    `standing` are all units that there were before.
    """
    for unit in standing & {*crosswalk, *before, *after}:
        inside = sum(
            (weight for end, weight in shares(crosswalk, unit).items() if end in after), Fraction()
        )
        if inside != (WHOLE if unit in before else 0):
            return False
    return True


def _shares(targets: Mapping[int, Decimal | None]) -> dict[int, Fraction]:
    if len(targets) == 1:
        return dict.fromkeys(targets, WHOLE)
    amounts = {end: Fraction(amount) for end, amount in targets.items() if amount is not None}
    total = sum(amounts.values(), Fraction())
    if len(amounts) < len(targets) or min(amounts.values()) < 0 or not total:
        raise ValueError("a divided unit needs an amount for each part")
    return {end: amount / total for end, amount in amounts.items()}


def _digits(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError("only finite values are converted")
    return max(0, -exponent)
