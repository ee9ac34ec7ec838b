"""Cells on the map of their period: what an older map told is divided among today's units.

A row is told by the map that was in force on its day, as far as it was known when the row came
in. A figure stands on the map of the last day of its period. Where both are the same, and that
is nearly always so, nothing happens to the cell.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property

import numpy as np

from haidang.foundation.calendar import periods
from haidang.foundation.org import api as org
from haidang.insight.indicators.queries.conversion import last_day
from haidang.insight.indicators.rules import rollup
from haidang.insight.indicators.rules.rollup import Cells, Floats, Ints

PARTICIPANT = "indicators"
_DEPTH = 8  # no tree of units is deeper
_DIGITS = 6


def turns() -> list[int]:
    """Return the batches with which each change of the map became known, in order."""
    return [int(change.traces.get(PARTICIPANT, {}).get("batch", 0)) for change in org.map_changes()]


@dataclass(frozen=True)
class Way:
    """Where the cells of one leaf go on one map: rows of the ground's ancestors, and shares."""

    leaves: tuple[int, ...]
    weights: tuple[Fraction, ...]


@dataclass(frozen=True)
class Ground:
    """The leaves as they were told, and the maps that the periods stand on.

    `unit` and `told` have one entry per leaf: its unit's id, and how many changes of the map were
    behind what it says. `found` are the periods of the cells. A device is never divided.
    """

    unit: Sequence[int]
    told: Sequence[int]
    found: Sequence[periods.Period]
    is_devices: bool

    @cached_property
    def days(self) -> list[date]:
        """The days on which the tree became what it is in some period, without repeats."""
        return sorted(set(self._day_of_period))

    @cached_property
    def _day_of_period(self) -> list[date]:
        return [org.turn(last_day(period)) for period in self.found]

    @cached_property
    def tree(self) -> Ints:
        """The place in `days` of each period."""
        place = {day: number for number, day in enumerate(self.days)}
        return np.array([place[day] for day in self._day_of_period], dtype=np.int64)

    @cached_property
    def _ways(self) -> tuple[list[Way], Ints]:
        """The way of each leaf and tree, leaf by leaf, and the ancestors that ways point to."""
        places: dict[tuple[int, int], int] = {}
        ways = [
            self._way(leaf, tree, places)
            for leaf in range(len(self.unit))
            for tree in range(len(self.days))
        ]
        ancestors = np.full((len(places), _DEPTH), -1, dtype=np.int64)
        for (unit, tree), row in places.items():
            upwards = _upwards(unit, self.days[tree])
            ancestors[row, : len(upwards)] = upwards
        return ways, ancestors

    @property
    def ancestors(self) -> Ints:
        """The ids from each unit of a tree up to the root; -1 where there is none."""
        return self._ways[1]

    def cut(self, cells: Cells) -> Ints:
        """Return 1 for the cells of units whose border some leaf was divided by, else 0.

        A unit that holds all the parts of what was divided has lost nothing and is no estimate.
        """
        ways, ancestors = self._ways
        units: list[set[int]] = [set() for _ in self.days]
        for number, way in enumerate(ways):
            above = [set(ancestors[row].tolist()) for row in way.leaves]
            units[number % len(self.days)] |= set.union(*above) - set.intersection(*above)
        trees = self.tree[cells.period].tolist()
        pairs = zip(cells.unit.tolist(), trees, strict=True)
        return np.array([unit in units[tree] for unit, tree in pairs], dtype=np.int64)

    def _way(self, leaf: int, tree: int, places: dict[tuple[int, int], int]) -> Way:
        shares = _shares(self.unit[leaf], self.told[leaf], self.days[tree])
        if self.is_devices:
            shares = {max(shares, key=lambda unit: shares[unit]): Fraction(1)}
        rows = [places.setdefault((unit, tree), len(places)) for unit in shares]
        return Way(tuple(rows), tuple(shares.values()))

    def onto(self, cells: Cells, *, how: str, quotients: bool) -> Cells:
        """Return the cells on the map of their period, one per unit (or device) and period.

        `cells.unit` are leaves, and become rows of `ancestors`. Sums are divided to the last
        digit; a highest or lowest value holds for each part, as an estimate.
        """
        ways, ancestors = self._ways
        way = cells.unit * len(self.days) + self.tree[cells.period]
        flat = np.array([row for one in ways for row in one.leaves], dtype=np.int64)
        counts = np.array([len(one.leaves) for one in ways], dtype=np.int64)
        first = np.cumsum(counts) - counts
        rows = np.repeat(np.arange(len(cells)), counts[way])
        within = np.arange(len(rows)) - np.searchsorted(rows, rows, side="left")
        spread = replace(
            cells.take(rows),
            unit=flat[first[way[rows]] + within],
            estimated=np.maximum(cells.estimated[rows], counts[way[rows]] > 1),
        )
        if how == "sum" and counts.max(initial=0) > 1:
            numerator = _divided(cells.numerator, way, rows, ways)
            denominator = _divided(cells.denominator, way, rows, ways) if quotients else None
            spread = replace(spread, numerator=numerator)
            spread = spread if denominator is None else replace(spread, denominator=denominator)
        if self.is_devices or len(ancestors) == len(flat) == len(ways):
            return spread
        together = rollup.merged(spread, how)
        return replace(together, reported=np.ones(len(together), dtype=np.int64))


def _shares(unit: int, told: int, day: date) -> dict[int, Fraction]:
    """Return where on the map of a day a unit is, seen from the map that told of it.

    A unit that had ended on that map is sought on the last one that it was on.
    """
    spans, changes = org.history(unit), org.map_changes()
    if told and spans and spans[-1].end is not None:
        ended = spans[-1].end
        told = min(told, sum(change.on < ended for change in changes))
    start = changes[told - 1].on if told else date.min
    if day <= start:
        return {unit: Fraction(1)}
    return dict(org.shares(org.crosswalk_between(start, day), unit))


def _upwards(unit: int, day: date) -> list[int]:
    """Return the ids from a unit up to the root; of its first day where it was not there yet."""
    path = org.path(unit, on=day) or org.path(unit, on=org.history(unit)[0].start)
    return [above.id for above in reversed(path)][:_DEPTH]


def _divided(values: Floats, way: Ints, rows: Ints, ways: Sequence[Way]) -> Floats:
    """Return the value of each part; `rows` tells of which cell it is one. Whole cells stay."""
    found, scale = values[rows], 10 ** _digits(values)
    starts = np.searchsorted(rows, np.arange(len(values)), side="left")
    for cell, at in enumerate(way.tolist()):
        weights = ways[at].weights
        if len(weights) > 1 and not np.isnan(values[cell]):
            parts = org.apportion(round(values[cell] * scale), weights)
            found[starts[cell] : starts[cell] + len(parts)] = np.array(parts) / scale
    return found


def _digits(values: Floats) -> int:
    """Return how many digits behind the comma the values have."""
    finite = values[np.isfinite(values)]
    for digits in range(_DIGITS):
        scaled = finite * 10**digits
        if np.allclose(scaled, np.round(scaled), rtol=0, atol=1e-6):
            return digits
    return _DIGITS
