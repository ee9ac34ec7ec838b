"""The account's own inbox for other programs: /api/v1/messages."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from ninja import Router, Schema

from haidang.foundation.access import api as access
from haidang.foundation.core.errors import NotAllowedError
from haidang.foundation.notifications import actions, queries

# Every account has an inbox, whatever it may do; nobody reads that of another.
router = Router(tags=["Thông báo"], auth=access.SessionOrKey())
MOST = 500


class MessageOut(Schema):
    id: int
    kind: str
    title: str
    body: str
    url: str
    created_at: datetime
    read_at: datetime | None


class InboxOut(Schema):
    """`total` counts what matches, `unread` all that waits unread."""

    total: int
    unread: int
    items: list[MessageOut]


class ReadOut(Schema):
    """How many messages wait unread after this one, and where it leads (a page, or empty)."""

    unread: int
    url: str = ""


@router.get("/messages", response=InboxOut, summary="Hộp thư của tài khoản")
def list_messages(
    request: Any, unread: bool = False, limit: int = 50, offset: int = 0
) -> dict[str, object]:
    account = _account(request)
    items, total = queries.messages(
        account, is_unread=unread, offset=max(offset, 0), limit=min(max(limit, 1), MOST)
    )
    return {"total": total, "unread": queries.unread_count(account), "items": items}


@router.post("/messages/{int:id}/read", response=ReadOut, summary="Đánh dấu đã đọc")
def read_message(request: Any, id: int) -> ReadOut:
    account = _account(request)
    url = actions.mark_read(account_id=account, message_id=id, now=timezone.now())
    return ReadOut(unread=queries.unread_count(account), url=url)


@router.post("/messages/read", response=ReadOut, summary="Đánh dấu đã đọc tất cả")
def read_all(request: Any) -> ReadOut:
    account = _account(request)
    actions.mark_all_read(account_id=account, now=timezone.now())
    return ReadOut(unread=queries.unread_count(account))


def _account(request: Any) -> int:
    if request.scope.account_id is None:
        raise NotAllowedError
    return int(request.scope.account_id)
