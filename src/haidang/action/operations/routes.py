"""The typed API of tickets under /api/v1/tickets."""

from datetime import datetime
from typing import Any, Literal

from django.utils import timezone
from ninja import Form, Query, Router, Schema, Status
from ninja.files import UploadedFile
from ninja.params.functions import File

from haidang.action.operations import actions, queries
from haidang.action.operations.actions.publishing import MANAGE
from haidang.action.operations.queries import procedures
from haidang.action.operations.rules import states
from haidang.foundation.access import api as access
from haidang.foundation.org import api as org

router = Router(tags=["Phiếu điều hành"])
_FILE: Any = File(None)  # an optional file has no annotated form in ninja


class TicketOut(Schema):
    id: int
    number: str
    kind: str
    severity: int
    title: str
    description: str
    state: str
    state_label: str
    state_reason: str
    unit_id: int
    unit_name: str
    sector: str
    authority: str
    legal_basis: str
    lead_id: int
    lead_name: str
    alert_id: int | None
    due_at: datetime | None
    due_clock: str
    opened_at: datetime
    opened_by: str
    outcome: str
    closed_at: datetime | None
    closed_by: str
    revision: int
    url: str


class TicketPage(Schema):
    """`total` counts what matches; `items` holds the asked part."""

    total: int
    items: list[TicketOut]


class TicketFilter(Schema):
    words: str = ""
    state: str = "unfinished"
    kind: str = ""
    severity: int | None = None
    sector: str = ""
    unit: str = ""
    sort: str = "due"
    limit: int = 50
    offset: int = 0


class TicketIn(Schema):
    """Units by code. `authority` giao needs a legal basis and a unit that the Centre directs."""

    kind: Literal["flood", "indicator", "environment", "infrastructure", "data", "other"]
    title: str
    severity: Literal[1, 2, 3, 4] = 2
    unit: str
    lead: str
    authority: Literal["giao", "de_nghi_phoi_hop", "chuyen_tham_quyen"] = "de_nghi_phoi_hop"
    legal_basis: str = ""
    sector: str | None = None
    description: str = ""
    place_note: str = ""
    cooperating: list[str] = []
    alert_id: int | None = None
    procedure: str = ""


class MoveIn(Schema):
    """What a move needs; `seen_revision` guards against moves made meanwhile."""

    reason: str = ""
    lead: str = ""
    authority: Literal["", "giao", "de_nghi_phoi_hop", "chuyen_tham_quyen"] = ""
    legal_basis: str = ""
    outcome: Literal["", "true", "false", "duplicate", "data_fault"] = ""
    other_ticket: int | None = None
    seen_revision: int | None = None


class StepOut(Schema):
    id: int
    title: str
    guide: str
    unit_id: int
    unit_name: str
    state: str
    answers: list[tuple[str, str]]
    answer_label: str
    note: str
    started_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    ended_by: str


class StepIn(Schema):
    answer: str = ""
    note: str = ""


class EvidenceIn(Schema):
    kind: Literal["photo", "document", "figure", "none"]
    note: str = ""


class EvidenceOut(Schema):
    id: int


class ProcedureOut(Schema):
    """A procedure with its newest version."""

    code: str
    title: str
    ticket_kind: str
    number: int
    published_at: datetime | None
    published_by: str


class VersionOut(Schema):
    number: int
    sha256: str
    published_at: datetime
    published_by: str
    reason: str
    running: int


class VersionIn(Schema):
    """`bpmn` is the whole file; what is wrong in it comes back by element."""

    bpmn: str
    reason: str
    ticket_kind: (
        Literal["", "flood", "indicator", "environment", "infrastructure", "data", "other"] | None
    ) = None


@router.get(
    "/tickets",
    response=TicketPage,
    auth=access.SessionOrKey("operations.view"),
    summary="Danh sách phiếu điều hành",
)
def list_tickets(request: Any, asked: Query[TicketFilter]) -> dict[str, object]:
    now = timezone.now()
    listing = queries.Listing(
        words=asked.words,
        state=asked.state,
        kind=asked.kind,
        severity=asked.severity,
        sector=asked.sector,
        unit_id=org.unit(asked.unit).id if asked.unit else None,
        sort=asked.sort,
    )
    rows = queries.find(request.scope, listing, now=now)
    start, size = max(asked.offset, 0), min(max(asked.limit, 1), 500)
    return {"total": rows.count(), "items": queries.refs(rows[start : start + size], now=now)}


@router.post(
    "/tickets",
    response={201: TicketOut},
    auth=access.SessionOrKey("operations.handle"),
    summary="Mở phiếu điều hành",
)
def open_ticket(request: Any, body: TicketIn) -> Status[queries.TicketRef]:
    given = body.dict(exclude={"unit", "lead", "cooperating"})
    ticket = actions.open_ticket(
        **given,
        unit_id=org.unit(body.unit).id,
        lead_unit_id=org.unit(body.lead).id,
        cooperating=[org.unit(code).id for code in body.cooperating],
        by=request.scope,
        now=timezone.now(),
    )
    return Status(201, _ticket(request, ticket))


@router.get(
    "/tickets/{int:id}",
    response=TicketOut,
    auth=access.SessionOrKey("operations.view"),
    summary="Một phiếu",
)
def get_ticket(request: Any, id: int) -> queries.TicketRef:
    return _ticket(request, id)


@router.post(
    "/tickets/{int:id}/moves/{verb}",
    response=TicketOut,
    auth=access.SessionOrKey("operations.view"),
    summary="Chuyển trạng thái phiếu",
)
def move(request: Any, id: int, verb: states.Verb, body: MoveIn) -> queries.TicketRef:
    details = actions.Details(
        **body.dict(exclude={"lead", "seen_revision"}),
        lead_unit_id=org.unit(body.lead).id if body.lead else None,
    )
    actions.move(
        ticket=id,
        verb=verb,
        details=details,
        seen_revision=body.seen_revision,
        by=request.scope,
        now=timezone.now(),
    )
    return _ticket(request, id)


@router.get(
    "/tickets/{int:id}/steps",
    response=list[StepOut],
    auth=access.SessionOrKey("operations.view"),
    summary="Các bước của phiếu",
)
def list_steps(request: Any, id: int) -> list[queries.StepRef]:
    return queries.steps(_ticket(request, id).id, now=timezone.now())


@router.post(
    "/tickets/{int:id}/steps/{int:activity}",
    response=list[StepOut],
    auth=access.SessionOrKey("operations.handle"),
    summary="Hoàn thành một bước",
)
def complete_step(request: Any, id: int, activity: int, body: StepIn) -> list[queries.StepRef]:
    actions.complete_step(
        activity=activity, by=request.scope, now=timezone.now(), answer=body.answer, note=body.note
    )
    return queries.steps(_ticket(request, id).id, now=timezone.now())


@router.post(
    "/tickets/{int:id}/evidence",
    response={201: EvidenceOut},
    auth=access.SessionOrKey("operations.handle"),
    summary="Thêm minh chứng",
)
def add_evidence(
    request: Any, id: int, body: Form[EvidenceIn], file: UploadedFile | None = _FILE
) -> Status[dict[str, int]]:
    kept = actions.add_evidence(
        ticket=id,
        kind=body.kind,
        note=body.note,
        content=file.read(actions.MAX_FILE_BYTES + 1) if file else None,
        name=(file.name or "") if file else "",
        by=request.scope,
        now=timezone.now(),
    )
    return Status(201, {"id": kept})


@router.get(
    "/procedures",
    response=list[ProcedureOut],
    auth=access.SessionOrKey("operations.view"),
    summary="Các quy trình (SOP)",
)
def list_procedures(
    request: Any, limit: int = 100, offset: int = 0
) -> list[procedures.ProcedureRef]:
    start, size = max(offset, 0), min(max(limit, 1), 500)
    return procedures.procedure_refs(procedures.listed()[start : start + size])


@router.get(
    "/procedures/{slug:code}/versions",
    response=list[VersionOut],
    auth=access.SessionOrKey("operations.view"),
    summary="Các bản đã ban hành của một quy trình",
)
def list_versions(request: Any, code: str) -> list[procedures.VersionRef]:
    return procedures.versions(procedures.procedure(code).code)


@router.post(
    "/procedures/{slug:code}/versions",
    response={201: ProcedureOut},
    auth=access.SessionOrKey(MANAGE),
    summary="Ban hành một bản của quy trình",
)
def publish_version(request: Any, code: str, body: VersionIn) -> Status[procedures.ProcedureRef]:
    actions.publish_procedure(code=code, by=request.scope, now=timezone.now(), **body.dict())
    return Status(201, procedures.procedure(code))


def _ticket(request: Any, id: int) -> queries.TicketRef:
    return queries.ticket(id, request.scope, now=timezone.now())
