"""The door of alerts: what other domains may ask and do."""

from haidang.action.alerts.actions import (
    acknowledge,
    close,
    define_rule,
    look_over,
    retire_rule,
    settle,
)
from haidang.action.alerts.errors import (
    AlertNotFoundError,
    AlreadyAcknowledgedError,
    AlreadyClosedError,
    OutcomeNeedsNoteError,
)
from haidang.action.alerts.models import Outcome, Severity
from haidang.action.alerts.queries import (
    AlertRef,
    PastOutcome,
    alert,
    blind_count,
    blind_spots,
    find_alert,
    last_outcome,
    last_outcomes,
    open_alerts,
)
from haidang.action.alerts.starter import install_starter

__all__ = [
    "AlertNotFoundError",
    "AlertRef",
    "AlreadyAcknowledgedError",
    "AlreadyClosedError",
    "Outcome",
    "OutcomeNeedsNoteError",
    "PastOutcome",
    "Severity",
    "acknowledge",
    "alert",
    "blind_count",
    "blind_spots",
    "close",
    "define_rule",
    "find_alert",
    "install_starter",
    "last_outcome",
    "last_outcomes",
    "look_over",
    "open_alerts",
    "retire_rule",
    "settle",
]
