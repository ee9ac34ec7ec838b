"""The door of operations: what other domains may ask and do."""

from haidang.action.operations.actions import (
    Details,
    add_evidence,
    complete_step,
    install_starter,
    move,
    open_ticket,
    publish_procedure,
)
from haidang.action.operations.errors import AlreadyOpenError, TicketNotFoundError
from haidang.action.operations.queries import StepRef, TicketRef, steps, ticket, tickets_due

__all__ = [
    "AlreadyOpenError",
    "Details",
    "StepRef",
    "TicketNotFoundError",
    "TicketRef",
    "add_evidence",
    "complete_step",
    "install_starter",
    "move",
    "open_ticket",
    "publish_procedure",
    "steps",
    "ticket",
    "tickets_due",
]
