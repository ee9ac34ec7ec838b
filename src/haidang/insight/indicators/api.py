"""The door of indicators: definitions, figures and what may be done with them."""

from haidang.insight.indicators.actions.installing import install_starter
from haidang.insight.indicators.actions.queues import recompute
from haidang.insight.indicators.queries.dictionary import indicator, indicators
from haidang.insight.indicators.queries.figures import figure, figures, ranking, states
from haidang.insight.indicators.queries.recent import courses
from haidang.insight.indicators.queries.series import series
from haidang.insight.indicators.rules.figures import (
    Delta,
    Figure,
    IndicatorRef,
    PlanRatio,
    Point,
    Ranked,
    ThresholdRef,
)

__all__ = [
    "Delta",
    "Figure",
    "IndicatorRef",
    "PlanRatio",
    "Point",
    "Ranked",
    "ThresholdRef",
    "courses",
    "figure",
    "figures",
    "indicator",
    "indicators",
    "install_starter",
    "ranking",
    "recompute",
    "series",
    "states",
]
