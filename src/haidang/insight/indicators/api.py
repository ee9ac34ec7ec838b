"""The door of indicators: definitions, figures and what may be done with them."""

from haidang.insight.indicators.rules.figures import (
    Delta,
    Figure,
    IndicatorRef,
    PlanRatio,
    Point,
    Ranked,
    ThresholdRef,
)

__all__ = ["Delta", "Figure", "IndicatorRef", "PlanRatio", "Point", "Ranked", "ThresholdRef"]
