"""Official boundaries: a sheet is imported and looked at, then used, later withdrawn."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from haidang.foundation.core import audit, events, files, text
from haidang.foundation.core.audit import Actor
from haidang.foundation.org.errors import (
    OwnSheetError,
    SheetHasProblemsError,
    SheetNotFoundError,
    WrongStateError,
)
from haidang.foundation.org.models import Boundary, BoundarySheet
from haidang.foundation.org.queries import register


@transaction.atomic
def import_sheet(
    *,
    name: str,
    content: bytes,
    source: str,
    decision: str,
    on: date,
    by: Actor,
    system: str = "",
) -> int:
    """Read a GeoJSON file or a zipped Shapefile, keep it and what it says; return the sheet's id.

    Nothing is shown from it before `use`. `system` is a key of `files.outlines.SYSTEMS`; empty:
    what the file says. Raises UnreadableOutlinesError.
    """
    # Only here: these libraries weigh 30 MB that a web process can do without.
    from haidang.foundation.org.files import outlines as reading
    from haidang.foundation.org.rules import outlines

    shapes, crs = reading.shapes_of(name, content, system)
    known = register.current()
    units = list(known.on(on).units.values())
    examined = outlines.examine(shapes, units, known.codes, known.places)
    sheet = BoundarySheet.objects.create(
        source=text.normal(source),
        decision=text.normal(decision),
        on=on,
        file_name=name,
        sha256=files.store(content, name=name).sha256,
        crs=crs,
        column=examined.column,
        notes=examined.notes,
        problems=examined.problems,
        **_imported(by),
    )
    kept = [
        Boundary(
            sheet=sheet,
            unit_id=unit.id,
            geometry=outlines.plain(shape),
            area=round(outlines.area(shape), 4),
        )
        for unit, shape in examined.shapes.items()
    ]
    Boundary.objects.bulk_create(kept)
    changes = {"file": name, "units": len(kept), "problems": len(examined.problems)}
    audit.record(action="org.boundaries_imported", on=sheet, by=by, changes=changes)
    return sheet.pk


def _imported(by: Actor) -> dict[str, Any]:
    return {
        "imported_by": by.id, "imported_by_label": by.label, "imported_at": timezone.now()
    }  # fmt: skip


@transaction.atomic
def use(*, sheet: int, by: Actor) -> None:
    """Approve a sheet that somebody else imported: every map shows it from its day on.

    Raises OwnSheetError, SheetHasProblemsError, WrongStateError.
    """
    row = _locked(sheet, BoundarySheet.State.DRAFT)
    if by.id is not None and by.id == row.imported_by:
        raise OwnSheetError
    if row.problems:
        raise SheetHasProblemsError(" ".join(row.problems))
    row.state, row.used_at = BoundarySheet.State.IN_USE, timezone.now()
    row.used_by, row.used_by_label = by.id, by.label
    row.save(update_fields=["state", "used_at", "used_by", "used_by_label"])
    _tell("org.boundaries_used", row, by)


@transaction.atomic
def withdraw(*, sheet: int, by: Actor, reason: str) -> None:
    """Take the boundaries of a sheet off the maps. Raises WrongStateError."""
    row = _locked(sheet, BoundarySheet.State.IN_USE)
    row.state, row.withdrawn_at, row.withdrawn_by_label = "withdrawn", timezone.now(), by.label
    row.save(update_fields=["state", "withdrawn_at", "withdrawn_by_label"])
    _tell("org.boundaries_withdrawn", row, by, reason)


@transaction.atomic
def discard(*, sheet: int, by: Actor) -> None:
    """Throw a sheet away that was never used. Raises WrongStateError."""
    row = _locked(sheet, BoundarySheet.State.DRAFT)
    _tell("org.boundaries_discarded", row, by)
    row.delete()


def _locked(sheet: int, state: str) -> BoundarySheet:
    row = BoundarySheet.objects.select_for_update().filter(pk=sheet).first()
    if row is None:
        raise SheetNotFoundError(id=sheet)
    if row.state != state:
        raise WrongStateError("Bản ranh giới không ở bước này nữa; hãy tải lại trang.")
    return row


def _tell(action: str, row: BoundarySheet, by: Actor, reason: str = "") -> None:
    changes = {"on": str(row.on), "decision": row.decision}
    audit.record(action=action, on=row, by=by, changes=changes, reason=reason)
    events.publish(action, aggregate="boundaries", sheet=row.pk)
    transaction.on_commit(register.forget)
