"""Values of reporting units on another map: what adds up is divided, the rest says why not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from haidang.foundation.calendar import periods
from haidang.foundation.org import api as org
from haidang.insight.indicators.models import Indicator, Value
from haidang.insight.indicators.rules import additive

_DIGITS = 6  # as values are kept
_CERTAINTY = ("estimate", "preliminary", "official")


@dataclass(frozen=True)
class Held:
    """One unit's value of one period, with its parts where it has them."""

    value: float
    numerator: float | None = None
    denominator: float | None = None
    status: str = "official"

    @property
    def has_parts(self) -> bool:
        return self.numerator is not None and self.denominator is not None


def last_day(period: periods.Period) -> date:
    """Return the day whose map a period's figure stands on."""
    return timezone.localdate(period.end - timedelta(seconds=1))


def manner(indicator: Indicator) -> str:
    """Return how an indicator goes to another map; see `rules.additive`."""
    return additive.manner(indicator.method, indicator.spec)


def held(row: Value) -> Held | None:
    """Return what a kept value says; None where it says nothing."""
    if row.value is None:
        return None
    return Held(row.value, row.numerator, row.denominator, row.status)


def convert(
    indicator: Indicator,
    values: Mapping[int, Held],
    walk: "org.Crosswalk",
    weights: Mapping[int, float],
) -> dict[int, Held]:
    """Return the values on the map that `walk` leads to; units that cannot have one are left out.

    `weights` are the values of the weighting indicator, by unit. Every divided value and every
    weighted mean is an estimate; sums and joined units keep what they were.
    """
    how = manner(indicator)
    if how == additive.SUM:
        return _sums(values, walk)
    if how == additive.PARTS or (values and all(one.has_parts for one in values.values())):
        return _quotients(values, walk, float(indicator.spec.get("scale", 1)))
    if how == additive.WEIGHTED:
        return _means(values, walk, weights)
    if how == additive.WHOLE_ONLY:
        return _extremes(values, walk, str(indicator.spec.get("rollup", indicator.spec["agg"])))
    return {}


def whole(indicator: Indicator, parts: Iterable[Held]) -> Held | None:
    """Return the value of several units of one map together."""
    found = list(parts)
    if not found:
        return None
    status = least_certain(one.status for one in found)
    how = manner(indicator)
    if how == additive.SUM:
        return Held(float(sum(_exact(one.value) for one in found)), status=status)
    if how == additive.WHOLE_ONLY:
        pick = max if indicator.spec.get("rollup", indicator.spec.get("agg")) == "max" else min
        return Held(pick(one.value for one in found), status=status)
    above = sum(one.numerator or 0 for one in found)
    below = sum(one.denominator or 0 for one in found)
    scale = 1.0 if how == additive.WEIGHTED else float(indicator.spec.get("scale", 1))
    if not below:
        return None
    return Held(round(above / below * scale, _DIGITS), above, below, status)


def least_certain(statuses: Iterable[str]) -> str:
    """Return the least certain of some statuses: an estimate makes the whole one."""
    return min(statuses, key=_CERTAINTY.index)


def _sums(values: Mapping[int, Held], walk: "org.Crosswalk") -> dict[int, Held]:
    moved = org.convert_values({unit: _exact(one.value) for unit, one in values.items()}, walk)
    status = _status(values, walk)
    return {
        unit: Held(float(one.value), status="estimate" if one.is_estimate else status[unit])
        for unit, one in moved.items()
    }


def _quotients(values: Mapping[int, Held], walk: "org.Crosswalk", scale: float) -> dict[int, Held]:
    numerators = {unit: _exact(one.numerator or 0) for unit, one in values.items()}
    denominators = {unit: _exact(one.denominator or 0) for unit, one in values.items()}
    above, below = (org.convert_values(one, walk) for one in (numerators, denominators))
    status = _status(values, walk)
    found = {}
    for unit, part in above.items():
        if below[unit].value:
            value = round(float(part.value / below[unit].value) * scale, _DIGITS)
            said = "estimate" if part.is_estimate else status[unit]
            found[unit] = Held(value, float(part.value), float(below[unit].value), said)
    return found


def _means(
    values: Mapping[int, Held], walk: "org.Crosswalk", weights: Mapping[int, float]
) -> dict[int, Held]:
    """Return means weighted by another indicator; a unit without a weight spoils its successors."""
    known = {unit: one for unit, one in values.items() if weights.get(unit)}
    spoilt = {end for unit in values.keys() - known.keys() for end in org.shares(walk, unit)}
    weighted = {
        unit: Held(one.value, round(one.value * weights[unit], _DIGITS), weights[unit], "estimate")
        for unit, one in known.items()
    }
    found = _quotients(weighted, walk, 1)
    return {unit: one for unit, one in found.items() if unit not in spoilt}


def _extremes(values: Mapping[int, Held], walk: "org.Crosswalk", rollup: str) -> dict[int, Held]:
    """Return the highest (lowest) of the units that were joined whole."""
    pick = max if rollup == "max" else min
    ends: dict[int, list[Held]] = {}
    divided: set[int] = set()
    for unit, one in values.items():
        targets = org.shares(walk, unit)
        divided |= set(targets) if len(targets) > 1 else set()
        for end in targets:
            ends.setdefault(end, []).append(one)
    return {
        end: Held(pick(one.value for one in found), status=least_certain(o.status for o in found))
        for end, found in ends.items()
        if end not in divided
    }


def _status(values: Mapping[int, Held], walk: "org.Crosswalk") -> dict[int, str]:
    found: dict[int, str] = {}
    for unit, one in values.items():
        for end in org.shares(walk, unit):
            found[end] = least_certain((one.status, found.get(end, one.status)))
    return found


def _exact(value: float) -> Decimal:
    return Decimal(str(round(value, _DIGITS)))
