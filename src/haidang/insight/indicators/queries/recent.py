"""The recent courses of many figures at once, for the small lines of a board."""

from collections.abc import Iterable
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from haidang.insight.indicators.models import Indicator, Value
from haidang.insight.indicators.queries import books, dictionary, series
from haidang.insight.indicators.queries.dictionary import VIEW, Dictionary

if TYPE_CHECKING:
    from haidang.foundation.access.api import Scope

Pair = tuple[str, int]

# How far back a small line looks, by the kind of period.
_BACK = {
    "minute5": timedelta(hours=6),
    "hour": timedelta(hours=36),
    "day": timedelta(days=31),
    "week": timedelta(days=182),
    "quarter": timedelta(days=1500),
}
_LONGEST = timedelta(days=760)


def courses(
    pairs: Iterable[Pair], scope: "Scope", known: Dictionary | None = None, *, points: int = 24
) -> dict[Pair, list[float | None]]:
    """Return the headlines of the last `points` periods of each (indicator, unit id), oldest first.

    What the scope may not see is left out. However many the pairs, three queries.
    """
    asked = list(dict.fromkeys(pairs))
    indicators = dictionary.rows((code for code, _ in asked), known)
    seen = {
        (indicators[code].pk, unit_id): (code, unit_id)
        for code, unit_id in asked
        if code in indicators and scope.allows(VIEW, unit_id, indicators[code].sector_id)
    }
    if not seen:
        return {}
    by_id = {indicator.pk: indicator for indicator in indicators.values()}
    units = {unit_id for _, unit_id in seen}
    book = books.PlanBook(by_id, units)
    found: dict[Pair, list[float | None]] = {pair: [] for pair in seen.values()}
    recent = Value.objects.filter(_recent(indicators.values()), unit__in=units)
    # Hundreds of periods are drawn as lines of a few pixels: plain values, no rows, no labels.
    names = "indicator_id", "unit_id", "period_start", "value"
    for indicator, unit, start, value in recent.order_by("period_start").values_list(*names):
        pair = seen.get((indicator, unit))
        if pair is not None:
            found[pair].append(series.headline(by_id[indicator], unit, start, value, book))
    return {pair: course[-points:] for pair, course in found.items()}


def _recent(indicators: Iterable[Indicator]) -> Q:
    now = timezone.now()
    return reduce(
        or_,
        (
            Q(indicator=one.pk, period_start__gte=now - _BACK.get(one.period, _LONGEST))
            for one in indicators
        ),
    )
