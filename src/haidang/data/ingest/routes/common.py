"""What the routes of data intake share: one router, the caller's scope, receipts as they leave."""

from django.http import HttpRequest
from django.urls import reverse
from ninja import Router, Schema

from haidang.data.ingest import api
from haidang.foundation.access.api import Scope

router = Router(tags=["Nạp dữ liệu"])


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


class ReasonIn(Schema):
    reason: str = ""


def scope_of(request: HttpRequest) -> Scope:
    return request.scope  # type: ignore[attr-defined,no-any-return]  # set by the door


def links(run_id: int) -> dict[str, str]:
    return {
        "self_url": f"/api/v1/runs/{run_id}",
        "quarantine_url": f"{reverse('ingest:quarantine')}?run={run_id}",
    }


def receipt_out(receipt: api.Receipt) -> ReceiptOut:
    return ReceiptOut.model_validate({**vars(receipt), **links(receipt.run_id)})
