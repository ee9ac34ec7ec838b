"""What may be asked about alerts and rules."""

from haidang.action.alerts.queries.alerts import (
    AlertRef,
    Listing,
    alert,
    blind_count,
    blind_spots,
    find,
    find_alert,
    history,
    open_alerts,
    refs,
    visible,
)
from haidang.action.alerts.queries.backtests import backtest
from haidang.action.alerts.queries.contacts import Contact, contacts
from haidang.action.alerts.queries.governing import (
    centre,
    device_signals,
    governing_version,
    quarantine_signals,
    silent_sources,
)
from haidang.action.alerts.queries.outcomes import PastOutcome, last_outcome, last_outcomes
from haidang.action.alerts.queries.rules import RuleRow, current_rule, rule_rows
from haidang.action.alerts.queries.subjects import (
    Subject,
    is_known,
    of_series,
    of_silent_device,
    of_silent_devices,
    of_source,
    of_stopped_device,
    sector_of,
)

__all__ = [
    "AlertRef",
    "Contact",
    "Listing",
    "PastOutcome",
    "RuleRow",
    "Subject",
    "alert",
    "backtest",
    "blind_count",
    "blind_spots",
    "centre",
    "contacts",
    "current_rule",
    "device_signals",
    "find",
    "find_alert",
    "governing_version",
    "history",
    "is_known",
    "last_outcome",
    "last_outcomes",
    "of_series",
    "of_silent_device",
    "of_silent_devices",
    "of_source",
    "of_stopped_device",
    "open_alerts",
    "quarantine_signals",
    "refs",
    "rule_rows",
    "sector_of",
    "silent_sources",
    "visible",
]
