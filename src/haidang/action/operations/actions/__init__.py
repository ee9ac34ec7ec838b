"""What may be done: open tickets, move them, work their steps, bring evidence."""

from haidang.action.operations.actions.evidence import MAX_FILE_BYTES, add_evidence
from haidang.action.operations.actions.moving import Details, move
from haidang.action.operations.actions.opening import open_ticket
from haidang.action.operations.actions.publishing import install_starter, publish_procedure
from haidang.action.operations.actions.running import complete_step, wake_run

__all__ = [
    "MAX_FILE_BYTES",
    "Details",
    "add_evidence",
    "complete_step",
    "install_starter",
    "move",
    "open_ticket",
    "publish_procedure",
    "wake_run",
]
