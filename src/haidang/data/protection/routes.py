"""Removals and looks for other programs: /api/v1/removals, /api/v1/personal-data/looks."""

import datetime as dt
from typing import Any, Literal

from django.core.paginator import Paginator
from django.utils import timezone
from ninja import Router, Schema, Status

from haidang.data.protection import api, errors, permissions, queries
from haidang.data.protection.actions import classing, retaining
from haidang.data.protection.models import Removal, Retention
from haidang.foundation.access.api import ScopedRequest, SessionOrKey

router = Router(tags=["Bảo vệ dữ liệu"])
_PAGE = 100


class RemovalIn(Schema):
    """`code` and `value` for a person; `dataset` and `keys` for rows; `dataset` and `runs` else.

    `difficulty`, its number, for a secret among what is attached to one.
    """

    kind: Literal["person", "rows", "run", "secret"]
    code: str = ""
    value: str = ""
    dataset: str = ""
    keys: list[dict[str, str]] = []
    runs: list[int] = []
    difficulty: str = ""
    reason: str
    legal_basis: str
    document: str
    refuses: bool = True


class RemovalOut(Schema):
    id: int
    uuid: str
    kind: str
    state: str
    shown: str
    datasets: list[str]
    reason: str
    legal_basis: str
    document: str
    refuses: bool
    preview: dict[str, Any]
    progress: dict[str, Any]
    asked_by: str
    asked_at: dt.datetime
    decided_by: str
    decided_at: dt.datetime | None
    done_at: dt.datetime | None
    replayed_at: dt.datetime | None


class RemovalsOut(Schema):
    total: int
    items: list[RemovalOut]


class DecisionIn(Schema):
    reason: str = ""


class LookOut(Schema):
    """Một lần xem rõ dữ liệu cá nhân."""

    at: dt.datetime
    who: str
    dataset: str
    columns: list[str]
    rows: int
    way: str
    purpose: str


class LooksOut(Schema):
    total: int
    items: list[LookOut]


class RetentionIn(Schema):
    """Giữ bao nhiêu tháng: dòng theo thời gian của dòng, tệp gốc từ ngày nhận; null là giữ mãi."""

    rows_months: int | None = None
    files_months: int | None = None
    legal_basis: str
    document: str


class RetentionOut(RetentionIn):
    dataset: str
    state: str
    proposed_by: str
    proposed_at: dt.datetime
    decided_by: str
    decided_at: dt.datetime | None
    looked_at: dt.datetime | None
    seal: str


class RetentionApprovalIn(Schema):
    """`seal`: mã nội dung của thời hạn đã xem; nội dung đã đổi thì không duyệt."""

    seal: str


class RetentionWhole(RetentionOut):
    preview: dict[str, Any]


class ClassesIn(Schema):
    classes: dict[str, str]


class ClassesOut(Schema):
    dataset: str
    version: int


@router.get(
    "/removals", response=RemovalsOut, auth=SessionOrKey(permissions.REQUEST),
    summary="Hồ sơ xóa dữ liệu theo yêu cầu của pháp luật",
)  # fmt: skip
def get_removals(request: ScopedRequest, state: str = "", page: int = 1) -> dict[str, Any]:
    """Mới nhất trước, 100 hồ sơ một trang."""
    found = queries.visible(request.scope)
    paged = Paginator(found.filter(state=state) if state else found, _PAGE)
    return {"total": paged.count, "items": [_out(one) for one in paged.get_page(page)]}


@router.post(
    "/removals", response={201: RemovalOut}, auth=SessionOrKey(permissions.REQUEST),
    summary="Đề nghị xóa dữ liệu; trả về những gì sẽ bị xóa",
)  # fmt: skip
def post_removal(request: ScopedRequest, body: RemovalIn) -> Status[dict[str, Any]]:
    """Đề nghị; người thứ hai duyệt bằng POST /removals/{id}/approve."""
    asked = api.ask(
        what=_what(body), reason=body.reason, legal_basis=body.legal_basis,
        document=body.document, refuses=body.refuses, by=request.scope,
    )  # fmt: skip
    return Status(201, _out(asked))


@router.get(
    "/removals/{int:removal_id}", response=RemovalOut, auth=SessionOrKey(permissions.REQUEST),
    summary="Một hồ sơ xóa dữ liệu",
)  # fmt: skip
def get_removal(request: ScopedRequest, removal_id: int) -> dict[str, Any]:
    return _out(queries.visible_one(request.scope, removal_id))


@router.post(
    "/removals/{int:removal_id}/approve", response=RemovalOut,
    auth=SessionOrKey(permissions.APPROVE), summary="Duyệt xóa dữ liệu",
)  # fmt: skip
def post_approval(request: ScopedRequest, removal_id: int, body: DecisionIn) -> dict[str, Any]:
    """Duyệt; người đề nghị không tự duyệt."""
    queries.visible_one(request.scope, removal_id)
    api.approve(removal=removal_id, by=request.scope, reason=body.reason)
    return _out(queries.visible_one(request.scope, removal_id))


@router.post(
    "/removals/{int:removal_id}/reject", response=RemovalOut,
    auth=SessionOrKey(permissions.APPROVE), summary="Không duyệt xóa dữ liệu",
)  # fmt: skip
def post_rejection(request: ScopedRequest, removal_id: int, body: DecisionIn) -> dict[str, Any]:
    """Không duyệt, có lý do."""
    queries.visible_one(request.scope, removal_id)
    api.reject(removal=removal_id, by=request.scope, reason=body.reason)
    return _out(queries.visible_one(request.scope, removal_id))


@router.get(
    "/personal-data/looks", response=LooksOut, auth=SessionOrKey(permissions.AUDIT),
    summary="Nhật ký tiếp cận dữ liệu cá nhân",
)  # fmt: skip
def get_looks(
    request: ScopedRequest, dataset: str = "", who: str = "", way: str = "", page: int = 1
) -> dict[str, Any]:
    """Ai xem rõ dữ liệu cá nhân nào, bao nhiêu dòng, để làm gì; mới nhất trước."""
    paged = Paginator(queries.looks(request.scope, dataset=dataset, who=who, way=way), _PAGE)
    items = [
        {"at": one.at, "who": one.label, "dataset": one.dataset, "columns": one.columns,
         "rows": one.rows, "way": one.way, "purpose": one.purpose}
        for one in paged.get_page(page)
    ]  # fmt: skip
    return {"total": paged.count, "items": items}


@router.get(
    "/retention", response=list[RetentionOut], auth=SessionOrKey(permissions.REQUEST),
    summary="Bộ dữ liệu có thời hạn lưu giữ; bộ không có tên được giữ mãi",
)  # fmt: skip
def get_retentions(request: ScopedRequest) -> list[dict[str, Any]]:
    return [_retention(one) for one in queries.retentions(request.scope)]


@router.get(
    "/datasets/{code}/retention", response=RetentionWhole, auth=SessionOrKey(permissions.REQUEST),
    summary="Thời hạn lưu giữ của một bộ dữ liệu, với những gì sẽ xóa đêm nay",
)  # fmt: skip
def get_retention(request: ScopedRequest, code: str) -> dict[str, Any]:
    queries.require_retaining(code, request.scope)
    found = queries.retention_of(code, request.scope)
    if found is None:
        raise errors.UnknownRetentionError
    return _retention(found) | {"preview": retaining.preview(found, timezone.now())}


@router.put(
    "/datasets/{code}/retention", response=RetentionOut, auth=SessionOrKey(permissions.REQUEST),
    summary="Đề nghị thời hạn lưu giữ; chưa xóa gì trước khi người thứ hai duyệt",
)  # fmt: skip
def put_retention(request: ScopedRequest, code: str, body: RetentionIn) -> dict[str, Any]:
    """Số tháng; null là giữ mãi. Thời hạn đang áp dụng dừng lại cho tới khi duyệt."""
    period = retaining.Period(body.rows_months, body.files_months, body.legal_basis, body.document)
    return _retention(retaining.propose(dataset=code, period=period, by=request.scope))


@router.post(
    "/datasets/{code}/retention/approve", response=RetentionOut,
    auth=SessionOrKey(permissions.APPROVE), summary="Duyệt thời hạn lưu giữ",
)  # fmt: skip
def post_retention_approval(
    request: ScopedRequest, code: str, body: RetentionApprovalIn
) -> dict[str, Any]:
    """Người đề nghị không tự duyệt; duyệt đúng nội dung đã xem."""
    retaining.approve(dataset=code, by=request.scope, seal=body.seal)
    return _retention(Retention.objects.get(dataset=code))


@router.post(
    "/datasets/{code}/retention/stop", response=RetentionOut,
    auth=SessionOrKey(permissions.REQUEST), summary="Dừng: giữ tất cả",
)  # fmt: skip
def post_retention_stop(request: ScopedRequest, code: str, body: DecisionIn) -> dict[str, Any]:
    retaining.stop(dataset=code, by=request.scope, reason=body.reason)
    return _retention(Retention.objects.get(dataset=code))


@router.put(
    "/datasets/{code}/personal-fields", response=ClassesOut, auth=SessionOrKey("catalogue.manage"),
    summary="Khai loại dữ liệu cá nhân của các trường",
)  # fmt: skip
def put_classes(request: ScopedRequest, code: str, body: ClassesIn) -> dict[str, Any]:
    """`classes`: tên trường và loại.

    Loại: identity, phone, email, name, birth, address, health, other; trống là không phải.
    """
    made = classing.classify(dataset=code, classes=body.classes, by=request.scope)
    return {"dataset": code, "version": made.version}


def _retention(one: Retention) -> dict[str, Any]:
    given = {name: getattr(one, name) for name in RetentionOut.model_fields if hasattr(one, name)}
    return given | {"proposed_by": one.proposed_label, "decided_by": one.decided_label}


def _what(body: RemovalIn) -> api.What:
    if body.kind == "person":
        return api.person(body.code, body.value)
    if body.kind == "rows":
        return api.rows(body.dataset, body.keys)
    if body.kind == "secret" and body.difficulty:
        return api.papers(body.difficulty)
    return api.run(body.dataset, body.runs, is_secret=body.kind == "secret")


def _out(one: Removal) -> dict[str, Any]:
    given = {name: getattr(one, name) for name in RemovalOut.model_fields if hasattr(one, name)}
    return given | {
        "uuid": str(one.uuid), "asked_by": one.asked_label, "decided_by": one.decided_label
    }  # fmt: skip
