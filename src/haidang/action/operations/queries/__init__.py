"""What may be asked about tickets and procedures."""

from haidang.action.operations.queries.clocks import Clocks, due_at
from haidang.action.operations.queries.story import (
    EvidenceRef,
    StepRef,
    evidence,
    evidence_file,
    history,
    possible_moves,
    steps,
)
from haidang.action.operations.queries.tickets import (
    Listing,
    TicketRef,
    can_work,
    cooperating,
    find,
    for_alert,
    refs,
    ticket,
    ticket_numbered,
    tickets_due,
    visible,
)

__all__ = [
    "Clocks",
    "EvidenceRef",
    "Listing",
    "StepRef",
    "TicketRef",
    "can_work",
    "cooperating",
    "due_at",
    "evidence",
    "evidence_file",
    "find",
    "for_alert",
    "history",
    "possible_moves",
    "refs",
    "steps",
    "ticket",
    "ticket_numbered",
    "tickets_due",
    "visible",
]
