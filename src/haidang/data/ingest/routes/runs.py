"""Routes of runs: a batch in, its receipt out; the list of runs and the decisions on them."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest
from ninja import Schema, Status

from haidang.data.ingest import api
from haidang.data.ingest.actions import entry
from haidang.data.ingest.models import Run
from haidang.data.ingest.queries import listing
from haidang.data.ingest.routes.common import (
    ReasonIn,
    ReceiptOut,
    links,
    receipt_out,
    router,
    scope_of,
)
from haidang.foundation.access.api import SessionOrKey

_MEDIA = {
    "application/json",
    "application/x-ndjson",
    "application/jsonl",
    "application/ld+json",
    "application/xml",
    "text/xml",
    "application/cap+xml",
    "application/atom+xml",
    "text/csv",
    "text/plain",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_CODES: dict[str, int] = {
    Run.Status.LANDED: 201,
    Run.Status.RECEIVED: 202,
    Run.Status.CHECKING: 202,
    Run.Status.WAITING: 202,
}


class RunOut(ReceiptOut):
    received_at: dt.datetime
    finished_at: dt.datetime | None
    loaded_by: str
    file_name: str


class RunsOut(Schema):
    total: int
    runs: list[RunOut]


@router.post(
    "/sources/{code}/batches",
    response={200: ReceiptOut, 201: ReceiptOut, 202: ReceiptOut},
    auth=SessionOrKey("ingest.load"),
    summary="Gửi một lô số liệu (JSON, NDJSON, CSV hoặc XLSX)",
)
def post_batch(request: HttpRequest, code: str) -> Status[ReceiptOut]:
    """201 với biên nhận; 202 khi tệp lớn còn đang đọc. Cùng Idempotency-Key, cùng biên nhận."""
    media = request.content_type or ""
    if media not in _MEDIA:
        raise api.UnreadableFileError(
            f"Content-Type “{media}” chưa hỗ trợ. Dùng application/json, application/x-ndjson, "
            "text/csv hoặc kiểu của XLSX.",
            status=415,
        )
    declared = request.META.get("CONTENT_LENGTH") or "0"
    if declared.isdigit() and int(declared) > settings.MAX_UPLOAD_BYTES:
        limit = settings.MAX_UPLOAD_BYTES >> 20
        raise api.TooLargeError(
            f"Nội dung lớn hơn {limit} MB, mức tối đa của hệ thống. Chia thành nhiều lần gửi.",
            status=413,
        )
    receipt = api.load(
        source=code,
        file=request,  # reads like a file
        media=media,
        channel=Run.Channel.API,
        idempotency_key=_key(request),
        by=scope_of(request),
        wait=False,
    )
    return Status(_CODES.get(receipt.status, 200), receipt_out(receipt))


class TypedRowsIn(Schema):
    """Các dòng theo tên trường của hợp đồng; số viết dấu phẩy thập phân như trên biểu."""

    rows: list[dict[str, str]]
    token: str = ""


@router.post(
    "/sources/{code}/rows",
    response={201: ReceiptOut},
    auth=SessionOrKey("ingest.load"),
    summary="Nhập dòng không qua tệp",
)
def post_rows(request: HttpRequest, code: str, body: TypedRowsIn) -> Status[ReceiptOut]:
    """Nhập dòng như trên biểu; có dòng sai thì không dòng nào được nạp. Cùng token, nạp một lần."""
    scope = scope_of(request)
    listing.source_seen(scope, code)
    made = entry.enter(source=code, rows=body.rows, by=scope, token=body.token)
    return Status(201, receipt_out(made))


@router.get(
    "/runs",
    response=RunsOut,
    auth=SessionOrKey("ingest.view"),
    summary="Danh sách lượt nạp",
)
def get_runs(request: HttpRequest, source: str = "", page: int = 1) -> dict[str, Any]:
    """Các lượt nạp trong phạm vi của tài khoản, mới nhất trước, 50 lượt một trang."""
    found = listing.visible_runs(scope_of(request))
    if source:
        found = found.filter(source__code=source)
    paged = Paginator(found.order_by("-received_at"), 50)
    return {"total": paged.count, "runs": [_run(run) for run in paged.get_page(page)]}


@router.get(
    "/runs/{int:run_id}",
    response=RunOut,
    auth=SessionOrKey("ingest.view"),
    summary="Một lượt nạp",
)
def get_run(request: HttpRequest, run_id: int) -> dict[str, Any]:
    """Một lượt nạp và biên nhận của nó."""
    return _run(listing.run_seen(scope_of(request), run_id))


@router.post(
    "/runs/{int:run_id}/approve",
    response=RunOut,
    auth=SessionOrKey("ingest.approve"),
    summary="Duyệt lượt nạp",
)
def post_approval(request: HttpRequest, run_id: int, body: ReasonIn) -> dict[str, Any]:
    """Duyệt lượt nạp; người nạp không tự duyệt."""
    return _decided(request, run_id, body.reason, approve=True)


@router.post(
    "/runs/{int:run_id}/reject",
    response=RunOut,
    auth=SessionOrKey("ingest.approve"),
    summary="Không duyệt lượt nạp",
)
def post_rejection(request: HttpRequest, run_id: int, body: ReasonIn) -> dict[str, Any]:
    """Không duyệt lượt nạp, có lý do."""
    return _decided(request, run_id, body.reason, approve=False)


def _decided(request: HttpRequest, run_id: int, reason: str, *, approve: bool) -> dict[str, Any]:
    scope = scope_of(request)
    listing.run_seen(scope, run_id)
    decide = api.approve_run if approve else api.reject_run
    decide(run=run_id, by=scope, reason=reason)
    return _run(listing.run_seen(scope, run_id))


def _key(request: HttpRequest) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 1 <= len(key) <= 200:
        raise api.IngestError("Idempotency-Key dài từ 1 đến 200 ký tự.", status=400)
    return key


def _run(run: Run) -> dict[str, Any]:
    return {
        **vars(api.receipt_of(run)),
        **links(run.pk),
        "received_at": run.received_at,
        "finished_at": run.finished_at,
        "loaded_by": run.loaded_by_label,
        "file_name": run.file_name,
    }
