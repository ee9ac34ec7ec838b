"""Routes of connections: the connectors there are, connections, trials, attempts."""

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from ninja import Field, Schema, Status
from pydantic import ConfigDict

from haidang.data.ingest.actions import connections as acting
from haidang.data.ingest.actions import trying
from haidang.data.ingest.connectors import registry
from haidang.data.ingest.models import Attempt, Connection
from haidang.data.ingest.queries import connections as asking
from haidang.data.ingest.queries import listing
from haidang.data.ingest.routes.common import ReasonIn, router, scope_of
from haidang.data.ingest.rules.pulling import Schedule
from haidang.foundation.access.api import SessionOrKey

_PAGE = 50


class ConnectorFieldOut(Schema):
    name: str
    label: str
    type: str
    required: bool
    default: Any = None
    help: str
    choices: list[tuple[str, str]]


class ConnectorOut(Schema):
    """Một kiểu kết nối và các mục cần khai (`settings` của kết nối)."""

    code: str
    title: str
    text: str
    is_untested: bool
    fields: list[ConnectorFieldOut]


class ScheduleIn(Schema):
    """manual; minutes cần `every`; daily, weekly, monthly cần `at`, hai loại sau cần `day`."""

    model_config = ConfigDict(extra="forbid")

    cadence: str = "manual"
    every: int | None = None
    at: dt.time | None = None
    day: int | None = None


class TrialIn(Schema):
    """`settings` theo các mục của kiểu kết nối (GET /connectors)."""

    model_config = ConfigDict(extra="forbid")

    kind: str
    settings: dict[str, str | int | bool | None]


class ConnectionIn(TrialIn):
    title: str
    schedule: ScheduleIn = ScheduleIn()
    reason: str = Field(min_length=1, max_length=500)


class ConnectionChangeIn(Schema):
    """Toàn bộ phần khai; mật khẩu bỏ trống là giữ nguyên."""

    model_config = ConfigDict(extra="forbid")

    title: str
    settings: dict[str, str | int | bool | None]
    schedule: ScheduleIn = ScheduleIn()
    is_active: bool = True
    reason: str = Field(min_length=1, max_length=500)


class ConnectionOut(Schema):
    id: int
    source: str
    kind: str
    title: str
    settings: dict[str, Any]
    schedule: dict[str, Any]
    is_active: bool
    state: str
    failures: int
    paused_because: str
    next_at: dt.datetime | None
    last_success_at: dt.datetime | None


class ConnectionsOut(Schema):
    total: int
    connections: list[ConnectionOut]


class AttemptOut(Schema):
    id: int
    started_at: dt.datetime
    finished_at: dt.datetime | None
    started_by: str
    outcome: str
    items: int
    refused: int
    bytes: int
    error: str
    runs: list[int]
    cursor_before: dict[str, Any]
    cursor_after: dict[str, Any]


class AttemptsOut(Schema):
    total: int
    attempts: list[AttemptOut]


class ReachedOut(Schema):
    """Kết quả thử; `learned` là mục hệ thống đọc được, cần người xác nhận."""

    sentence: str
    learned: dict[str, str]


class TriedOut(Schema):
    line: int
    cells: list[str]
    reasons: list[str]


class PreviewOut(Schema):
    headings: list[str]
    rows: list[TriedOut]
    notes: list[str]


@router.get(
    "/connectors",
    response=list[ConnectorOut],
    auth=SessionOrKey("ingest.view"),
    summary="Các kiểu kết nối",
)
def get_connectors(request: HttpRequest) -> list[dict[str, Any]]:
    """Các kiểu kết nối và những mục cần khai của mỗi kiểu."""
    return [
        {**vars(one), "fields": [vars(field) for field in one.fields]}
        for one in registry.kinds().values()
    ]


@router.get(
    "/connections",
    response=ConnectionsOut,
    auth=SessionOrKey("ingest.view"),
    summary="Danh sách kết nối",
)
def get_connections(
    request: HttpRequest, q: str = "", kind: str = "", state: str = "", page: int = 1
) -> dict[str, Any]:
    """Các kết nối trong phạm vi của tài khoản, 50 kết nối một trang."""
    found = asking.search(asking.visible(scope_of(request)), q, kind, state)
    paged = Paginator(found.order_by("title", "pk"), _PAGE)
    return {"total": paged.count, "connections": [_out(one) for one in paged.get_page(page)]}


@router.post(
    "/sources/{code}/connections",
    response={201: ConnectionOut},
    auth=SessionOrKey("ingest.manage"),
    summary="Thêm kết nối cho nguồn",
)
def post_connection(request: HttpRequest, code: str, body: ConnectionIn) -> Status[dict[str, Any]]:
    """Thêm kết nối cho nguồn."""
    scope = scope_of(request)
    listing.source_seen(scope, code)
    made = acting.create_connection(
        source=code, kind=body.kind, title=body.title, settings=body.settings,
        schedule=Schedule(**body.schedule.model_dump()), reason=body.reason, by=scope,
    )  # fmt: skip
    return Status(201, _out(asking.seen(scope, made.id)))


@router.post(
    "/sources/{code}/connections/test",
    response=ReachedOut,
    auth=SessionOrKey("ingest.manage"),
    summary="Thử kết nối",
)
def post_trial(request: HttpRequest, code: str, body: TrialIn) -> dict[str, Any]:
    """Thử kết nối; không lưu và không đổi gì ở phía bên kia."""
    scope = scope_of(request)
    found = listing.source_seen(scope, code)
    return vars(trying.reach(source=found, kind=body.kind, settings=body.settings, by=scope))


@router.post(
    "/sources/{code}/connections/preview",
    response=PreviewOut,
    auth=SessionOrKey("ingest.manage"),
    summary="Xem thử các dòng đầu",
)
def post_preview(request: HttpRequest, code: str, body: TrialIn) -> dict[str, Any]:
    """Lấy phần đầu tiên và kiểm tra theo hợp đồng dữ liệu; không nạp, không lưu."""
    scope = scope_of(request)
    found = listing.source_seen(scope, code)
    trial = trying.preview(source=found, kind=body.kind, settings=body.settings, by=scope)
    if trial is None:
        return {"headings": [], "rows": [], "notes": ["Chưa có gì để lấy."]}
    return {
        "headings": list(trial.headings),
        "rows": [vars(row) for row in trial.rows],
        "notes": list(trial.notes),
    }


@router.get(
    "/connections/{int:connection_id}",
    response=ConnectionOut,
    auth=SessionOrKey("ingest.view"),
    summary="Một kết nối",
)
def get_connection(request: HttpRequest, connection_id: int) -> dict[str, Any]:
    """Một kết nối, không có mật khẩu."""
    return _out(asking.seen(scope_of(request), connection_id))


@router.put(
    "/connections/{int:connection_id}",
    response=ConnectionOut,
    auth=SessionOrKey("ingest.manage"),
    summary="Sửa kết nối",
)
def put_connection(
    request: HttpRequest, connection_id: int, body: ConnectionChangeIn
) -> dict[str, Any]:
    """Sửa kết nối."""
    scope = scope_of(request)
    asking.seen(scope, connection_id)
    acting.change_connection(
        connection=connection_id, title=body.title, settings=body.settings,
        schedule=Schedule(**body.schedule.model_dump()), is_active=body.is_active,
        reason=body.reason, by=scope,
    )  # fmt: skip
    return _out(asking.seen(scope, connection_id))


@router.get(
    "/connections/{int:connection_id}/attempts",
    response=AttemptsOut,
    auth=SessionOrKey("ingest.view"),
    summary="Các lần lấy của một kết nối",
)
def get_attempts(request: HttpRequest, connection_id: int, page: int = 1) -> dict[str, Any]:
    """Các lần lấy, mới nhất trước, 50 lần một trang."""
    found = asking.seen(scope_of(request), connection_id)
    paged = Paginator(asking.attempts(found), _PAGE)
    return {"total": paged.count, "attempts": [_attempt(one) for one in paged.get_page(page)]}


@router.post(
    "/connections/{int:connection_id}/pull",
    response=ConnectionOut,
    auth=SessionOrKey("ingest.load"),
    summary="Lấy ngay",
)
def post_pull(request: HttpRequest, connection_id: int) -> dict[str, Any]:
    """Lấy ngay, không chờ lịch."""
    asking.seen(scope_of(request), connection_id)
    acting.ask(connection=connection_id, by=scope_of(request))
    return _out(asking.seen(scope_of(request), connection_id))


@router.post(
    "/connections/{int:connection_id}/pause",
    response=ConnectionOut,
    auth=SessionOrKey("ingest.manage"),
    summary="Tạm dừng kết nối",
)
def post_pause(request: HttpRequest, connection_id: int, body: ReasonIn) -> dict[str, Any]:
    """Tạm dừng kết nối, có lý do."""
    asking.seen(scope_of(request), connection_id)
    acting.pause(connection=connection_id, by=scope_of(request), reason=body.reason)
    return _out(asking.seen(scope_of(request), connection_id))


@router.post(
    "/connections/{int:connection_id}/resume",
    response=ConnectionOut,
    auth=SessionOrKey("ingest.manage"),
    summary="Chạy tiếp kết nối",
)
def post_resume(request: HttpRequest, connection_id: int) -> dict[str, Any]:
    """Chạy tiếp từ chỗ đã lấy."""
    asking.seen(scope_of(request), connection_id)
    acting.resume(connection=connection_id, by=scope_of(request))
    return _out(asking.seen(scope_of(request), connection_id))


@router.post(
    "/connections/{int:connection_id}/rewind",
    response=ConnectionOut,
    auth=SessionOrKey("ingest.manage"),
    summary="Lấy lại từ đầu",
)
def post_rewind(request: HttpRequest, connection_id: int, body: ReasonIn) -> dict[str, Any]:
    """Lần sau lấy lại từ đầu, có lý do."""
    asking.seen(scope_of(request), connection_id)
    acting.rewind(connection=connection_id, by=scope_of(request), reason=body.reason)
    return _out(asking.seen(scope_of(request), connection_id))


def _out(found: Connection) -> dict[str, Any]:
    return {
        **{
            name: getattr(found, name)
            for name in (
                "kind", "title", "settings", "is_active", "failures", "paused_because", "next_at",
                "last_success_at",
            )
        },
        "id": found.pk,
        "source": found.source.code,
        "schedule": vars(asking.schedule_of(found)),
        "state": asking.state_of(found)[1],
    }  # fmt: skip


def _attempt(one: Attempt) -> dict[str, Any]:
    named = (
        "started_at", "finished_at", "started_by", "outcome", "items", "refused", "bytes", "error",
        "cursor_before", "cursor_after",
    )  # fmt: skip
    told = {name: getattr(one, name) for name in named}
    return {**told, "id": one.pk, "runs": [run.pk for run in one.runs.all()]}
