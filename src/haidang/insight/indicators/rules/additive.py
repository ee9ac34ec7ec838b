"""Which figures may be brought to another map, and how."""

from collections.abc import Mapping
from typing import Any

SUM, PARTS, WEIGHTED, WHOLE_ONLY, NEVER = "sum", "parts", "weighted", "whole_only", ""
_ADDS = {"sum", "count", "last"}

REASONS = {
    WHOLE_ONLY: "giá trị lớn nhất, nhỏ nhất chỉ quy đổi được khi đơn vị nhập nguyên vẹn",
    NEVER: "không cộng được và chưa có chỉ tiêu làm trọng số, nên không quy đổi địa giới",
}


def manner(method: str, spec: Mapping[str, Any]) -> str:
    """Return how an indicator's values go to another map.

    "sum": they add up. "parts": numerator and denominator do, the value is formed anew.
    "weighted": a mean, weighted by the indicator that its spec names as `weight`. "whole_only": a
    highest or lowest value, of units that were joined whole. "": not at all.
    """
    rollup = str(spec.get("rollup", ""))
    if method == "manual":
        if rollup == "sum":
            return SUM
        return WEIGHTED if rollup == "mean" and spec.get("weight") else NEVER
    if method == "formula":
        return NEVER
    if rollup in {"max", "min"} or spec.get("agg") in {"max", "min"}:
        return WHOLE_ONLY
    if spec.get("agg") in {"ratio", "mean"}:
        return PARTS
    return SUM if spec.get("agg") in _ADDS else NEVER
