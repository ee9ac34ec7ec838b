"""Definitions (what is measured, against what) and values (what was measured, by revision)."""

from haidang.insight.indicators.models.definitions import Indicator, Proposal, Target, Threshold
from haidang.insight.indicators.models.values import PendingValue, Queue, Series, Value

__all__ = [
    "Indicator",
    "PendingValue",
    "Proposal",
    "Queue",
    "Series",
    "Target",
    "Threshold",
    "Value",
]
