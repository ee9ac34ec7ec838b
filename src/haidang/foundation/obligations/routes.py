"""What is owed, for other programs: /api/v1/obligations."""

from datetime import datetime
from typing import Any, Literal

from django.utils import timezone
from ninja import Query, Router, Schema

from haidang.foundation.access import api as access
from haidang.foundation.obligations.errors import NotOwedError
from haidang.foundation.obligations.permissions import VIEW
from haidang.foundation.obligations.queries import obligations, reminders
from haidang.foundation.org import api as org

router = Router(tags=["Việc phải thực hiện"], auth=access.SessionOrKey(VIEW))
MOST = 500


class Asked(Schema):
    """`side`: own (my unit owes), awaited (owed to my unit), all (whatever the account covers)."""

    side: Literal["own", "awaited", "all"] = "own"
    state: Literal["open", "fulfilled", "cancelled", "any"] = "open"
    kind: str = ""
    sector: str = ""
    overdue: bool = False
    limit: int = 50
    offset: int = 0


class ObligationOut(Schema):
    """`standing` says in words how far the deadline is."""

    id: int
    kind: str
    kind_label: str
    title: str
    url: str
    debtor: str
    creditor: str
    sector: str | None
    clock: str
    owed_since: datetime
    due_at: datetime
    state: str
    closed_at: datetime | None
    standing: str
    is_overdue: bool
    reminders: int


class ObligationPage(Schema):
    total: int
    items: list[ObligationOut]


class ReminderOut(Schema):
    title: str
    stage: str
    year: int
    number: int | None
    sent_at: datetime


class TallyOut(Schema):
    """`mark` says what the regulation provides from so many reminders on; empty below."""

    unit: str
    unit_name: str
    count: int
    obligations: int
    unread: int
    last_sent_at: datetime
    mark: str


class CopyOut(Schema):
    """To whom a reminder went, and when it was read."""

    account_name: str
    message_id: int
    read_at: datetime | None


class ProvenOut(ReminderOut):
    due_at: datetime
    copies: list[CopyOut]


class DetailOut(ObligationOut):
    proofs: list[ReminderOut]


@router.get("/obligations", response=ObligationPage, summary="Việc phải thực hiện")
def list_obligations(request: Any, asked: Query[Asked]) -> dict[str, object]:
    filters = obligations.Filters(
        side="" if asked.side == "all" else asked.side,
        state="" if asked.state == "any" else asked.state,
        kind=asked.kind,
        sector=asked.sector or None,
        overdue_only=asked.overdue,
    )
    items, total = obligations.due(
        request.scope,
        now=timezone.now(),
        filters=filters,
        offset=max(asked.offset, 0),
        limit=min(max(asked.limit, 1), MOST),
    )
    return {"total": total, "items": items}


@router.get(
    "/obligations/reminders",
    response=list[TallyOut],
    summary="Số lần đôn đốc của từng đơn vị trong năm",
)
def list_tallies(request: Any, year: int = 0) -> list[dict[str, object]]:
    """Nhiều lần nhất trước; `year` để trống là năm nay."""
    found = reminders.tallies(request.scope, year or timezone.localdate().year)
    return [
        {
            **vars(one),
            "unit": one.unit.code,
            "unit_name": one.unit.name,
            "mark": one.mark.label if one.mark else "",
        }
        for one in found
    ]


@router.get(
    "/obligations/reminders/{unit}",
    response=list[ProvenOut],
    summary="Từng lần đôn đốc một đơn vị trong năm, kèm chứng cứ",
)
def list_reminders(request: Any, unit: str, year: int = 0) -> list[reminders.ReminderProof]:
    """Việc gì, khi nào, gửi ai, đọc lúc nào; mới nhất trước."""
    ref = org.unit(unit)
    request.scope.require(VIEW, ref.id)
    return reminders.of_unit(request.scope, ref.id, year or timezone.localdate().year)


@router.get("/obligations/{int:id}", response=DetailOut, summary="Một việc và các lần nhắc")
def get_obligation(request: Any, id: int) -> dict[str, object]:
    found = obligations.one(request.scope, id, now=timezone.now())
    if found is None:
        raise NotOwedError(obligation=id)
    return {**vars(found), "proofs": reminders.reminders(found.id)}
