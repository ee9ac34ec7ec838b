"""Whole lists at once: units of a province, sectors, places, neighbours, competent units."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from haidang.foundation.core import audit, events
from haidang.foundation.core.audit import Actor
from haidang.foundation.org.actions.units import version_of
from haidang.foundation.org.errors import UnitNotFoundError
from haidang.foundation.org.models import (
    Competence,
    CompetenceVersion,
    Level,
    Neighbour,
    Place,
    Sector,
    SurroundingPoint,
    Unit,
    UnitAlias,
    UnitVersion,
)
from haidang.foundation.org.queries import register
from haidang.foundation.org.rules.starter import LEVELS, SECTORS
from haidang.foundation.org.rules.values import Surrounding, UnitRow


def install_starter() -> None:
    """Have the levels and sectors that the platform's own definitions name; keep all others."""
    Level.objects.bulk_create(
        (Level(code=code, name=name, order=order) for order, (code, name) in _in_order(LEVELS)),
        ignore_conflicts=True,
    )
    Sector.objects.bulk_create(
        (Sector(code=code, name=name, order=order) for order, (code, name) in _in_order(SECTORS)),
        ignore_conflicts=True,
    )


@transaction.atomic
def import_units(rows: Sequence[UnitRow], *, on: date, by: Actor) -> int:
    """Create the units that are not there yet, standing from `on`; return how many.

    A code that exists is left as it is: changes of a unit are renamings and moves, with a date.
    Raises UnitNotFoundError for an unknown parent.
    """
    ids = dict(register.current().codes)
    new = [row for row in rows if row.code not in ids]
    units = Unit.objects.bulk_create(Unit(code=row.code) for row in new)
    ids |= {unit.code: unit.pk for unit in units}
    pairs = list(zip(units, new, strict=True))
    UnitVersion.objects.bulk_create(
        version_of(unit, row, _parent(row, ids), DateRange(on, None)) for unit, row in pairs
    )
    UnitAlias.objects.bulk_create(
        UnitAlias(unit=unit, code=code) for unit, row in pairs for code in row.aliases
    )
    Place.objects.bulk_create(
        Place(unit=unit, latitude=row.place.lat, longitude=row.place.lon)
        for unit, row in pairs
        if row.place is not None
    )
    for unit in units:
        audit.record(action="org.unit_created", on=unit, by=by, changes={"from": str(on)})
    events.publish("org.units_imported", aggregate="units", count=len(units))
    transaction.on_commit(register.forget)
    return len(units)


@transaction.atomic
def set_neighbours(pairs: Iterable[tuple[int, int]], *, by: Actor) -> None:
    """Record which units touch."""
    ordered = sorted({(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]})
    rows = [Neighbour(first_id=first, second_id=second) for first, second in ordered]
    Neighbour.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        audit.record(
            action="org.neighbours_set", on=rows[0].first, by=by, changes={"count": len(rows)}
        )
    transaction.on_commit(register.forget)


@transaction.atomic
def set_surroundings(points: Iterable[Surrounding], *, by: Actor) -> None:
    """Replace the points of the neighbouring provinces' communes."""
    SurroundingPoint.objects.all().delete()
    rows = SurroundingPoint.objects.bulk_create(
        SurroundingPoint(
            code=point.code,
            name=point.name,
            latitude=point.place.lat,
            longitude=point.place.lon,
        )
        for point in points
    )
    if rows:
        audit.record(action="org.surroundings_set", on=rows[0], by=by, changes={"count": len(rows)})


@transaction.atomic
def set_competent_unit(
    *, unit: int, sector: str, competent: int, on: date, by: Actor, reason: str = ""
) -> None:
    """Name who deals with a sector's matters in a unit and all under it, from `on`."""
    row, _ = Competence.objects.select_for_update().get_or_create(unit_id=unit, sector_id=sector)
    row.versions.filter(valid__startswith__gte=on).delete()
    for held in row.versions.filter(valid__contains=on):
        held.valid = DateRange(held.valid.lower, on)
        held.save(update_fields=["valid"])
    row.versions.add(
        CompetenceVersion(valid=DateRange(on, None), competent_id=competent), bulk=False
    )
    audit.record(
        action="org.competent_unit_set",
        on=row,
        by=by,
        changes={"competent": competent, "from": str(on)},
        reason=reason,
    )
    transaction.on_commit(register.forget)


def _parent(row: UnitRow, ids: dict[str, int]) -> int | None:
    if row.parent is None:
        return None
    if row.parent not in ids:
        raise UnitNotFoundError(code=row.parent)
    return ids[row.parent]


def _in_order(names: dict[str, str]) -> Iterable[tuple[int, tuple[str, str]]]:
    return enumerate(names.items())
