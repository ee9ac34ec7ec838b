"""The typed API of data intake: batches in, receipts and waiting rows out."""

import datetime as dt
from typing import Any, Literal

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict

from haidang.data.ingest import api
from haidang.data.ingest.models import QuarantinedRow, Run
from haidang.data.ingest.queries import listing
from haidang.foundation.access.api import Scope, SessionOrKey
from haidang.foundation.org import api as org

router = Router(tags=["Nạp dữ liệu"])
_MEDIA = {
    "application/json",
    "application/x-ndjson",
    "application/jsonl",
    "text/csv",
    "text/plain",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_MOST = 500
_CODES: dict[str, int] = {
    Run.Status.LANDED: 201,
    Run.Status.RECEIVED: 202,
    Run.Status.CHECKING: 202,
}


class ReceiptOut(Schema):
    """Biên nhận: read = accepted + quarantined + duplicate; revised ⊂ accepted."""

    run_id: int
    source: str
    dataset: str
    read: int
    accepted: int
    quarantined: int
    duplicate: int
    revised: int
    status: str
    approval: str
    sha256: str
    failure: str
    self_url: str
    quarantine_url: str


class RowOut(Schema):
    """Một dòng chờ xử lý."""

    id: int
    run_id: int
    row_no: int
    state: str
    raw: dict[str, Any]
    reasons: list[dict[str, str]]


class RowsOut(Schema):
    total: int
    rows: list[RowOut]


class RunOut(ReceiptOut):
    received_at: dt.datetime
    finished_at: dt.datetime | None
    loaded_by: str
    file_name: str


class RunsOut(Schema):
    total: int
    runs: list[RunOut]


class MendIn(Schema):
    values: dict[str, str]


class RowsIn(Schema):
    rows: list[int]
    reason: str = ""


class ReasonIn(Schema):
    reason: str = ""


class SourceOut(Schema):
    """Một nguồn dữ liệu."""

    code: str
    title: str
    kind: str
    dataset: str
    supplier: str
    sector: str
    cycle: str
    is_automatic: bool
    is_life_safety: bool
    is_active: bool


class SourceIn(Schema):
    """Nguồn mới; `supplier` là mã đơn vị, `mapping` là bản khai cột."""

    model_config = ConfigDict(extra="forbid")

    code: str
    title: str
    kind: Literal["file", "http", "mqtt", "form"]
    dataset: str
    supplier: str
    reason: str = Field(min_length=1, max_length=500)
    sector: str = ""
    cycle: str = ""
    deadline: dt.time = dt.time(17, 0)
    mapping: dict[str, Any] = {}
    encoding: str = ""
    delimiter: str = ""
    is_life_safety: bool = False
    is_active: bool = True


class SourceChangeIn(Schema):
    """Chỉ ghi những mục cần đổi, và lý do."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=500)
    title: str = ""
    cycle: str = ""
    deadline: dt.time = dt.time(17, 0)
    mapping: dict[str, Any] = {}
    encoding: str = ""
    delimiter: str = ""
    is_life_safety: bool = False
    is_active: bool = True


@router.post(
    "/sources",
    response={201: SourceOut},
    auth=SessionOrKey("ingest.manage"),
    summary="Thêm nguồn dữ liệu",
)
def post_source(request: HttpRequest, body: SourceIn) -> Status[dict[str, Any]]:
    """Thêm nguồn dữ liệu của một đơn vị trong phạm vi của tài khoản."""
    given = body.model_dump()
    supplier = org.unit(given.pop("supplier"))
    made = api.create_source(supplier_unit_id=supplier.id, by=_scope(request), **given)
    return Status(201, _source(made))


@router.patch(
    "/sources/{code}",
    response=SourceOut,
    auth=SessionOrKey("ingest.manage"),
    summary="Sửa nguồn dữ liệu",
)
def patch_source(request: HttpRequest, code: str, body: SourceChangeIn) -> dict[str, Any]:
    """Sửa nguồn dữ liệu; mã, bộ dữ liệu và đơn vị cung cấp không đổi được."""
    listing.source_seen(_scope(request), code)
    changes = body.model_dump(exclude_unset=True)
    return _source(api.change_source(source=code, by=_scope(request), **changes))


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
        by=_scope(request),
        wait=False,
    )
    return Status(_CODES.get(receipt.status, 200), _receipt(receipt))


@router.get(
    "/runs",
    response=RunsOut,
    auth=SessionOrKey("ingest.view"),
    summary="Danh sách lượt nạp",
)
def get_runs(request: HttpRequest, source: str = "", page: int = 1) -> dict[str, Any]:
    """Các lượt nạp trong phạm vi của tài khoản, mới nhất trước, 50 lượt một trang."""
    found = listing.visible_runs(_scope(request))
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
    return _run(listing.run_seen(_scope(request), run_id))


@router.get(
    "/runs/{int:run_id}/quarantine",
    response=RowsOut,
    auth=SessionOrKey("ingest.view"),
    summary="Dòng chờ xử lý của một lượt nạp",
)
def get_quarantine(
    request: HttpRequest, run_id: int, state: str = "open", page: int = 1
) -> dict[str, Any]:
    """Các dòng chờ xử lý của một lượt nạp, 500 dòng một trang."""
    scope = _scope(request)
    listing.run_seen(scope, run_id)
    rows = listing.visible_rows(scope).filter(run_id=run_id, state=state).order_by("row_no", "id")
    paged = Paginator(rows, _MOST)
    return {"total": paged.count, "rows": [_row(row) for row in paged.get_page(page)]}


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


@router.patch(
    "/quarantine/{int:row_id}",
    response=RowOut,
    auth=SessionOrKey("ingest.mend"),
    summary="Sửa một dòng chờ xử lý",
)
def patch_row(request: HttpRequest, row_id: int, body: MendIn) -> dict[str, Any]:
    """Sửa một dòng chờ xử lý; nạp lại bằng POST /quarantine/replay."""
    listing.row_seen(_scope(request), row_id)
    api.mend(row=row_id, values=body.values, by=_scope(request))
    return _row(listing.row_seen(_scope(request), row_id))


@router.post(
    "/quarantine/replay",
    response={201: ReceiptOut},
    auth=SessionOrKey("ingest.mend"),
    summary="Nạp lại các dòng",
)
def post_replay(request: HttpRequest, body: RowsIn) -> Status[ReceiptOut]:
    """Nạp lại các dòng của một lượt, đã sửa hoặc nguyên trạng."""
    _seen(request, body.rows)
    return Status(201, _receipt(api.replay(rows=body.rows, by=_scope(request))))


@router.post(
    "/quarantine/discard",
    response={204: None},
    auth=SessionOrKey("ingest.mend"),
    summary="Loại bỏ các dòng",
)
def post_discard(request: HttpRequest, body: RowsIn) -> HttpResponse:
    """Loại bỏ các dòng, có lý do."""
    _seen(request, body.rows)
    api.discard(rows=body.rows, reason=body.reason, by=_scope(request))
    return HttpResponse(status=204)


def _source(made: api.SourceRef) -> dict[str, Any]:
    return {**vars(made), "supplier": org.unit_by_id(made.supplier_unit_id).code}


def _decided(request: HttpRequest, run_id: int, reason: str, *, approve: bool) -> dict[str, Any]:
    scope = _scope(request)
    listing.run_seen(scope, run_id)
    decide = api.approve_run if approve else api.reject_run
    decide(run=run_id, by=scope, reason=reason)
    return _run(listing.run_seen(scope, run_id))


def _seen(request: HttpRequest, rows: list[int]) -> None:
    seen = listing.visible_rows(_scope(request), "ingest.mend").filter(pk__in=rows).count()
    if seen != len(set(rows)):
        raise api.RowNotFoundError


def _scope(request: HttpRequest) -> Scope:
    return request.scope  # type: ignore[attr-defined,no-any-return]  # set by the door


def _key(request: HttpRequest) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 1 <= len(key) <= 200:
        raise api.IngestError("Idempotency-Key dài từ 1 đến 200 ký tự.", status=400)
    return key


def _links(run_id: int) -> dict[str, str]:
    return {
        "self_url": f"/api/v1/runs/{run_id}",
        "quarantine_url": f"{reverse('ingest:quarantine')}?run={run_id}",
    }


def _receipt(receipt: api.Receipt) -> ReceiptOut:
    return ReceiptOut.model_validate({**vars(receipt), **_links(receipt.run_id)})


def _run(run: Run) -> dict[str, Any]:
    return {
        **vars(api.receipt_of(run)),
        **_links(run.pk),
        "received_at": run.received_at,
        "finished_at": run.finished_at,
        "loaded_by": run.loaded_by_label,
        "file_name": run.file_name,
    }


def _row(row: QuarantinedRow) -> dict[str, Any]:
    return {
        "id": row.pk,
        "run_id": row.run_id,
        "row_no": row.row_no,
        "state": row.state,
        "raw": row.mended or row.raw,
        "reasons": row.reasons,
    }
