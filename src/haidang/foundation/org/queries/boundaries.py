"""Sheets of official boundaries, and the shapes that are in force on a day."""

from datetime import date
from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone

from haidang.foundation.org.errors import SheetNotFoundError
from haidang.foundation.org.models import Boundary, BoundarySheet
from haidang.foundation.org.queries import register
from haidang.foundation.org.rules.values import SheetRef


def sheets() -> QuerySet[BoundarySheet]:
    """Return all sheets, the newest first, with the number of their shapes."""
    return BoundarySheet.objects.annotate(shapes=Count("boundaries")).order_by("-on", "-pk")


def sheet(sheet_id: int) -> BoundarySheet:
    """Return a sheet. Raises SheetNotFoundError."""
    found = sheets().filter(pk=sheet_id).first()
    if found is None:
        raise SheetNotFoundError(id=sheet_id)
    return found


def sheets_in_force(on: date | None = None) -> tuple[SheetRef, ...]:
    """Return the sheets in use on a day, the newest first; none costs a query."""
    day = on or timezone.localdate()
    return tuple(one for one in register.current().sheets if one.on <= day)


def shapes(in_force: tuple[SheetRef, ...]) -> dict[int, dict[str, Any]]:
    """Return the GeoJSON shape of each unit: that of the newest sheet that has one."""
    found: dict[int, dict[str, Any]] = {}
    for one in in_force:
        rows = Boundary.objects.filter(sheet=one.id).order_by("unit")
        for unit, geometry in rows.values_list("unit", "geometry").iterator():
            found.setdefault(unit, geometry)
    return found


def remarks(sheet_id: int) -> list[str]:
    """Return what a person should know of a sheet before it is used."""
    return list(sheet(sheet_id).notes)
