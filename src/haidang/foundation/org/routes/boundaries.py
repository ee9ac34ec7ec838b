"""Official boundaries for other programs: the shapes in force, and the sheets behind them."""

from datetime import date
from typing import Any

from ninja import Field, File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from haidang.foundation.core import documents, gate
from haidang.foundation.core.gate import ScopedRequest
from haidang.foundation.org.actions import boundaries as changes
from haidang.foundation.org.models import BoundarySheet
from haidang.foundation.org.permissions import APPROVE, MANAGE, VIEW
from haidang.foundation.org.queries import boundaries, units

router = Router(tags=["Đơn vị"], auth=gate.session_or_key(VIEW))


class SheetOut(Schema):
    """Một bản ranh giới: nguồn, văn bản, tình trạng, điều cần biết và chỗ phải sửa."""

    id: int
    source: str
    decision: str
    on: date
    state: str
    file_name: str
    crs: str
    shapes: int
    notes: list[str]
    problems: list[str]


class SheetIn(Schema):
    """`system`: mã EPSG của hệ tọa độ; để trống thì theo tệp."""

    source: str = Field(min_length=1, max_length=200)
    decision: str = Field(min_length=1, max_length=100)
    on: date = Field(ge=date(1900, 1, 1), le=date(2199, 12, 31))
    system: str = ""


class ReasonIn(Schema):
    reason: str = Field(min_length=1, max_length=500)


@router.get("/boundaries", summary="Ranh giới chính thức đang có hiệu lực (GeoJSON)")
def show_boundaries(
    request: ScopedRequest, level: str | None = None, on: date | None = None
) -> dict[str, Any]:
    """FeatureCollection theo WGS 84 của các đơn vị trong phạm vi của tài khoản."""
    in_force = boundaries.sheets_in_force(on)
    shapes = boundaries.shapes(in_force)
    visible = request.scope.units(VIEW)
    refs = [unit for unit in units.all_units(level, on=on) if unit.id in visible]
    return {
        "type": "FeatureCollection",
        "sources": [f"{sheet.source}, {sheet.decision}" for sheet in in_force],
        "features": [
            {
                "type": "Feature",
                "id": unit.code,
                "properties": {"code": unit.code, "name": unit.name, "level": unit.level},
                "geometry": shapes[unit.id],
            }
            for unit in refs
            if unit.id in shapes
        ],
    }


@router.get(
    "/boundary-sheets",
    response=list[SheetOut],
    auth=gate.session_or_key(MANAGE),
    summary="Các bản ranh giới đã nhập",
)
def list_sheets(request: ScopedRequest) -> list[dict[str, Any]]:
    _require(request)
    return [_out(row) for row in boundaries.sheets()]


@router.post(
    "/boundary-sheets",
    response={201: SheetOut},
    auth=gate.session_or_key(MANAGE),
    summary="Nhập một tệp ranh giới để xem trước",
)
def post_sheet(
    request: ScopedRequest, body: Form[SheetIn], file: File[UploadedFile]
) -> Status[dict[str, Any]]:
    """GeoJSON hoặc Shapefile nén .zip; chưa bản đồ nào thay đổi."""
    _require(request)
    made = changes.import_sheet(
        name=file.name or "",
        content=file.read(documents.MOST_MAP_BYTES + 1),
        by=request.scope.actor,
        **body.model_dump(),
    )
    return Status(201, _out(boundaries.sheet(made)))


@router.post(
    "/boundary-sheets/{int:sheet_id}/use",
    response=SheetOut,
    auth=gate.session_or_key(APPROVE),
    summary="Duyệt, đưa bản ranh giới vào sử dụng",
)
def post_use(request: ScopedRequest, sheet_id: int) -> dict[str, Any]:
    """Người nhập không tự duyệt được."""
    request.scope.require(APPROVE, units.root().id)
    changes.use(sheet=sheet_id, by=request.scope.actor)
    return _out(boundaries.sheet(sheet_id))


@router.post(
    "/boundary-sheets/{int:sheet_id}/withdraw",
    response=SheetOut,
    auth=gate.session_or_key(MANAGE),
    summary="Rút bản ranh giới khỏi các bản đồ",
)
def post_withdrawal(request: ScopedRequest, sheet_id: int, body: ReasonIn) -> dict[str, Any]:
    _require(request)
    changes.withdraw(sheet=sheet_id, by=request.scope.actor, reason=body.reason)
    return _out(boundaries.sheet(sheet_id))


@router.delete(
    "/boundary-sheets/{int:sheet_id}",
    response={204: None},
    auth=gate.session_or_key(MANAGE),
    summary="Bỏ bản ranh giới chưa dùng",
)
def delete_sheet(request: ScopedRequest, sheet_id: int) -> Status[None]:
    _require(request)
    changes.discard(sheet=sheet_id, by=request.scope.actor)
    return Status(204, None)


def _require(request: ScopedRequest) -> None:
    request.scope.require(MANAGE, units.root().id)


def _out(row: BoundarySheet) -> dict[str, Any]:
    plain = ("source", "decision", "on", "state", "file_name", "crs", "notes", "problems")
    told = {name: getattr(row, name) for name in plain}
    return {"id": row.pk, "shapes": row.shapes, **told}  # type: ignore[attr-defined]  # counted
