"""The register of difficulties for other programs: /api/v1/difficulties."""

import datetime as dt
from typing import Any, Literal

from django.utils import timezone
from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict

from haidang.data.catalogue.actions import difficulties
from haidang.data.catalogue.models import Difficulty, DifficultyEntry
from haidang.data.catalogue.permissions import RAISE, VIEW
from haidang.data.catalogue.queries import difficulties as known
from haidang.foundation.access.api import ScopedRequest, SessionOrKey
from haidang.foundation.org import api as org

router = Router(tags=["Vướng mắc"], auth=SessionOrKey(VIEW))
MOST = 200


class DifficultyOut(Schema):
    """Một vướng mắc; `unit` nêu, `agency` xử lý, đều là mã đơn vị."""

    id: int
    number: str
    kind: str
    title: str
    description: str
    subject_kind: str
    subject: str
    unit: str
    agency: str
    proposal: str
    state: str
    raised_at: dt.datetime
    raised_by: str
    due_at: dt.datetime
    closed_at: dt.datetime | None
    outcome: str


class DifficultiesOut(Schema):
    total: int
    items: list[DifficultyOut]


class EntryOut(Schema):
    kind: str
    text: str
    document: str
    file_name: str
    made_at: dt.datetime
    made_by: str


class DetailOut(DifficultyOut):
    entries: list[EntryOut]


class DifficultyIn(Schema):
    """Vướng mắc mới; hạn là 17:00 của ngày `due`."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["connection", "quality", "sharing", "management", "support"]
    title: str = Field(min_length=1, max_length=200)
    unit: str
    agency: str
    due: dt.date
    description: str = Field("", max_length=4000)
    proposal: str = Field("", max_length=4000)
    subject_kind: str = ""
    subject: str = Field("", max_length=100)
    sector: str | None = None


class EntryIn(Schema):
    model_config = ConfigDict(extra="forbid")

    kind: Literal["reply", "meeting", "report"]
    text: str = Field(min_length=1, max_length=4000)
    document: str = Field("", max_length=100)


class DecisionIn(Schema):
    """`due` chỉ dùng khi đổi thời hạn hoặc mở lại."""

    model_config = ConfigDict(extra="forbid")

    said: str = Field(min_length=1, max_length=2000)
    due: dt.date | None = None


@router.get("/difficulties", response=DifficultiesOut, summary="Sổ vướng mắc")
def list_difficulties(
    request: ScopedRequest,
    q: str = "",
    state: str = "waiting",
    kind: str = "",
    late: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> dict[str, Any]:
    """Hạn gần nhất trước; `state`: waiting, any hoặc một tình trạng."""
    rows = known.listed(
        request.scope,
        search=q,
        state="" if state == "any" else state,
        kind=kind,
        late_at=timezone.now() if late else None,
    ).order_by("due_at", "pk")
    first = max(offset, 0)
    page = rows[first : first + min(max(limit, 1), MOST)]
    return {"total": rows.count(), "items": _out(list(page))}


@router.get("/difficulties/{int:id}", response=DetailOut, summary="Một vướng mắc và các bước")
def get_difficulty(request: ScopedRequest, id: int) -> dict[str, Any]:
    return _detail(known.seen(request.scope, id))


@router.post(
    "/difficulties",
    response={201: DetailOut},
    auth=SessionOrKey(RAISE),
    summary="Nêu vướng mắc",
)
def post_difficulty(request: ScopedRequest, body: DifficultyIn) -> Status[dict[str, Any]]:
    given = body.model_dump()
    given["unit"], given["agency"] = (org.unit(given[name]).id for name in ("unit", "agency"))
    made = difficulties.raise_difficulty(**given, by=request.scope)
    return Status(201, _detail(known.seen(request.scope, made)))


@router.post(
    "/difficulties/{int:id}/entries",
    response={201: DetailOut},
    auth=SessionOrKey(RAISE),
    summary="Trả lời, ghi cuộc họp hoặc báo cáo Sở",
)
def post_entry(request: ScopedRequest, id: int, body: EntryIn) -> Status[dict[str, Any]]:
    known.seen(request.scope, id)
    difficulties.reply(difficulty=id, **body.model_dump(), by=request.scope)
    return Status(201, _detail(known.seen(request.scope, id)))


@router.post(
    "/difficulties/{int:id}/{verb}",
    response=DetailOut,
    auth=SessionOrKey(RAISE),
    summary="Khép lại (resolve), rút (withdraw), đổi hạn (extend), mở lại (reopen)",
)
def post_decision(
    request: ScopedRequest,
    id: int,
    verb: Literal["resolve", "withdraw", "extend", "reopen"],
    body: DecisionIn,
) -> dict[str, Any]:
    known.seen(request.scope, id)
    due = body.due or timezone.localdate()
    match verb:
        case "resolve":
            difficulties.resolve(difficulty=id, outcome=body.said, by=request.scope)
        case "withdraw":
            difficulties.withdraw(difficulty=id, reason=body.said, by=request.scope)
        case "extend":
            difficulties.extend(difficulty=id, due=due, reason=body.said, by=request.scope)
        case "reopen":
            difficulties.reopen(difficulty=id, due=due, reason=body.said, by=request.scope)
    return _detail(known.seen(request.scope, id))


def _detail(row: Difficulty) -> dict[str, Any]:
    entries: list[DifficultyEntry] = list(row.entries.order_by("pk"))
    return {**_out([row])[0], "entries": entries}


def _out(rows: list[Difficulty]) -> list[dict[str, Any]]:
    codes = org.codes_of({row.unit_id for row in rows} | {row.agency_id for row in rows})
    names = [name for name in DifficultyOut.model_fields if name not in ("unit", "agency")]
    return [
        {
            **{name: getattr(row, name) for name in names},
            "unit": codes[row.unit_id],
            "agency": codes[row.agency_id],
        }
        for row in rows
    ]
