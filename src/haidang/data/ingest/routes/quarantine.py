"""Routes of rows that wait: list, mend, load again, discard."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from ninja import Schema, Status

from haidang.data.ingest import api
from haidang.data.ingest.models import QuarantinedRow
from haidang.data.ingest.queries import listing
from haidang.data.ingest.queries.glasses import Glasses
from haidang.data.ingest.routes.common import ReceiptOut, receipt_out, router, scope_of
from haidang.foundation.access.api import SessionOrKey

_MOST = 500


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


class MendIn(Schema):
    values: dict[str, str]


class RowsIn(Schema):
    rows: list[int]
    reason: str = ""


@router.get(
    "/runs/{int:run_id}/quarantine",
    response=RowsOut,
    auth=SessionOrKey("ingest.view"),
    summary="Dòng chờ xử lý của một lượt nạp",
)
def get_quarantine(
    request: HttpRequest, run_id: int, state: str = "open", page: int = 1, purpose: str = ""
) -> dict[str, Any]:
    """Các dòng chờ xử lý của một lượt nạp, 500 dòng một trang. `purpose`: mục đích xem rõ."""
    scope = scope_of(request)
    listing.run_seen(scope, run_id)
    rows = listing.visible_rows(scope).filter(run_id=run_id, state=state).order_by("row_no", "id")
    paged = Paginator(rows, _MOST)
    through = Glasses(scope, purpose)
    shown = through.shown(paged.get_page(page).object_list, "api")
    return {"total": paged.count, "rows": [_row(row) for row in shown]}


@router.patch(
    "/quarantine/{int:row_id}",
    response=RowOut,
    auth=SessionOrKey("ingest.mend"),
    summary="Sửa một dòng chờ xử lý",
)
def patch_row(request: HttpRequest, row_id: int, body: MendIn) -> dict[str, Any]:
    """Sửa một dòng chờ xử lý; nạp lại bằng POST /quarantine/replay. Trường bị che giữ nguyên."""
    through = Glasses(scope_of(request), request.GET.get("purpose", ""))
    closed = through.closed(listing.row_seen(scope_of(request), row_id))
    api.mend(row=row_id, values={**body.values, **closed}, by=scope_of(request))
    return _row(through.shown([listing.row_seen(scope_of(request), row_id)], "api")[0])


@router.post(
    "/quarantine/replay",
    response={201: ReceiptOut},
    auth=SessionOrKey("ingest.mend"),
    summary="Nạp lại các dòng",
)
def post_replay(request: HttpRequest, body: RowsIn) -> Status[ReceiptOut]:
    """Nạp lại các dòng của một lượt, đã sửa hoặc nguyên trạng."""
    _seen(request, body.rows)
    return Status(201, receipt_out(api.replay(rows=body.rows, by=scope_of(request))))


@router.post(
    "/quarantine/discard",
    response={204: None},
    auth=SessionOrKey("ingest.mend"),
    summary="Loại bỏ các dòng",
)
def post_discard(request: HttpRequest, body: RowsIn) -> HttpResponse:
    """Loại bỏ các dòng, có lý do."""
    _seen(request, body.rows)
    api.discard(rows=body.rows, reason=body.reason, by=scope_of(request))
    return HttpResponse(status=204)


def _seen(request: HttpRequest, rows: list[int]) -> None:
    seen = listing.visible_rows(scope_of(request), "ingest.mend").filter(pk__in=rows).count()
    if seen != len(set(rows)):
        raise api.RowNotFoundError


def _row(row: QuarantinedRow) -> dict[str, Any]:
    return {
        "id": row.pk,
        "run_id": row.run_id,
        "row_no": row.row_no,
        "state": row.state,
        "raw": row.mended or row.raw,
        "reasons": row.reasons,
    }
