"""Routes of devices: the register, planned windows, events, gaps, a table of devices at once."""

import datetime as dt
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, File, Schema, Status
from ninja.files import UploadedFile
from pydantic import AwareDatetime, ConfigDict

from haidang.data.ingest import api
from haidang.data.ingest.actions import importing
from haidang.data.ingest.models import Device
from haidang.data.ingest.queries import calendars, registry
from haidang.data.ingest.queries import listing as sources
from haidang.data.ingest.routes.common import ReasonIn, router, scope_of
from haidang.data.ingest.rules import registers
from haidang.data.ingest.tables.registers import DEVICES, EVENTS, GAPS
from haidang.foundation.access.api import SessionOrKey
from haidang.foundation.core import paging
from haidang.foundation.org import api as org

_VIEW, _MANAGE = SessionOrKey("ingest.view"), SessionOrKey("ingest.manage")
_AHEAD, _BACK = dt.timedelta(days=180), dt.timedelta(days=30)


class DeviceOut(Schema):
    """Một thiết bị đã đăng ký; `silent_since`: im lặng từ lúc nào."""

    code: str
    title: str
    source: str
    unit: str
    latitude: float | None
    longitude: float | None
    metrics: list[str]
    interval: int | None
    learned_interval: int | None
    limits: dict[str, float]
    note: str
    state: str
    silent_since: dt.datetime | None
    registered_at: dt.datetime


class DevicesOut(Schema):
    """Một trang thiết bị và tổng số."""

    total: int
    items: list[DeviceOut]


class DeviceIn(Schema):
    """Thiết bị mới; `unit` là mã đơn vị, `limits` là ngưỡng nghi vấn theo thông số."""

    model_config = ConfigDict(extra="forbid")

    code: str
    source: str
    unit: str
    reason: str = Field(min_length=1, max_length=500)
    title: str = ""
    metrics: list[str] = []
    latitude: float | None = None
    longitude: float | None = None
    interval: int | None = Field(None, ge=1, le=31_536_000)
    limits: dict[str, float] = {}
    note: str = ""


class DeviceChangeIn(Schema):
    """Chỉ ghi những mục cần đổi, và lý do."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=500)
    unit: str = ""
    title: str = ""
    metrics: list[str] = []
    latitude: float | None = None
    longitude: float | None = None
    interval: int | None = Field(None, ge=1, le=31_536_000)
    limits: dict[str, float] = {}
    note: str = ""


class StateIn(Schema):
    """Tình trạng mới và lý do."""

    state: Literal["active", "maintenance", "retired"]
    reason: str = Field(min_length=1, max_length=500)


class PlanIn(Schema):
    """Một đợt hiệu chuẩn hoặc bảo trì, một lần hoặc lặp lại."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["calibration", "maintenance"]
    starts_at: AwareDatetime
    minutes: int = Field(gt=0, le=366 * 1440)
    performer: str = Field(min_length=1, max_length=300)
    metric: str = ""
    every_days: int | None = Field(None, ge=1, le=3660)
    until: dt.date | None = None
    document: str = ""


class WindowOut(Schema):
    """Một đợt trong lịch."""

    plan: int
    kind: str
    metric: str
    start: dt.datetime
    end: dt.datetime
    performer: str
    document: str
    declared_at: dt.datetime
    declared_by: str


class EventOut(Schema):
    """Một sự việc của thiết bị; `ended_at` trống: chưa hết."""

    device: str
    metric: str
    kind: str
    status: str
    started_at: dt.datetime
    ended_at: dt.datetime | None
    found_at: dt.datetime
    withdrawn_at: dt.datetime | None
    explanation: str


class GapOut(Schema):
    """Một ngày thiếu số đo; `filled_at`: gửi bù đủ lúc nào."""

    device: str
    day: dt.date
    expected: int
    first_present: int
    present: int
    filled_at: dt.datetime | None


class RowOut(Schema):
    """Một dòng của tệp: mới, thay đổi, giữ nguyên hay không nhận, và vì sao."""

    number: int
    key: str
    verdict: str
    changes: list[list[str]]
    faults: list[str]


class ImportOut(Schema):
    """Kết quả nhập: `applied` sai là bản xem trước, chưa đổi gì."""

    applied: bool
    counts: dict[str, int]
    rows: list[RowOut]


@router.get("/devices", response=DevicesOut, auth=_VIEW, summary="Thiết bị đã đăng ký")
def get_devices(
    request: HttpRequest,
    q: str = "",
    unit: str = "",
    source: str = "",
    state: str = "",
    sort: str = "code",
    limit: int = 100,
    offset: int = 0,
) -> dict[str, Any]:
    """Thiết bị trong phạm vi của tài khoản, lọc và sắp xếp như trang Thiết bị."""
    asked = registry.Filters(q, unit, source, state)
    rows = DEVICES.ordered(sort, registry.find(scope_of(request), asked))
    found, total = paging.part(rows, min(max(limit, 1), 1000), max(offset, 0))
    return {"total": total, "items": [_device(one) for one in found]}


@router.post("/devices", response={201: DeviceOut}, auth=_MANAGE, summary="Đăng ký thiết bị")
def post_device(request: HttpRequest, body: DeviceIn) -> Status[dict[str, Any]]:
    """Đăng ký thiết bị vào một nguồn trong phạm vi của tài khoản."""
    given, scope = body.model_dump(), scope_of(request)
    sources.source_seen(scope, body.source)
    latitude, longitude = given.pop("latitude"), given.pop("longitude")
    if faults := registers.place_faults(latitude, longitude):
        raise api.IngestError(faults[0])
    place = (latitude, longitude) if latitude is not None else None
    unit = org.unit(given.pop("unit")).id
    made = api.register_device(unit_id=unit, place=place, by=scope, **given)
    return Status(201, _device(registry.seen(scope, made.code)))


@router.get("/devices/{code}", response=DeviceOut, auth=_VIEW, summary="Một thiết bị")
def get_device(request: HttpRequest, code: str) -> dict[str, Any]:
    """Nội dung đăng ký và tình trạng của một thiết bị."""
    return _device(registry.seen(scope_of(request), code))


@router.patch("/devices/{code}", response=DeviceOut, auth=_MANAGE, summary="Sửa thiết bị")
def patch_device(request: HttpRequest, code: str, body: DeviceChangeIn) -> dict[str, Any]:
    """Sửa nội dung đăng ký; mã và nguồn không đổi được."""
    scope = scope_of(request)
    registry.seen(scope, code)
    changes = body.model_dump(exclude_unset=True)
    if "unit" in changes:
        changes["unit_id"] = org.unit(changes.pop("unit")).id
    api.change_device(device=code, by=scope, **changes)
    return _device(registry.seen(scope, code))


@router.post(
    "/devices/{code}/state", response=DeviceOut, auth=_MANAGE, summary="Đổi tình trạng thiết bị"
)
def post_device_state(request: HttpRequest, code: str, body: StateIn) -> dict[str, Any]:
    """Đưa thiết bị vào hoạt động, bảo trì hoặc ngừng."""
    scope = scope_of(request)
    registry.seen(scope, code)
    api.set_device_state(device=code, state=body.state, by=scope, reason=body.reason)
    return _device(registry.seen(scope, code))


@router.get(
    "/devices/{code}/calendar", response=list[WindowOut], auth=_VIEW, summary="Lịch của thiết bị"
)
def get_calendar(request: HttpRequest, code: str) -> list[dict[str, Any]]:
    """Các đợt hiệu chuẩn, bảo trì từ 30 ngày trước đến 180 ngày tới."""
    device, now = registry.seen(scope_of(request), code), timezone.now()
    plans = device.plans.filter(withdrawn_at=None)
    return [
        {
            "plan": plan.pk,
            "kind": plan.kind,
            "metric": plan.metric,
            "start": window.start,
            "end": window.end,
            "performer": plan.performer,
            "document": plan.document,
            "declared_at": plan.declared_at,
            "declared_by": plan.declared_by_label,
        }
        for plan, window in calendars.windows_of(plans, now - _BACK, now + _AHEAD)
    ]


@router.post(
    "/devices/{code}/calendar", response={201: dict[str, int]}, auth=_MANAGE, summary="Thêm lịch"
)
def post_plan(request: HttpRequest, code: str, body: PlanIn) -> Status[dict[str, int]]:
    """Khai một đợt hiệu chuẩn hoặc bảo trì."""
    scope = scope_of(request)
    registry.seen(scope, code)
    plan = api.declare_plan(device=code, by=scope, now=timezone.now(), **body.model_dump())
    return Status(201, {"plan": plan})


@router.post(
    "/devices/{code}/calendar/{int:plan_id}/withdraw",
    response={204: None},
    auth=_MANAGE,
    summary="Rút lịch",
)
def post_withdraw(request: HttpRequest, code: str, plan_id: int, body: ReasonIn) -> Status[None]:
    """Rút một lịch đã khai; các đợt đã qua vẫn còn trong nhật ký."""
    scope = scope_of(request)
    device = registry.seen(scope, code)
    if not device.plans.filter(pk=plan_id).exists():
        raise api.PlanNotFoundError
    api.withdraw_plan(plan=plan_id, by=scope, now=timezone.now(), reason=body.reason)
    return Status(204, None)


@router.get("/device-events", response=list[EventOut], auth=_VIEW, summary="Sự việc của thiết bị")
def get_events(
    request: HttpRequest, kind: str = "", state: str = "open", limit: int = 100, offset: int = 0
) -> list[dict[str, Any]]:
    """Sự việc của thiết bị trong phạm vi, mới nhất trước; `state=all`: cả sự việc đã hết."""
    found = EVENTS.ordered("", registry.events_seen(scope_of(request), kind=kind, state=state))
    rows, _ = paging.part(found, min(max(limit, 1), 1000), max(offset, 0))
    names = ("metric", "kind", "status", "started_at", "ended_at", "found_at", "withdrawn_at",
             "explanation")  # fmt: skip
    return [
        {"device": one.device.code, **{name: getattr(one, name) for name in names}} for one in rows
    ]


@router.get("/device-gaps", response=list[GapOut], auth=_VIEW, summary="Ngày thiếu số đo")
def get_gaps(
    request: HttpRequest, state: str = "open", source: str = "", limit: int = 100, offset: int = 0
) -> list[dict[str, Any]]:
    """Ngày thiếu số đo của thiết bị trong phạm vi; `state`: open, filled hoặc all."""
    found = GAPS.ordered("", registry.gaps_seen(scope_of(request), state=state, source=source))
    rows, _ = paging.part(found, min(max(limit, 1), 1000), max(offset, 0))
    names = ("day", "expected", "first_present", "present", "filled_at")
    return [
        {"device": one.device.code, **{name: getattr(one, name) for name in names}} for one in rows
    ]


@router.post("/device-table", response=ImportOut, auth=_MANAGE, summary="Đăng ký thiết bị từ tệp")
def post_table(
    request: HttpRequest, file: File[UploadedFile], reason: str = "", apply: bool = False
) -> dict[str, Any]:
    """Xem trước tệp CSV hoặc XLSX sẽ thêm, đổi gì; `apply=true` cùng lý do thì thực hiện."""
    scope = scope_of(request)
    media = importing.media_of(file.content_type or "", file.name or "")
    judged = importing.preview(content=file.chunks(), media=media, by=scope)
    if apply:
        importing.apply(lines=registers.lines_of(judged), by=scope, reason=reason)
    return table_out(judged, applied=apply)


def table_out(judged: list[registers.Judged], *, applied: bool) -> dict[str, Any]:
    """Return what became of the rows of a table."""
    return {
        "applied": applied,
        "counts": registers.counts(judged),
        "rows": [
            {
                "number": one.number,
                "key": one.key,
                "verdict": one.verdict,
                "changes": [list(change) for change in one.changes],
                "faults": list(one.faults),
            }
            for one in judged
        ],
    }


def _device(one: Device) -> dict[str, Any]:
    watch = getattr(one, "watch", None)
    names = ("code", "title", "latitude", "longitude", "metrics", "interval", "learned_interval",
             "limits", "note", "state", "registered_at")  # fmt: skip
    return {
        **{name: getattr(one, name) for name in names},
        "source": one.source.code,
        "unit": one.unit.code,
        "silent_since": watch.silent_since if watch else None,
    }
