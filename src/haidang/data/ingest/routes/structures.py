"""Routes of changed structures: what differs, consent, refusal; the agreed structures."""

import datetime as dt
from typing import Any

from django.http import HttpRequest
from ninja import Field, Schema
from pydantic import ConfigDict

from haidang.data.ingest import api
from haidang.data.ingest.actions import consent
from haidang.data.ingest.queries import listing
from haidang.data.ingest.routes.common import ReceiptOut, receipt_out, router, scope_of
from haidang.foundation.access.api import SessionOrKey

MANAGE = "ingest.manage"


class DifferenceOut(Schema):
    """Một khác biệt: cột mới (new), mất cột (gone), đổi kiểu (type), và các cách trả lời."""

    kind: str
    heading: str
    field: str
    like: str
    found: str
    is_needed: bool
    choices: list[str]
    suggested: str


class StructureOut(Schema):
    run_id: int
    status: str
    differences: list[DifferenceOut]


class AgreeIn(Schema):
    """Một câu trả lời cho mỗi khác biệt, theo thứ tự."""

    model_config = ConfigDict(extra="forbid")

    answers: list[str] = Field(max_length=2000)
    reason: str = Field(min_length=1, max_length=500)


class RefuseIn(Schema):
    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=500)


class AgreedOut(Schema):
    """Một cấu trúc tệp đã thống nhất của nguồn."""

    number: int
    columns: list[dict[str, str]]
    contract_version: int
    run_id: int
    reason: str
    agreed_at: dt.datetime
    agreed_label: str


@router.get(
    "/runs/{int:run_id}/structure",
    response=StructureOut,
    auth=SessionOrKey("ingest.view"),
    summary="Khác biệt cấu trúc của một lượt nạp đang chờ",
)
def get_structure(request: HttpRequest, run_id: int) -> dict[str, Any]:
    """Tệp khác bản đã thống nhất ở đâu, và trả lời được thế nào."""
    found = listing.run_seen(scope_of(request), run_id)
    told = [
        {**one.as_json(), "choices": several, "suggested": likely}
        for one, several, likely in consent.choices_of(found)
    ]
    return {"run_id": found.pk, "status": found.status, "differences": told}


@router.post(
    "/runs/{int:run_id}/structure/agree",
    response=ReceiptOut,
    auth=SessionOrKey(MANAGE),
    summary="Đồng ý cấu trúc mới; lượt nạp đi tiếp",
)
def post_agreement(request: HttpRequest, run_id: int, body: AgreeIn) -> ReceiptOut:
    """Trả lời từng khác biệt; hợp đồng hoặc bản khai cột có phiên bản mới."""
    listing.run_seen(scope_of(request), run_id)
    receipt = api.agree_structure(
        run=run_id, answers=body.answers, reason=body.reason, by=scope_of(request)
    )
    return receipt_out(receipt)


@router.post(
    "/runs/{int:run_id}/structure/refuse",
    response=ReceiptOut,
    auth=SessionOrKey(MANAGE),
    summary="Từ chối cấu trúc mới",
)
def post_refusal(request: HttpRequest, run_id: int, body: RefuseIn) -> ReceiptOut:
    """Không nạp dòng nào; tệp gốc vẫn được giữ."""
    listing.run_seen(scope_of(request), run_id)
    refused = api.refuse_structure(run=run_id, reason=body.reason, by=scope_of(request))
    return receipt_out(refused)


@router.get(
    "/sources/{code}/structures",
    response=list[AgreedOut],
    auth=SessionOrKey("ingest.view"),
    summary="Các cấu trúc tệp đã thống nhất của nguồn, mới nhất trước",
)
def get_structures(request: HttpRequest, code: str) -> Any:
    """Ai đồng ý, lúc nào, vì sao, theo phiên bản hợp đồng nào."""
    return listing.source_seen(scope_of(request), code).structures.order_by("-number")
