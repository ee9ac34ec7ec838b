"""One ticket's whole story: steps, evidence, history, and what may be done next."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db.models import QuerySet

from haidang.action.operations import procedures
from haidang.action.operations.errors import EvidenceNotFoundError
from haidang.action.operations.models import Activity, Evidence, ProcedureVersion, TicketEvent
from haidang.action.operations.queries.clocks import Clocks
from haidang.action.operations.queries.tickets import TicketRef, visible
from haidang.action.operations.rules import states
from haidang.action.operations.rules.clocks import TimeLeft
from haidang.foundation.access import api as access
from haidang.foundation.org import api as org


@dataclass(frozen=True)
class StepRef:
    """One step, ready to be shown."""

    id: int
    title: str
    guide: str
    unit_id: int
    unit_name: str
    state: str
    state_label: str
    answers: tuple[tuple[str, str], ...]
    answer_label: str
    note: str
    started_at: datetime
    due_at: datetime | None
    time_left: TimeLeft | None
    ended_at: datetime | None
    ended_by: str

    @property
    def is_ready(self) -> bool:
        return self.state == Activity.State.READY


@dataclass(frozen=True)
class EvidenceRef:
    """One piece of evidence, ready to be shown."""

    id: int
    kind: str
    kind_label: str
    name: str
    media_type: str
    note: str
    step_title: str
    at: datetime
    by: str
    has_file: bool


@lru_cache(maxsize=64)
def _definition(version_id: int) -> procedures.Definition:
    """Return a published definition; versions never change, so it is read once."""
    return procedures.read(ProcedureVersion.objects.get(pk=version_id).bpmn)


def steps(ticket_id: int, *, now: datetime) -> list[StepRef]:
    """Return the steps that came up so far, in the order in which they did."""
    rows = list(
        Activity.objects.filter(run__ticket=ticket_id)
        .select_related("run")
        .defer("run__state")
        .order_by("started_at", "id")
    )
    units = org.units({row.unit_id for row in rows})
    clocks = Clocks(now)
    return [_step(row, units[row.unit_id].name, clocks) for row in rows]


def _step(row: Activity, unit_name: str, clocks: Clocks) -> StepRef:
    spec = _definition(row.run.version_id).steps[row.step]
    is_ready = row.state == Activity.State.READY
    return StepRef(
        id=row.pk,
        title=row.title,
        guide=spec.guide,
        unit_id=row.unit_id,
        unit_name=unit_name,
        state=row.state,
        state_label=row.get_state_display(),
        answers=spec.answers,
        answer_label=dict(spec.answers).get(row.answer, ""),
        note=row.note,
        started_at=row.started_at,
        due_at=row.due_at,
        time_left=clocks.left(row.due_at, row.clock) if is_ready else None,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )


def evidence(ticket_id: int) -> list[EvidenceRef]:
    """Return what was brought, oldest first."""
    rows = Evidence.objects.filter(ticket=ticket_id).select_related("activity")
    return [
        EvidenceRef(
            id=row.pk,
            kind=row.kind,
            kind_label=row.get_kind_display(),
            name=row.name,
            media_type=row.media_type,
            note=row.note,
            step_title=row.activity.title if row.activity else "",
            at=row.at,
            by=row.by,
            has_file=row.shown_id is not None,
        )
        for row in rows.order_by("at", "id")
    ]


def evidence_file(id: int, scope: access.Scope) -> tuple[Evidence, str]:
    """Return a piece of evidence and the hash of what pages may serve of it."""
    row = Evidence.objects.filter(pk=id, ticket__in=visible(scope)).first()
    if row is None or row.shown_id is None:
        raise EvidenceNotFoundError
    return row, row.shown_id


def history(ticket_id: int) -> QuerySet[TicketEvent]:
    """Return everything that happened to a ticket, newest first."""
    return TicketEvent.objects.filter(ticket=ticket_id).order_by("-at", "-id")


def possible_moves(ticket: TicketRef, scope: access.Scope) -> list[states.Move]:
    """Return the moves that this account may make now, the usual one first."""
    return [
        move
        for move in states.possible(states.State(ticket.state))
        if scope.allows(move.capability, _unit_of(move, ticket), ticket.sector or None)
    ]


def _unit_of(move: states.Move, ticket: TicketRef) -> int:
    return ticket.lead_id if move.where is states.Where.LEAD else ticket.unit_id
