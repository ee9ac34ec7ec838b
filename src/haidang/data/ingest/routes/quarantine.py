"""Routes of rows that wait: list, mend, load again, discard."""

from typing import Annotated, Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Field, File, Form, Schema, Status
from ninja.files import UploadedFile
from pydantic import ConfigDict

from haidang.data.ingest import api
from haidang.data.ingest.actions import amending, correcting, processing
from haidang.data.ingest.models import QuarantinedRow
from haidang.data.ingest.queries import desk, listing
from haidang.data.ingest.queries.glasses import Glasses
from haidang.data.ingest.routes.common import ReceiptOut, receipt_out, router, scope_of
from haidang.data.ingest.rules import amending as rules
from haidang.data.ingest.rules.amending import Amended
from haidang.data.ingest.tables import waiting
from haidang.foundation.access.api import SessionOrKey
from haidang.foundation.ui.lists import Bounded

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


class AmendIn(Schema):
    """`values`: theo mã dòng chờ, rồi theo tên trường; `apply` sai là chỉ xem trước."""

    model_config = ConfigDict(extra="forbid")

    values: dict[int, dict[str, str]] = Field(max_length=desk.MOST)
    apply: bool = False
    reason: str = Field("", max_length=1000)


class ChangeOut(Schema):
    field: str
    title: str
    before: str
    after: str


class AmendedOut(Schema):
    """Một dòng trước và sau khi sửa; verdict: ready, wrong, same, strange."""

    row: int
    run: int
    line: int
    number: int
    verdict: str
    changes: list[ChangeOut]
    reasons: list[dict[str, str]]


class AmendmentOut(Schema):
    """`applied` sai là bản xem trước; `receipts`: các lượt nạp lại."""

    applied: bool
    counts: dict[str, int]
    rows: list[AmendedOut]
    receipts: list[ReceiptOut] = []
    failures: list[str] = []


class WaitingOut(Schema):
    """Các dòng chờ xử lý theo điều kiện lọc của bàn xử lý."""

    total: int
    is_cut: bool
    rows: list[RowOut]


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


@router.get(
    "/quarantine",
    response=WaitingOut,
    auth=SessionOrKey("ingest.view"),
    summary="Dòng chờ xử lý của mọi nguồn",
)
def get_desk(
    request: HttpRequest,
    state: str = "open",
    run: str = "",
    code: str = "",
    source: str = "",
    dataset: str = "",
    since: str = "",
    page: int = 1,
    purpose: str = "",
) -> dict[str, Any]:
    """Lọc như bàn xử lý, 500 dòng một trang, xem được 10.000 dòng đầu; lượt mới nhất trước."""
    given = {"run": run, "code": code, "source": source, "dataset": dataset, "since": since}
    by = desk.asked(given | {"state": state})
    paged = Bounded(desk.find(scope_of(request), by).order_by("-run_id", "row_no", "pk"), _MOST)
    through = Glasses(scope_of(request), purpose)
    shown = through.shown(paged.get_page(page).object_list, "api")
    return {"total": paged.count, "is_cut": paged.is_cut, "rows": [_row(row) for row in shown]}


@router.post(
    "/quarantine/amend",
    response=AmendmentOut,
    auth=SessionOrKey("ingest.mend"),
    summary="Sửa nhiều dòng rồi nạp lại",
)
def post_amendment(request: HttpRequest, body: AmendIn) -> dict[str, Any]:
    """Xem trước (`apply` sai) hoặc sửa và nạp lại các dòng đúng; dòng khác tiếp tục chờ."""
    _seen(request, list(body.values))
    through = Glasses(scope_of(request))
    rows = desk.select(scope_of(request), desk.Asked(), body.values).rows
    judged = amending.judge(rows, body.values, through.masked)
    return _amendment(request, judged, through, apply=body.apply, reason=body.reason)


@router.get(
    "/quarantine/file",
    response={200: None},
    auth=SessionOrKey("ingest.mend"),
    summary="Tệp các dòng chờ xử lý để sửa",
)
def get_file(
    request: HttpRequest, dataset: str, format: str = "csv", run: str = "", code: str = "",
    source: str = "", since: str = "", purpose: str = "",
) -> HttpResponseBase:  # fmt: skip
    """Các dòng đang chờ của một bộ dữ liệu với lý do, csv hoặc xlsx; sửa rồi gửi lại."""
    asked = desk.asked(
        {"dataset": dataset, "run": run, "code": code, "source": source, "since": since}
    )
    chosen = desk.select(scope_of(request), asked)
    if not chosen.rows:
        raise api.RowNotFoundError
    through = Glasses(scope_of(request), purpose)
    return waiting.table("xlsx" if format == "xlsx" else "csv", chosen.rows, through)


@router.post(
    "/quarantine/file",
    response=AmendmentOut,
    auth=SessionOrKey("ingest.mend"),
    summary="Gửi tệp dòng chờ đã sửa",
)
def post_file(
    request: HttpRequest,
    file: Annotated[UploadedFile, File()],
    apply: Annotated[bool, Form()] = False,
    reason: Annotated[str, Form(max_length=1000)] = "",
) -> dict[str, Any]:
    """So từng dòng với dòng đang chờ; `apply` đúng thì nạp lại các dòng sửa được."""
    through = Glasses(scope_of(request))
    media = processing.media_of(file.content_type or "", file.name or "")
    judged = correcting.preview(
        content=file.chunks(), media=media, by=scope_of(request), closed=through.masked
    )
    return _amendment(request, judged, through, apply=apply, reason=reason)


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


def _amendment(
    request: HttpRequest, judged: list[Amended], through: Glasses, *, apply: bool, reason: str
) -> dict[str, Any]:
    counts = {verdict: count for verdict, _word, count in rules.counts(judged)}
    told = waiting.shown(judged, through, "api")
    rows = [{**vars(one), "reasons": reasons} for one, reasons in told]
    said: dict[str, Any] = {"applied": apply, "counts": counts, "rows": rows}
    if apply:
        done = api.amend_and_replay(
            values={one.row: one.values for one in judged if one.verdict == rules.READY},
            by=scope_of(request), reason=reason, closed=through.masked,
        )  # fmt: skip
        said["receipts"] = [receipt_out(one) for one in done.receipts]
        said["failures"] = done.failures
    return said


def _row(row: QuarantinedRow) -> dict[str, Any]:
    return {
        "id": row.pk,
        "run_id": row.run_id,
        "row_no": row.row_no,
        "state": row.state,
        "raw": row.mended or row.raw,
        "reasons": row.reasons,
    }
