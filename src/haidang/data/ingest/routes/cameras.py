"""Routes of the register of cameras and of its log; no pictures."""

import datetime as dt
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, File, Schema, Status
from ninja.files import UploadedFile
from pydantic import AwareDatetime, ConfigDict

from haidang.data.ingest.actions import cameras as actions
from haidang.data.ingest.actions import importing, importing_cameras
from haidang.data.ingest.models import Camera, CameraAccess
from haidang.data.ingest.permissions import CAMERAS, CAMERAS_LOG, CAMERAS_MANAGE
from haidang.data.ingest.queries import cameras
from haidang.data.ingest.routes.common import router, scope_of
from haidang.data.ingest.routes.devices import ImportOut, table_out
from haidang.data.ingest.rules import registers
from haidang.data.ingest.tables.registers import ACCESSES
from haidang.data.ingest.tables.registers import CAMERAS as CAMERAS_TABLE
from haidang.foundation.access.api import SessionOrKey
from haidang.foundation.core import paging
from haidang.foundation.org import api as org

_VIEW, _MANAGE = SessionOrKey(CAMERAS), SessionOrKey(CAMERAS_MANAGE)
_STATE = Literal["active", "paused", "retired"]


class CameraOut(Schema):
    """Một camera trong sổ đăng ký."""

    code: str
    title: str
    owner: str
    unit: str
    sector: str
    place: str
    latitude: float | None
    longitude: float | None
    purpose: str
    legal_basis: str
    notice_place: str
    notice_since: dt.date | None
    retention_days: int
    viewers: str
    state: str
    registered_at: dt.datetime
    registered_by: str


class CamerasOut(Schema):
    """Một trang camera và tổng số."""

    total: int
    items: list[CameraOut]


class CameraIn(Schema):
    """Camera mới; `owner`, `unit` là mã đơn vị."""

    model_config = ConfigDict(extra="forbid")

    code: str
    owner: str
    unit: str
    title: str
    place: str
    purpose: str
    legal_basis: str
    retention_days: int = Field(ge=1, le=3650)
    viewers: str
    reason: str = Field(min_length=1, max_length=500)
    sector: str = ""
    latitude: float | None = None
    longitude: float | None = None
    notice_place: str = ""
    notice_since: dt.date | None = None
    state: _STATE = "active"


class CameraChangeIn(Schema):
    """Chỉ ghi những mục cần đổi, và lý do."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=500)
    unit: str = ""
    title: str = ""
    place: str = ""
    purpose: str = ""
    legal_basis: str = ""
    retention_days: int = Field(1, ge=1, le=3650)
    viewers: str = ""
    sector: str = ""
    latitude: float | None = None
    longitude: float | None = None
    notice_place: str = ""
    notice_since: dt.date | None = None
    state: _STATE = "active"


class AccessIn(Schema):
    """Một lượt xem, đề nghị, trích xuất hoặc từ chối."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["live", "recorded", "asked", "handed", "refused"]
    at: AwareDatetime
    who: str = Field(min_length=1, max_length=500)
    purpose: str = Field(min_length=1, max_length=1000)
    document: str = ""
    span_from: AwareDatetime | None = None
    span_to: AwareDatetime | None = None


class AccessOut(Schema):
    """Một dòng nhật ký truy cập; không sửa, không xóa được."""

    camera: str
    kind: str
    at: dt.datetime
    who: str
    purpose: str
    document: str
    span_from: dt.datetime | None
    span_to: dt.datetime | None
    recorded_at: dt.datetime
    recorded_by: str


@router.get("/cameras", response=CamerasOut, auth=_VIEW, summary="Sổ đăng ký camera")
def get_cameras(
    request: HttpRequest,
    q: str = "",
    owner: str = "",
    unit: str = "",
    state: str = "",
    notice: str = "",
    sort: str = "code",
    limit: int = 100,
    offset: int = 0,
) -> dict[str, Any]:
    """Camera trong phạm vi của tài khoản; `notice`: with hoặc without."""
    asked = cameras.Filters(q, owner, unit, state, notice)
    found = CAMERAS_TABLE.ordered(sort, cameras.find(scope_of(request), asked))
    rows, total = paging.part(found, min(max(limit, 1), 1000), max(offset, 0))
    return {"total": total, "items": [_camera(one) for one in rows]}


@router.post("/cameras", response={201: CameraOut}, auth=_MANAGE, summary="Đăng ký camera")
def post_camera(request: HttpRequest, body: CameraIn) -> Status[dict[str, Any]]:
    """Đăng ký camera của một đơn vị trong phạm vi."""
    given = body.model_dump()
    given["unit_id"] = org.unit(given.pop("unit")).id
    owner = org.unit(given.pop("owner")).id
    made = actions.register(owner_id=owner, by=scope_of(request), **given)
    return Status(201, _camera(cameras.seen(scope_of(request), made.code)))


@router.get("/cameras/{code}", response=CameraOut, auth=_VIEW, summary="Một camera")
def get_camera(request: HttpRequest, code: str) -> dict[str, Any]:
    """Nội dung đăng ký của một camera."""
    return _camera(cameras.seen(scope_of(request), code))


@router.patch("/cameras/{code}", response=CameraOut, auth=_MANAGE, summary="Sửa camera")
def patch_camera(request: HttpRequest, code: str, body: CameraChangeIn) -> dict[str, Any]:
    """Sửa nội dung đăng ký; mã và đơn vị quản lý không đổi được."""
    scope = scope_of(request)
    cameras.seen(scope, code)
    changes = body.model_dump(exclude_unset=True)
    if "unit" in changes:
        changes["unit_id"] = org.unit(changes.pop("unit")).id
    actions.change(camera=code, by=scope, **changes)
    return _camera(cameras.seen(scope, code))


@router.get(
    "/camera-accesses", response=list[AccessOut], auth=_VIEW, summary="Nhật ký truy cập camera"
)
def get_accesses(
    request: HttpRequest, camera: str = "", kind: str = "", limit: int = 100, offset: int = 0
) -> list[dict[str, Any]]:
    """Ai xem, ai đề nghị hình ảnh của camera trong phạm vi, mới nhất trước."""
    found = ACCESSES.ordered("", cameras.accesses(scope_of(request), kind=kind))
    if camera:
        found = found.filter(camera__code=camera)
    rows, _ = paging.part(found, min(max(limit, 1), 1000), max(offset, 0))
    return [_access(one) for one in rows]


@router.post(
    "/cameras/{code}/accesses",
    response={201: AccessOut},
    auth=SessionOrKey(CAMERAS_LOG),
    summary="Ghi lượt truy cập camera",
)
def post_access(request: HttpRequest, code: str, body: AccessIn) -> Status[dict[str, Any]]:
    """Ghi một lượt xem, đề nghị, trích xuất hoặc từ chối."""
    scope = scope_of(request)
    cameras.seen(scope, code)
    made = actions.log(camera=code, by=scope, now=timezone.now(), **body.model_dump())
    return Status(201, _access(made))


@router.post("/camera-table", response=ImportOut, auth=_MANAGE, summary="Đăng ký camera từ tệp")
def post_camera_table(
    request: HttpRequest, file: File[UploadedFile], reason: str = "", apply: bool = False
) -> dict[str, Any]:
    """Xem trước tệp CSV hoặc XLSX sẽ thêm, đổi gì; `apply=true` cùng lý do thì thực hiện."""
    scope = scope_of(request)
    media = importing.media_of(file.content_type or "", file.name or "")
    judged = importing_cameras.preview(content=file.chunks(), media=media, by=scope)
    if apply:
        importing_cameras.apply(lines=registers.lines_of(judged), by=scope, reason=reason)
    return table_out(judged, applied=apply)


def _camera(one: Camera) -> dict[str, Any]:
    said = {"registered_at": one.registered_at, "registered_by": one.registered_by_label}
    return {**cameras.row_of(one), **said}


def _access(one: CameraAccess) -> dict[str, Any]:
    names = ("kind", "at", "who", "purpose", "document", "span_from", "span_to", "recorded_at")
    return {
        "camera": one.camera.code,
        "recorded_by": one.recorded_by_label,
        **{name: getattr(one, name) for name in names},
    }
