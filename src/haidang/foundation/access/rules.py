"""What a set of grants covers: pairs of units and sectors, joined by "or"."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
ALL = None  # no limit: every unit, or every sector


@dataclass(frozen=True)
class Coverage:
    """Every unit of `units` in every sector of `sectors`; None stands for all of them."""

    units: frozenset[int] | None
    sectors: frozenset[str] | None

    def covers(self, unit_id: int | None, sector: str | None) -> bool:
        """Tell whether it holds there; None asks for "in any"."""
        in_unit = unit_id is None or self.units is ALL or unit_id in self.units
        in_sector = sector is None or self.sectors is ALL or sector in self.sectors
        return in_unit and in_sector

    def includes(self, other: "Coverage") -> bool:
        """Tell whether nothing of `other` lies outside."""
        return _within(other.units, self.units) and _within(other.sectors, self.sectors)


def _within(inner: frozenset[int] | frozenset[str] | None, outer: object) -> bool:
    if outer is ALL:
        return True
    return inner is not ALL and inner <= outer  # type: ignore[operator]


def merge(coverages: Iterable[Coverage]) -> tuple[Coverage, ...]:
    """Return the fewest pairs that say the same: equal sectors joined, included ones dropped."""
    units: dict[frozenset[str] | None, frozenset[int] | None] = {}
    for one in coverages:
        if one.units == frozenset() or one.sectors == frozenset():
            continue
        units[one.sectors] = _joined(units.get(one.sectors, frozenset()), one.units)
    sectors: dict[frozenset[int] | None, frozenset[str] | None] = {}
    for its_sectors, its_units in units.items():
        sectors[its_units] = _joined(sectors.get(its_units, frozenset()), its_sectors)
    joined = [Coverage(its_units, its_sectors) for its_units, its_sectors in sectors.items()]
    return tuple(one for one in joined if not included(one, (o for o in joined if o is not one)))


def _joined(a: frozenset[T] | None, b: frozenset[T] | None) -> frozenset[T] | None:
    return ALL if a is ALL or b is ALL else a | b


def included(one: Coverage, within: Iterable[Coverage]) -> bool:
    """Tell whether a single pair of `within` holds all of `one`."""
    return any(other.includes(one) for other in within)
