"""Definitions (what is measured, against what) and values (what was measured, by revision)."""

from haidang.insight.indicators.models.definitions import Indicator, Proposal, Target, Threshold
from haidang.insight.indicators.models.values import (
    DeviceMemory,
    PendingValue,
    Queue,
    Series,
    Value,
    ValueBefore,
)

__all__ = [
    "DeviceMemory",
    "Indicator",
    "PendingValue",
    "Proposal",
    "Queue",
    "Series",
    "Target",
    "Threshold",
    "Value",
    "ValueBefore",
]
