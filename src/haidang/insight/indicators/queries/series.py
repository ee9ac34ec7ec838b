"""The course of one indicator of one unit, period by period."""

from datetime import datetime
from typing import TYPE_CHECKING

from haidang.foundation.calendar import periods
from haidang.insight.indicators.models import Indicator, Value
from haidang.insight.indicators.queries import books, building, dictionary
from haidang.insight.indicators.queries.dictionary import VIEW
from haidang.insight.indicators.rules import plans
from haidang.insight.indicators.rules.figures import Point

if TYPE_CHECKING:
    from haidang.foundation.access.api import Scope


def series(code: str, unit_id: int, scope: "Scope", start: datetime, end: datetime) -> list[Point]:
    """Return the kept periods that begin in [start, end), oldest first.

    Raises UnknownIndicatorError, NotAllowedError.
    """
    indicator = dictionary.row(code)
    scope.require(VIEW, unit_id, indicator.sector_id)
    return courses([(indicator, unit_id)], start, end)[indicator.pk, unit_id]


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
    held = book.at(indicator.pk, row.unit_id, row.period_start)
    ratios = plans.ratios(
        row.value, held, unit="", direction=indicator.direction, decimals=indicator.decimals
    )
    of_plan = building.headline_ratio(indicator, ratios)
    return Point(
        start=row.period_start,
        end=row.period_end,
        label=periods.of(indicator.period, row.period_start).label(),
        value=row.value,
        headline=row.value if of_plan is None else of_plan,
        state=row.state,
        status=row.status,
        revision=row.revision,
    )
