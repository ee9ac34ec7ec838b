"""The door of indicators: definitions, figures and what may be done with them."""

from haidang.insight.indicators.actions.deciding import (
    decide_proposal,
    propose_target,
    propose_threshold,
)
from haidang.insight.indicators.actions.installing import install_starter
from haidang.insight.indicators.actions.queues import recompute
from haidang.insight.indicators.actions.reported import ReportedValue, take_over
from haidang.insight.indicators.actions.typed import (
    TypedValue,
    approve_values,
    report_value,
    report_values,
    return_values,
)
from haidang.insight.indicators.queries.dictionary import (
    Dictionary,
    dictionary,
    indicator,
    indicators,
)
from haidang.insight.indicators.queries.figures import figure, figures, ranking, states
from haidang.insight.indicators.queries.on_map import Course, course
from haidang.insight.indicators.queries.recent import courses
from haidang.insight.indicators.queries.registry import register_origin
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
from haidang.insight.indicators.rules.lineage import Reference

__all__ = [
    "Course",
    "Delta",
    "Dictionary",
    "Figure",
    "IndicatorRef",
    "PlanRatio",
    "Point",
    "Ranked",
    "Reference",
    "ReportedValue",
    "ThresholdRef",
    "TypedValue",
    "approve_values",
    "course",
    "courses",
    "decide_proposal",
    "dictionary",
    "figure",
    "figures",
    "indicator",
    "indicators",
    "install_starter",
    "propose_target",
    "propose_threshold",
    "ranking",
    "recompute",
    "register_origin",
    "report_value",
    "report_values",
    "return_values",
    "series",
    "states",
    "take_over",
]
