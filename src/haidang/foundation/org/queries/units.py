"""Questions about units, answered as of a day; without a day, as of today."""

from collections.abc import Iterable
from datetime import date

from django.utils import timezone

from haidang.foundation.core import text
from haidang.foundation.org.errors import SectorNotFoundError, UnitNotFoundError
from haidang.foundation.org.models import SurroundingPoint
from haidang.foundation.org.queries import register
from haidang.foundation.org.queries.register import Day
from haidang.foundation.org.rules import timeline, tree
from haidang.foundation.org.rules.values import Place, SectorRef, Surrounding, UnitRef

ADMINISTRATIVE = ("province", "district", "commune")


def unit(code: str, on: date | None = None) -> UnitRef:
    """Return the unit of a code or an alias. Raises UnitNotFoundError."""
    known = register.current()
    found = known.unit(known.codes.get(code, 0), on)
    if found is None:
        raise UnitNotFoundError(code=code)
    return found


def unit_by_id(unit_id: int, on: date | None = None) -> UnitRef:
    """Return a unit as it is today, or was at last; as of `on` exactly if given.

    Raises UnitNotFoundError.
    """
    found = units([unit_id], on).get(unit_id)
    if found is None:
        raise UnitNotFoundError(id=unit_id)
    return found


def units(ids: Iterable[int], on: date | None = None) -> dict[int, UnitRef]:
    """Return units by id: as of `on` exactly, or else as they are today or were at last."""
    known = register.current()
    found = ((unit_id, known.unit(unit_id, on)) for unit_id in ids)
    return {unit_id: ref for unit_id, ref in found if ref is not None}


def all_units(
    level: str | None = None, kind: str | None = None, on: date | None = None
) -> list[UnitRef]:
    """Return the units in force, in the order of the dictionary."""
    return [
        ref
        for ref in _day(on).units.values()
        if level in (None, ref.level) and kind in (None, ref.kind)
    ]


def search(words: str, on: date | None = None) -> list[UnitRef]:
    """Return the units in force whose name or code has `words`, with or without accents.

    Names that match accent for accent come first.
    """
    exact, folded = text.normal(words).lower(), text.fold(words)
    found = [ref for ref in all_units(on=on) if folded in text.fold(f"{ref.name} {ref.code}")]
    return sorted(found, key=lambda ref: exact not in ref.name.lower())


def subtree(unit_id: int, on: date | None = None) -> frozenset[int]:
    """Return a unit and all under it."""
    return tree.subtree(_day(on).below, unit_id)


def children(unit_id: int, level: str | None = None, on: date | None = None) -> list[UnitRef]:
    """Return the units directly under a unit."""
    day = _day(on)
    found = [day.units[child] for child in day.below.get(unit_id, ())]
    return [ref for ref in found if level in (None, ref.level)]


def path(unit_id: int, on: date | None = None) -> list[UnitRef]:
    """Return the way from the root to a unit, both included."""
    day = _day(on)
    return [day.units[above] for above in tree.path(day.parents, unit_id) if above in day.units]


def root(on: date | None = None) -> UnitRef:
    """Return the unit at the top. Raises UnitNotFoundError in an empty register."""
    day = _day(on)
    roots = day.below.get(None, ())
    if not roots:
        raise UnitNotFoundError
    return day.units[roots[0]]


def codes() -> dict[str, int]:
    """Return the id of every code and alias."""
    return register.current().codes


def codes_of(unit_ids: Iterable[int]) -> dict[int, str]:
    """Return the lasting codes of units, also of those whose beginning was undone."""
    known = register.current().code_of
    return {unit: known[unit] for unit in unit_ids if unit in known}


def history(unit_id: int) -> list[timeline.Span[UnitRef]]:
    """Return what a unit was, from its first day on."""
    return list(register.current().timelines.get(unit_id, ()))


def sectors() -> list[SectorRef]:
    """Return the sectors in their order."""
    return register.current().sectors


def sector(code: str) -> SectorRef:
    """Return a sector by its code. Raises SectorNotFoundError."""
    for found in register.current().sectors:
        if found.code == code:
            return found
    raise SectorNotFoundError(code=code)


def place(unit_id: int) -> Place | None:
    """Return the point of a unit on the map."""
    return register.current().places.get(unit_id)


def level_below(level: str, on: date | None = None) -> str | None:
    """Return the level right below one of the province, district, commune: where there are no
    districts (since 01/07/2025) communes come after the province; None below the commune."""
    below = ADMINISTRATIVE[ADMINISTRATIVE.index(level) + 1 :] if level in ADMINISTRATIVE else ()
    return next((one for one in below if all_units(one, "ubnd", on=on)), None)


def places(level: str | None = None, on: date | None = None) -> dict[int, Place]:
    """Return the points of the units of a level."""
    known = register.current().places
    return {ref.id: known[ref.id] for ref in all_units(level, on=on) if ref.id in known}


def neighbours(unit_id: int) -> frozenset[int]:
    """Return the units that touch a unit."""
    return register.current().neighbours.get(unit_id, frozenset())


def surroundings() -> list[Surrounding]:
    """Return the points around the province that shape its schematic map."""
    rows = SurroundingPoint.objects.order_by("code")
    return [
        Surrounding(code, name, Place(latitude, longitude))
        for code, name, latitude, longitude in rows.values_list(
            "code", "name", "latitude", "longitude"
        )
    ]


def competent_unit(unit_id: int, sector: str, on: date | None = None) -> UnitRef:
    """Return who deals with a sector's matters in a unit.

    The nearest answer on the way up counts; where nobody is named it is the unit itself.
    Raises UnitNotFoundError.
    """
    known, day = register.current(), on or timezone.localdate()
    answers = (
        timeline.at(known.competences.get((above, sector), ()), day)
        for above in reversed(tree.path(known.on(day).parents, unit_id))
    )
    span = next((answer for answer in answers if answer is not None), None)
    found = known.unit(unit_id if span is None else span.value, on)
    if found is None:
        raise UnitNotFoundError(id=unit_id)
    return found


def _day(on: date | None) -> Day:
    return register.current().on(on or timezone.localdate())
