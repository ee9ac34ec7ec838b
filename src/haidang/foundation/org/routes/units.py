"""Units for other programs: /api/v1/units."""

from datetime import date
from typing import Any

from ninja import Field, Router, Schema

from haidang.foundation.core import gate
from haidang.foundation.core.gate import ScopedRequest
from haidang.foundation.org.actions import units as changes
from haidang.foundation.org.errors import LegalBasisNotFoundError
from haidang.foundation.org.permissions import MANAGE, VIEW
from haidang.foundation.org.queries import people, units
from haidang.foundation.org.rules.values import LegalBasisRef, UnitRef

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


class BasisOut(Schema):
    """A legal text, in force from `start` to the day before `end`."""

    number: str
    title: str
    issued_by: str
    issued_date: date
    start: date
    end: date | None


class ChangeIn(Schema):
    """From when a unit changes, on which recorded legal text (by its number), and why."""

    on: date = Field(ge=date(1900, 1, 1), le=date(2199, 12, 31))
    basis: str = ""
    reason: str = Field("", max_length=500)


class RenameIn(ChangeIn):
    name: str = Field(min_length=1, max_length=200)
    short_name: str = Field(min_length=1, max_length=60)


class MoveIn(ChangeIn):
    """`parent` by code."""

    parent: str


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


@router.get("/legal-bases", response=list[BasisOut], summary="Các căn cứ pháp lý")
def list_legal_bases(
    request: ScopedRequest, on: date | None = None, limit: int = 100, offset: int = 0
) -> list[LegalBasisRef]:
    """Văn bản đã ghi, mới nhất trước; `on`: chỉ văn bản có hiệu lực tại ngày đó."""
    return people.legal_bases(on)[max(offset, 0) :][: min(max(limit, 1), MOST)]


@router.post(
    "/units/{code}/rename",
    response=UnitOut,
    auth=gate.session_or_key(MANAGE),
    summary="Đổi tên đơn vị từ một ngày",
)
def rename_unit(request: ScopedRequest, code: str, body: RenameIn) -> UnitOut:
    ref = _managed(request, code)
    given = body.dict(include={"name", "short_name"})
    changes.rename(unit=ref.id, **given, **_when(body), by=request.scope.actor)
    return _out([units.unit(code, body.on)], body.on)[0]


@router.post(
    "/units/{code}/move",
    response=UnitOut,
    auth=gate.session_or_key(MANAGE),
    summary="Chuyển đơn vị cấp trên từ một ngày",
)
def move_unit(request: ScopedRequest, code: str, body: MoveIn) -> UnitOut:
    ref = _managed(request, code)
    parent = units.unit(body.parent, body.on)
    request.scope.require(MANAGE, parent.id)
    changes.move(unit=ref.id, parent=parent.id, **_when(body), by=request.scope.actor)
    return _out([units.unit(code, body.on)], body.on)[0]


def _managed(request: ScopedRequest, code: str) -> UnitRef:
    ref = units.unit(code)
    request.scope.require(MANAGE, ref.id)
    return ref


def _when(body: ChangeIn) -> dict[str, Any]:
    """Return what every change is told: its day, its legal text by id, its reason."""
    found = [one.id for one in people.legal_bases() if body.basis and one.number == body.basis]
    if body.basis and not found:
        raise LegalBasisNotFoundError(number=body.basis)
    return {"on": body.on, "basis": found[0] if found else None, "reason": body.reason}


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
