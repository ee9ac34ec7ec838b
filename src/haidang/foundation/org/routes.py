"""Units for other programs: /api/v1/units."""

from datetime import date

from ninja import Router, Schema

from haidang.foundation.core import gate
from haidang.foundation.core.gate import ScopedRequest
from haidang.foundation.org.permissions import VIEW
from haidang.foundation.org.queries import units
from haidang.foundation.org.rules.values import UnitRef

router = Router(tags=["Đơn vị"], auth=gate.session_or_key(VIEW))
MOST = 500


class UnitOut(Schema):
    """A unit as it was on the day asked for."""

    code: str
    name: str
    short_name: str
    designation: str
    level: str
    kind: str
    relation: str
    parent: str | None
    latitude: float | None
    longitude: float | None


class UnitsOut(Schema):
    """One page of units, and how many there are in all."""

    total: int
    items: list[UnitOut]


class VersionOut(Schema):
    """What a unit was from `start` to the day before `end`."""

    start: date
    end: date | None
    unit: UnitOut


class SectorOut(Schema):
    code: str
    name: str


@router.get("/units", response=UnitsOut, summary="Danh sách đơn vị tại một ngày")
def list_units(
    request: ScopedRequest,
    q: str = "",
    level: str | None = None,
    kind: str | None = None,
    on: date | None = None,
    limit: int = 100,
    offset: int = 0,
) -> UnitsOut:
    visible = request.scope.units(VIEW)
    found = [
        ref
        for ref in units.search(q, on)
        if ref.id in visible and level in (None, ref.level) and kind in (None, ref.kind)
    ]
    page = found[max(offset, 0) :][: min(max(limit, 1), MOST)]
    return UnitsOut(total=len(found), items=_out(page, on))


@router.get("/units/{code}", response=UnitOut, summary="Một đơn vị")
def show_unit(request: ScopedRequest, code: str, on: date | None = None) -> UnitOut:
    ref = units.unit(code, on)
    request.scope.require(VIEW, ref.id)
    return _out([ref], on)[0]


@router.get("/units/{code}/history", response=list[VersionOut], summary="Lịch sử của đơn vị")
def show_history(request: ScopedRequest, code: str) -> list[VersionOut]:
    ref = units.unit(code)
    request.scope.require(VIEW, ref.id)
    return [
        VersionOut(start=span.start, end=span.end, unit=_out([span.value], None)[0])
        for span in units.history(ref.id)
    ]


@router.get("/sectors", response=list[SectorOut], summary="Các lĩnh vực")
def list_sectors(request: ScopedRequest) -> list[SectorOut]:
    return [SectorOut(code=sector.code, name=sector.name) for sector in units.sectors()]


def _out(refs: list[UnitRef], on: date | None) -> list[UnitOut]:
    parents = units.units((ref.parent_id for ref in refs if ref.parent_id), on)
    places = units.places(on=on)
    found = []
    for ref in refs:
        parent, place = parents.get(ref.parent_id or 0), places.get(ref.id)
        found.append(
            UnitOut(
                **{name: getattr(ref, name) for name in UnitOut.model_fields if hasattr(ref, name)},
                parent=parent.code if parent else None,
                latitude=place.lat if place else None,
                longitude=place.lon if place else None,
            )
        )
    return found
