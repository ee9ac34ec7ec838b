"""Pure rules: when to raise, keep or clear an alert, and what it says."""

from haidang.action.alerts.rules.decision import (
    QUIET,
    Criteria,
    Effect,
    Episode,
    Memory,
    Phase,
    Reach,
    Seen,
    choose,
    replay,
    step,
)
from haidang.action.alerts.rules.words import (
    ABSENT,
    Reading,
    explain_series,
    explain_source,
    lasting,
    moment,
    number,
    quantity,
    state_word,
)

__all__ = [
    "ABSENT",
    "QUIET",
    "Criteria",
    "Effect",
    "Episode",
    "Memory",
    "Phase",
    "Reach",
    "Reading",
    "Seen",
    "choose",
    "explain_series",
    "explain_source",
    "lasting",
    "moment",
    "number",
    "quantity",
    "replay",
    "state_word",
    "step",
]
