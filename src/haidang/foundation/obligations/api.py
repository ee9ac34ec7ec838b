"""The door of obligations: deadlines with proof, and the durable timers of the system."""

from haidang.foundation.obligations.actions.obligations import cancel, fulfil, move, owe
from haidang.foundation.obligations.actions.wake_ups import cancel_wake_up, wake_up
from haidang.foundation.obligations.clocks import words
from haidang.foundation.obligations.errors import (
    AlreadyOwedError,
    NotOwedError,
    UnknownWakeUpError,
)
from haidang.foundation.obligations.kinds import on_wake, register_kind
from haidang.foundation.obligations.queries.obligations import Filters, ObligationRef, due
from haidang.foundation.obligations.queries.reminders import (
    ReminderProof,
    reminder_counts,
    reminders,
)

__all__ = [
    "AlreadyOwedError",
    "Filters",
    "NotOwedError",
    "ObligationRef",
    "ReminderProof",
    "UnknownWakeUpError",
    "cancel",
    "cancel_wake_up",
    "due",
    "fulfil",
    "move",
    "on_wake",
    "owe",
    "register_kind",
    "reminder_counts",
    "reminders",
    "wake_up",
    "words",
]
