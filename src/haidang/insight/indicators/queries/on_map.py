"""A course on the map of one day: every period as if that map had always been in force."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from haidang.foundation.calendar import periods
from haidang.foundation.org import api as org
from haidang.insight.indicators.models import Indicator, Value
from haidang.insight.indicators.queries import books, conversion, dictionary, series
from haidang.insight.indicators.queries.conversion import Held
from haidang.insight.indicators.queries.dictionary import VIEW
from haidang.insight.indicators.rules import additive, states
from haidang.insight.indicators.rules.figures import Point

if TYPE_CHECKING:
    from haidang.foundation.access.api import Scope


@dataclass(frozen=True)
class Course:
    """The periods on one map; those that could not be brought there are missing, with the reason.

    `converted` are the starts of the periods that were recorded on another map.
    """

    points: list[Point]
    converted: frozenset[datetime]
    reason: str = ""


def course(
    code: str, unit_id: int, scope: "Scope", start: datetime, end: datetime, *, day: date
) -> Course:
    """Return the periods that begin in [start, end) on the map of `day`, oldest first.

    Raises UnknownIndicatorError, NotAllowedError.
    """
    indicator = dictionary.row(code)
    scope.require(VIEW, unit_id, indicator.sector_id)
    as_was = series.series(code, unit_id, scope, start, end)
    kept = [point for point in as_was if _stands(indicator, unit_id, point.start, day)]
    if not org.subtree(unit_id, on=day) or unit_id not in org.units([unit_id], on=day):
        return Course(kept, frozenset(), _gone(unit_id, day))
    if conversion.manner(indicator) == additive.NEVER:
        reason = additive.REASONS[additive.NEVER] if len(kept) < len(as_was) else ""
        return Course(kept, frozenset(), reason)
    try:
        moved = _moved(indicator, unit_id, start, end, day)
    except org.NoWayBackError as error:
        return Course(kept, frozenset(), error.message)
    points = sorted([*kept, *moved], key=lambda point: point.start)
    return Course(points, frozenset(point.start for point in moved), _missing(indicator, moved))


def breaks(unit_id: int, start: date, end: date) -> list["org.MapChange"]:
    """Return the changes of the map between two days after which a unit covers other ground."""
    one = _DAY
    return [
        change
        for change in org.map_changes()
        if start < change.on <= end and not org.same_ground(unit_id, change.on - one, change.on)
    ]


_DAY = date(2000, 1, 2) - date(2000, 1, 1)


def _stands(indicator: Indicator, unit_id: int, start: datetime, day: date) -> bool:
    """Tell whether a period's own map says the same of the unit as that of `day`."""
    on = conversion.last_day(periods.of(indicator.period, start))
    return org.same_ground(unit_id, on, day)


def _moved(
    indicator: Indicator, unit_id: int, start: datetime, end: datetime, day: date
) -> list[Point]:
    """Return the periods that stand on other maps, converted."""
    inside = org.subtree(unit_id, on=day)
    book = books.PlanBook([indicator.pk], [unit_id])
    thresholds = books.ThresholdBook([indicator.pk])
    level = org.unit_by_id(unit_id).level
    found = []
    for begin, values in sorted(_values(indicator, unit_id, start, end, day).items()):
        period = periods.of(indicator.period, begin)
        on = conversion.last_day(period)
        walk = org.crosswalk_between(on, day)
        sources = _sources(indicator, on, walk, inside)
        known = {unit: one for unit, one in values.items() if unit in sources}
        converted = conversion.convert(indicator, known, walk, _weights(indicator, period, known))
        whole = conversion.whole(
            indicator, (one for unit, one in converted.items() if unit in inside)
        )
        if whole is None:
            continue
        status = whole.status
        if status == "estimate" and _all_inside(known, walk, inside) and _is_sum(indicator):
            status = conversion.least_certain(one.status for one in known.values())
        row = Value(
            indicator=indicator,
            unit_id=unit_id,
            period_start=period.start,
            period_end=period.end,
            value=whole.value,
            status=status,
        )
        threshold = thresholds.at(indicator.pk, unit_id, level, timezone.localdate(period.start))
        if threshold is not None and threshold.basis == "value":
            row.state = states.judge(row.value, books.levels(threshold, indicator))
        found.append(series.point(indicator, row, book))
    return found


def _values(
    indicator: Indicator, unit_id: int, start: datetime, end: datetime, day: date
) -> Mapping[datetime, dict[int, Held]]:
    """Return, by period, what units said in the periods that do not stand on the map of `day`."""
    found: defaultdict[datetime, dict[int, Held]] = defaultdict(dict)
    stands: dict[datetime, bool] = {}
    reporting = {
        unit.id
        for on in _days_between(start, end)
        for unit in org.all_units(indicator.reporting_level, "ubnd", on=on)
    }
    for begin, unit, said in series.kept_values(indicator, reporting, start, end):
        if begin not in stands:
            stands[begin] = _stands(indicator, unit_id, begin, day)
        if not stands[begin]:
            found[begin][unit] = Held(*said)
    return found


def _days_between(start: datetime, end: datetime) -> list[date]:
    first, last = timezone.localdate(start), timezone.localdate(end)
    return [first, *(change.on for change in org.map_changes() if first < change.on <= last)]


def _sources(
    indicator: Indicator, on: date, walk: "org.Crosswalk", inside: frozenset[int]
) -> frozenset[int]:
    """Return the units that report on the map of `on` and have a share inside."""
    reporting = org.all_units(indicator.reporting_level, "ubnd", on=on)
    return frozenset(unit.id for unit in reporting if inside & org.shares(walk, unit.id).keys())


def _weights(
    indicator: Indicator, period: periods.Period, known: Mapping[int, Held]
) -> dict[int, float]:
    """Return the newest values of the weighting indicator up to a period, by unit."""
    if conversion.manner(indicator) != additive.WEIGHTED:
        return {}
    return weights_at(indicator, period, known)


def weights_at(
    indicator: Indicator, period: periods.Period, units: "Mapping[int, object]"
) -> dict[int, float]:
    """Return what an indicator's values are weighted by, of the newest period up to another."""
    rows = Value.objects.filter(
        indicator__code=indicator.spec["weight"],
        unit__in=list(units),
        period_start__lt=period.end,
        value__isnull=False,
    ).order_by("period_start")
    return {unit: value for unit, value in rows.values_list("unit_id", "value") if value}


def _all_inside(known: Mapping[int, Held], walk: "org.Crosswalk", inside: frozenset[int]) -> bool:
    """Tell whether every source lies wholly inside: then nothing had to be divided for the sum."""
    return all(org.shares(walk, unit).keys() <= inside for unit in known)


def _is_sum(indicator: Indicator) -> bool:
    return conversion.manner(indicator) in (additive.SUM, additive.PARTS)


def _missing(indicator: Indicator, moved: list[Point]) -> str:
    if not moved and conversion.manner(indicator) == additive.WHOLE_ONLY:
        return additive.REASONS[additive.WHOLE_ONLY]
    return ""


def _gone(unit_id: int, day: date) -> str:
    names = [unit.name for unit in org.successors([unit_id], day).get(unit_id, ())]
    heirs = f"; nay là một phần của {', '.join(names)}" if names else ""
    return f"đơn vị không có trên địa giới ngày {day:%d/%m/%Y}{heirs}"
