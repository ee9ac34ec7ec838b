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
from haidang.insight.indicators.queries.dictionary import VIEW
from haidang.insight.indicators.rules.figures import Point

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


def courses(pairs: Iterable[Pair], scope: "Scope", *, points: int = 24) -> dict[Pair, list[Point]]:
    """Return the last `points` periods of each (indicator, unit id), oldest first.

    What the scope may not see is left out. However many the pairs, three queries.
    """
    asked = list(dict.fromkeys(pairs))
    known = dictionary.rows(code for code, _ in asked)
    seen = {
        (known[code].pk, unit_id): (code, unit_id)
        for code, unit_id in asked
        if code in known and scope.allows(VIEW, unit_id, known[code].sector_id)
    }
    if not seen:
        return {}
    by_id = {indicator.pk: indicator for indicator in known.values()}
    units = {unit_id for _, unit_id in seen}
    book = books.PlanBook(by_id, units)
    found: dict[Pair, list[Point]] = {pair: [] for pair in seen.values()}
    rows = Value.objects.filter(_recent(known.values()), unit__in=units).order_by("period_start")
    for row in rows:
        pair = seen.get((row.indicator_id, row.unit_id))
        if pair is not None:
            found[pair].append(series.point(by_id[row.indicator_id], row, book))
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
