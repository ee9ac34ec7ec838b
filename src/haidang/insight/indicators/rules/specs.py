"""The declarative measure of an indicator: what is taken from which dataset, and how it adds up.

{"dataset": "ho-so", "agg": "ratio", "numerator": "dung_han", "denominator": "da_giai_quyet",
 "scale": 100, "filters": [{"field": "linh_vuc", "in": ["dat-dai"]}], "level": "commune",
 "rollup": "sum", "cumulative": false}

Readings add "metric". "whole": true says that a row stands for its whole period, as the Monday does
for its week. A formula is {"formula": "100 * a / b"}.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from haidang.insight.indicators.errors import IndicatorsError

AGGREGATES = frozenset({"sum", "mean", "max", "min", "last", "count", "ratio"})
ROLLUPS = frozenset({"sum", "max", "min"})


class BadSpecError(IndicatorsError):
    """Cách tính của chỉ tiêu không hợp lệ."""


@dataclass(frozen=True)
class Filter:
    """Rows whose field has one of these values."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Measure:
    """A measure over a dataset, ready to be made into an expression. Hashable: the shape's key."""

    dataset: str
    agg: str
    field: str = ""
    numerator: str = ""
    denominator: str = ""
    scale: float = 1.0
    filters: tuple[Filter, ...] = ()
    metric: str = ""
    rollup: str = "sum"
    cumulative: bool = False
    whole: bool = False

    @property
    def has_denominator(self) -> bool:
        """Whether values are quotients that parents must form anew from the sums."""
        return self.agg in {"ratio", "mean"}


def measure(spec: Mapping[str, Any]) -> Measure:
    """Read a measure. Raises BadSpecError."""
    made = Measure(
        dataset=str(spec.get("dataset", "")),
        agg=str(spec.get("agg", "")),
        field=str(spec.get("field", "")),
        numerator=str(spec.get("numerator", "")),
        denominator=str(spec.get("denominator", "")),
        scale=float(spec.get("scale", 1)),
        filters=tuple(
            Filter(field=str(row["field"]), values=tuple(str(value) for value in row["in"]))
            for row in spec.get("filters", ())
        ),
        metric=str(spec.get("metric", "")),
        rollup=str(spec.get("rollup", _usual_rollup(str(spec.get("agg", ""))))),
        cumulative=bool(spec.get("cumulative", False)),
        whole=bool(spec.get("whole", False)),
    )
    _check(made)
    return made


def _usual_rollup(agg: str) -> str:
    return agg if agg in {"max", "min"} else "sum"


def _check(made: Measure) -> None:
    if not made.dataset or made.agg not in AGGREGATES or made.rollup not in ROLLUPS:
        raise BadSpecError
    if made.agg == "ratio" and not (made.numerator and made.denominator):
        raise BadSpecError
    if made.agg not in {"ratio", "count"} and not (made.field or made.metric):
        raise BadSpecError
    if made.cumulative and made.rollup != "sum":
        raise BadSpecError


def value(numerator: float | None, denominator: float | None, made: Measure) -> float | None:
    """Return the value of summed parts: a quotient where the measure is one."""
    if numerator is None:
        return None
    if not made.has_denominator:
        return numerator * made.scale
    return numerator / denominator * made.scale if denominator else None
