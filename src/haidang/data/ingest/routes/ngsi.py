"""Where an NGSI-LD broker tells what has changed."""

from django.http import HttpRequest
from ninja import Status

from haidang.data.ingest import api
from haidang.data.ingest.actions import notices
from haidang.data.ingest.files import bounds
from haidang.data.ingest.models import Run
from haidang.data.ingest.routes.common import ReceiptOut, receipt_out, router, scope_of
from haidang.foundation.access.api import SessionOrKey
from haidang.foundation.core import documents

_MEDIA = {"application/ld+json", "application/json"}


@router.post(
    "/ngsi-ld/{code}/notify",
    response={200: ReceiptOut, 201: ReceiptOut},
    auth=SessionOrKey("ingest.load"),
    summary="Nhận thông báo NGSI-LD của một thuê bao",
)
def post_notification(request: HttpRequest, code: str) -> Status[ReceiptOut]:
    """Thông báo gửi lại (cùng “id”, cùng nội dung) nhận lại biên nhận cũ. Không tải @context."""
    if request.content_type not in _MEDIA:
        raise api.UnreadableFileError(
            "Content-Type phải là application/ld+json hoặc application/json.", status=415
        )
    body = request.read(bounds.JSON_BYTES + 1)
    try:
        documents.require_small(body, most_bytes=bounds.JSON_BYTES)
    except documents.LargeDocumentError as error:
        raise api.TooLargeError(error.message, **error.details) from error
    receipt = api.load(
        source=code,
        file=body,
        media=notices.MEDIA,
        name=notices.NAME,
        channel=Run.Channel.API,
        idempotency_key=notices.key(body),
        by=scope_of(request),
    )
    return Status(201 if receipt.status == Run.Status.LANDED else 200, receipt_out(receipt))
