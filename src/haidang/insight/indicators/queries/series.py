"""The course of one indicator of one unit, period by period."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from haidang.data.warehouse import api as warehouse
from haidang.foundation.access import api as access
from haidang.foundation.calendar import periods
from haidang.foundation.org import api as org
from haidang.insight.indicators.models import Indicator, Value
from haidang.insight.indicators.queries import books, building, dictionary
from haidang.insight.indicators.queries.dictionary import VIEW, Dictionary
from haidang.insight.indicators.rules import plans, restated, states, windows
from haidang.insight.indicators.rules.figures import Point, Restated

if TYPE_CHECKING:
    from haidang.foundation.access.api import Scope


def series(
    code: str,
    unit_id: int,
    scope: "Scope",
    start: datetime,
    end: datetime,
    known: Dictionary | None = None,
) -> list[Point]:
    """Return the kept periods that begin in [start, end), oldest first.

    Raises UnknownIndicatorError, NotAllowedError.
    """
    indicator = dictionary.row(code, known)
    scope.require(VIEW, unit_id, indicator.sector_id)
    kept = windows.kept(indicator.period)
    at_hand = start if kept is None else max(start, timezone.now() - kept)
    older = _from_lake(indicator, unit_id, start, min(at_hand, end)) if start < at_hand else []
    recent = courses([(indicator, unit_id)], at_hand, end)[indicator.pk, unit_id]
    kept_here = {point.start for point in recent}
    found = [point for point in older if point.start not in kept_here] + recent
    return [point for point in found if point.value is not None or _was_there(unit_id, point)]


def _was_there(unit_id: int, point: Point) -> bool:
    """Tell whether the unit was on the map of a period: the rest was withdrawn with its end."""
    day = timezone.localdate(point.end - timedelta(seconds=1))
    return unit_id in org.units([unit_id], on=org.turn(day))


def kept_values(
    indicator: Indicator, unit_ids: Iterable[int], start: datetime, end: datetime
) -> Iterator[tuple[datetime, int, tuple[float, float | None, float | None, str]]]:
    """Yield (period start, unit, (value, numerator, denominator, status)) of many units.

    The caller has asked the scope. What is not at hand any more comes from the lake.
    """
    kept = windows.kept(indicator.period)
    at_hand = start if kept is None else max(start, timezone.now() - kept)
    units = set(unit_ids)
    if start < at_hand:
        codes = {unit.code: unit.id for unit in org.units(units).values()}
        for old in _rows_of_lake(indicator, codes, start, min(at_hand, end), _PARTS):
            begin, _, value, status, _, unit, above, below = old
            if value is not None:
                yield begin, codes[unit], (value, above, below, status)
    rows = Value.objects.filter(
        indicator=indicator,
        unit__in=units,
        period_start__gte=at_hand,
        period_start__lt=end,
        value__isnull=False,
    )
    for row in rows.iterator():
        if row.value is not None:
            said = (row.value, row.numerator, row.denominator, row.status)
            yield row.period_start, row.unit_id, said


_NAMES = ("period_start", "period_end", "value", "status", "revision")
_PARTS = (*_NAMES, "unit", "numerator", "denominator")


def _rows_of_lake(
    indicator: Indicator,
    codes: Iterable[str],
    start: datetime,
    end: datetime,
    names: Sequence[str],
) -> list[tuple[Any, ...]]:
    """Return the rows of the lake, each period's newest revision last."""
    try:
        found = warehouse.rows(
            "indicator-values",
            scope=access.EVERYTHING,  # the caller has asked the scope for this series
            columns=list(names),
            where=[
                ("indicator", "=", indicator.code),
                ("unit", "in", list(codes)),
                ("period_start", ">=", start),
                ("period_start", "<", end),
            ],
            order=["period_start", "revision"],
        )
    except warehouse.UnknownTableError:
        return []
    return list(found.rows)


def _from_lake(indicator: Indicator, unit_id: int, start: datetime, end: datetime) -> list[Point]:
    """Return the newest revision of the periods that only the lake still has."""
    codes = [org.unit_by_id(unit_id).code]
    rows = _rows_of_lake(indicator, codes, start, end, (*_NAMES, "known_at"))
    newest: dict[datetime, dict[str, Any]] = {}
    known: defaultdict[datetime, list[restated.Known]] = defaultdict(list)
    for *row, known_at in rows:
        newest[row[0]] = dict(zip(_NAMES, row, strict=True))
        known[row[0]].append(restated.Known(known_at, newest[row[0]]["value"]))
    book = books.PlanBook([indicator.pk], [unit_id])
    thresholds = books.ThresholdBook([indicator.pk])
    level = org.unit_by_id(unit_id).level
    return [
        _old_point(indicator, unit_id, level, row, known[at], book, thresholds)
        for at, row in newest.items()
    ]


def _old_point(
    indicator: Indicator,
    unit_id: int,
    level: str,
    row: dict[str, Any],
    known: Sequence[restated.Known],
    book: books.PlanBook,
    thresholds: books.ThresholdBook,
) -> Point:
    """Return a point of the lake; thresholds on the plain value judge it again."""
    value = Value(indicator=indicator, unit_id=unit_id, **row)
    told = restated.before(known, restated.closing(value.period_start, value.period_end))
    if told is not None:
        value.restated_at, value.closed_value, value.closed_state = told.at, told.value, value.state
    day = timezone.localdate(value.period_start)
    threshold = thresholds.at(indicator.pk, unit_id, level, day)
    if threshold is not None and threshold.basis == "value":
        levels = books.levels(threshold, indicator)
        value.state = states.judge(value.value, levels)
        value.closed_state = states.judge(value.closed_value, levels)
    return point(indicator, value, book)


def courses(
    asked: list[tuple[Indicator, int]], start: datetime, end: datetime
) -> dict[tuple[int, int], list[Point]]:
    """Return many courses in two queries; the caller has asked the scope."""
    indicators = {indicator.pk: indicator for indicator, _ in asked}
    book = books.PlanBook(indicators, {unit_id for _, unit_id in asked})
    found: dict[tuple[int, int], list[Point]] = {
        (indicator.pk, unit_id): [] for indicator, unit_id in asked
    }
    rows = Value.objects.filter(
        indicator__in=indicators,
        unit__in={unit_id for _, unit_id in asked},
        period_start__gte=start,
        period_start__lt=end,
    ).order_by("period_start")
    for row in rows:
        key = row.indicator_id, row.unit_id
        if key in found:
            found[key].append(point(indicators[row.indicator_id], row, book))
    return found


def point(indicator: Indicator, row: Value, book: books.PlanBook) -> Point:
    """Return one period of a course."""
    return Point(
        start=row.period_start,
        end=row.period_end,
        label=periods.of(indicator.period, row.period_start).label(),
        value=row.value,
        headline=headline(indicator, row.unit_id, row.period_start, row.value, book),
        state=row.state,
        status=row.status,
        revision=row.revision,
        restated=_restated(indicator, row, book),
    )


def _restated(indicator: Indicator, row: Value, book: books.PlanBook) -> Restated | None:
    """Return what stood before late data; None when nothing did, or when it says the same."""
    if row.restated_at is None or row.closed_value == row.value:
        return None
    held = headline(indicator, row.unit_id, row.period_start, row.closed_value, book)
    return Restated(row.restated_at, row.closed_value, held, row.closed_state or row.state)


def headline(
    indicator: Indicator,
    unit_id: int,
    start: datetime,
    value: float | None,
    book: books.PlanBook,
) -> float | None:
    """Return what a course shows of a period: its value, or its share of the plan.

    In a course of ratios a period without a plan has none.
    """
    if not (indicator.shows_ratio and book.has_amount(indicator.pk, unit_id)):
        return value
    held = book.at(indicator.pk, unit_id, start)
    ratios = plans.ratios(
        value, held, unit="", direction=indicator.direction, decimals=indicator.decimals
    )
    return building.headline_ratio(indicator, ratios)
