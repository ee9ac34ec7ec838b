"""What happens to units: they are created, renamed, moved, dissolved."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from haidang.foundation.core import audit, events, text
from haidang.foundation.core.audit import Actor
from haidang.foundation.org.errors import (
    CircularTreeError,
    UnitExistsError,
    UnitHasChildrenError,
    UnitNotFoundError,
    UnitNotInForceError,
)
from haidang.foundation.org.models import Unit, UnitAlias, UnitVersion
from haidang.foundation.org.queries import register
from haidang.foundation.org.rules import timeline, tree
from haidang.foundation.org.rules.timeline import Span
from haidang.foundation.org.rules.values import UnitRef, UnitRow


@transaction.atomic
def create_unit(
    row: UnitRow, *, on: date, by: Actor, basis: int | None = None, reason: str = ""
) -> UnitRef:
    """Create a unit that stands from `on`. Raises UnitExistsError, UnitNotInForceError."""
    if row.code in register.current().codes:
        raise UnitExistsError(code=row.code)
    parent = _parent_in_force(row.parent, on)
    unit = Unit.objects.create(code=row.code)
    UnitAlias.objects.bulk_create(UnitAlias(unit=unit, code=code) for code in row.aliases)
    version = version_of(unit, row, parent, DateRange(on, None))
    version.basis_id = basis
    version.save()
    _tell(unit, "org.unit_created", by, {"name": row.name, "from": str(on)}, reason)
    return register.ref_of(version)


@transaction.atomic
def rename(
    *,
    unit: int,
    name: str,
    short_name: str,
    on: date,
    by: Actor,
    basis: int | None = None,
    reason: str = "",
) -> None:
    """Give a unit another name from `on`. Raises UnitNotInForceError."""
    changed = _amend(
        unit, on, lambda ref: replace(ref, name=text.normal(name), short_name=short_name), basis
    )
    _tell(changed, "org.unit_renamed", by, {"name": name, "from": str(on)}, reason)


@transaction.atomic
def move(
    *, unit: int, parent: int, on: date, by: Actor, basis: int | None = None, reason: str = ""
) -> None:
    """Put a unit under another parent from `on`.

    Raises UnitNotInForceError, CircularTreeError.
    """
    if timeline.at(register.current().timelines.get(parent, ()), on) is None:
        raise UnitNotInForceError(id=parent, on=on)
    changed = _amend(unit, on, lambda ref: replace(ref, parent_id=parent), basis)
    _refuse_circles(on)
    _tell(changed, "org.unit_moved", by, {"parent": parent, "from": str(on)}, reason)


@transaction.atomic
def dissolve(*, unit: int, on: date, by: Actor, reason: str = "") -> None:
    """End a unit: it stands no more from `on`.

    Raises UnitNotInForceError, UnitHasChildrenError when another is under it then or later.
    """
    row = _locked(unit)
    spans = register.current().timelines.get(unit, [])
    if timeline.at(spans, on) is None:
        raise UnitNotInForceError(id=unit, on=on)
    if UnitVersion.objects.filter(parent=unit, valid__endswith__isnull=True).exists():
        raise UnitHasChildrenError(id=unit)
    if UnitVersion.objects.filter(parent=unit, valid__endswith__gt=on).exists():
        raise UnitHasChildrenError(id=unit)
    rewrite(row, spans, timeline.ended(spans, on))
    _tell(row, "org.unit_dissolved", by, {"on": str(on)}, reason)


def version_of(unit: Unit, row: UnitRow, parent: int | None, valid: DateRange) -> UnitVersion:
    """Return the unsaved version that a row to be imported describes."""
    version = UnitVersion(
        unit=unit,
        valid=valid,
        name=text.normal(row.name),
        short_name=text.normal(row.short_name),
        designation=row.designation,
        level_id=row.level,
        kind=row.kind,
        relation=row.relation,
        parent_id=parent,
    )
    version.fold()
    return version


def rewrite(
    unit: Unit, before: list[Span[UnitRef]], after: list[Span[UnitRef]], basis: int | None = None
) -> None:
    """Turn the rows of `before` into those of `after`: what ends is taken away or shortened first,
    for no two may hold on one day."""
    rows = {row.valid.lower: row for row in unit.versions.select_for_update()}
    wanted = {span.start: span for span in after}
    for span in before:
        if span.start not in wanted:
            rows.pop(span.start).delete()
    for span in before:
        if span.start in wanted and wanted[span.start].end != span.end:
            rows[span.start].valid = DateRange(span.start, wanted[span.start].end)
            rows[span.start].save(update_fields=["valid"])
    for span in after:
        if span not in before:
            _save(unit, rows.get(span.start), span, basis)


def _amend(
    unit: int, on: date, change: Callable[[UnitRef], UnitRef], basis: int | None = None
) -> Unit:
    row = _locked(unit)
    spans = register.current().timelines.get(unit, [])
    try:
        rewrite(row, spans, timeline.amended(spans, on, change), basis)
    except LookupError as error:
        raise UnitNotInForceError(id=unit, on=on) from error
    return row


def _locked(unit: int) -> Unit:
    row = Unit.objects.select_for_update().filter(pk=unit).first()
    if row is None:
        raise UnitNotFoundError(id=unit)
    return row


def _save(unit: Unit, row: UnitVersion | None, span: Span[UnitRef], basis: int | None) -> None:
    row = row or UnitVersion(unit=unit)
    ref = span.value
    row.valid = DateRange(span.start, span.end)
    row.name, row.short_name = ref.name, ref.short_name
    row.designation, row.kind, row.relation = ref.designation, ref.kind, ref.relation
    row.level_id, row.parent_id = ref.level, ref.parent_id
    row.basis_id = basis if basis is not None else row.basis_id
    row.unit = unit
    row.fold()
    row.save()


def _parent_in_force(code: str | None, on: date) -> int | None:
    if code is None:
        return None
    known = register.current()
    parent = known.codes.get(code)
    if parent is None or timeline.at(known.timelines.get(parent, ()), on) is None:
        raise UnitNotInForceError(code=code, on=on)
    return parent


def _refuse_circles(on: date) -> None:
    """Look at `on` and at every later day on which something changes."""
    known = register.current()
    starts = {span.start for spans in known.timelines.values() for span in spans}
    for day in {on, *(start for start in starts if start > on)}:
        if tree.has_circle(known.on(day).parents):
            raise CircularTreeError(on=day)


def _tell(unit: Unit, action: str, by: Actor, changes: dict[str, object], reason: str = "") -> None:
    audit.record(action=action, on=unit, by=by, changes=changes, reason=reason)
    events.publish(action, aggregate=f"unit:{unit.pk}", unit=unit.pk)
    transaction.on_commit(register.forget)
