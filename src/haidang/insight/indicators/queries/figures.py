"""Figures of now: one, many in a constant number of queries, rankings, states for a map."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from haidang.foundation.calendar import periods
from haidang.foundation.org import api as org
from haidang.insight.indicators.models import Indicator, PendingValue, Series, Value
from haidang.insight.indicators.queries import books, building, dictionary
from haidang.insight.indicators.queries.dictionary import VIEW, Dictionary
from haidang.insight.indicators.rules import staleness
from haidang.insight.indicators.rules.figures import Figure, Ranked

if TYPE_CHECKING:
    from haidang.foundation.access.api import Scope

Pair = tuple[str, int]


def figure(code: str, unit_id: int, scope: "Scope", period: datetime | None = None) -> Figure:
    """Return one figure: the newest, or that of the period that starts (or holds) `period`.

    Raises UnknownIndicatorError, NotAllowedError.
    """
    indicator = dictionary.row(code)
    scope.require(VIEW, unit_id, indicator.sector_id)
    if period is None:
        return figures([(code, unit_id)], scope)[code, unit_id]
    return _of_period(indicator, unit_id, period)


def figures(
    pairs: Iterable[Pair], scope: "Scope", known: Dictionary | None = None
) -> dict[Pair, Figure]:
    """Return the newest figures of (indicator code, unit id) pairs that the scope may see.

    However many the pairs, the number of queries is the same.
    """
    asked = list(dict.fromkeys(pairs))
    rows = dictionary.rows((code for code, _ in asked), known)
    units = org.units({unit_id for _, unit_id in asked})
    seen = {
        (code, unit_id): (rows[code], units[unit_id])
        for code, unit_id in asked
        if code in rows and unit_id in units and scope.allows(VIEW, unit_id, rows[code].sector_id)
    }
    return _build(seen)


def ranking(
    code: str, parent_unit_id: int, level: str, scope: "Scope", known: Dictionary | None = None
) -> list[Ranked]:
    """Return the figures of the units of a level below a unit, the best first.

    Units without a current figure come last and have no place. Raises UnknownIndicatorError.
    """
    indicator = dictionary.row(code, known)
    below = units_below(parent_unit_id, level)
    found = list(figures(((code, unit_id) for unit_id in below), scope, known).values())
    return rank(found, lower_first=indicator.direction == "lower")


def rank(found: list[Figure], *, lower_first: bool) -> list[Ranked]:
    """Return figures in order, equal ones on the same place."""
    current = [one for one in found if one.headline is not None and one.state != "stale"]
    rest = [one for one in found if one.headline is None or one.state == "stale"]
    current.sort(key=lambda one: one.headline or 0, reverse=not lower_first)
    ranked: list[Ranked] = []
    for index, one in enumerate(current, start=1):
        equal = ranked and ranked[-1].figure.headline == one.headline
        ranked.append(Ranked(ranked[-1].place if equal else index, one))
    return ranked + [Ranked(None, one) for one in rest]


def states(
    code: str, parent_unit_id: int, level: str, scope: "Scope", known: Dictionary | None = None
) -> dict[int, str]:
    """Return the state of every unit of a level below a unit: what a map is coloured by."""
    indicator = dictionary.row(code, known)
    allowed = [
        unit_id
        for unit_id in units_below(parent_unit_id, level)
        if scope.allows(VIEW, unit_id, indicator.sector_id)
    ]
    now = timezone.now()
    rows = Series.objects.filter(indicator=indicator, unit__in=allowed)
    found = {
        unit_id: staleness.shown(state, stale_at=stale_at, now=now)
        for unit_id, state, stale_at in rows.values_list("unit_id", "state", "stale_at")
    }
    return {unit_id: found.get(unit_id, "no_data") for unit_id in allowed}


def units_below(parent_unit_id: int, level: str) -> list[int]:
    """Return the ids of the units of a level in a unit's subtree, in dictionary order."""
    subtree = org.subtree(parent_unit_id)
    return [unit.id for unit in org.all_units(level=level) if unit.id in subtree]


def _build(seen: Mapping[Pair, tuple[Indicator, "org.UnitRef"]]) -> dict[Pair, Figure]:
    indicator_ids = {indicator.pk for indicator, _ in seen.values()}
    unit_ids = {unit.id for _, unit in seen.values()}
    rows = {
        (row.indicator_id, row.unit_id): row
        for row in Series.objects.filter(indicator__in=indicator_ids, unit__in=unit_ids)
    }
    asked = [
        (indicator, unit.id, rows[indicator.pk, unit.id].period_start)
        for indicator, unit in seen.values()
        if (indicator.pk, unit.id) in rows
    ]
    around = surroundings(indicator_ids, unit_ids, asked)
    return {
        pair: _newest(indicator, unit, rows.get((indicator.pk, unit.id)), around)
        for pair, (indicator, unit) in seen.items()
    }


def _newest(
    indicator: Indicator,
    unit: "org.UnitRef",
    row: Series | None,
    around: building.Surroundings,
) -> Figure:
    if row is None:
        return building.empty(indicator, unit, around)
    return building.figure(
        indicator,
        unit,
        row,
        around,
        stale_at=row.stale_at,
        state_since=row.state_since,
        newer_pending=row.newer_pending,
    )


def surroundings(
    indicator_ids: Iterable[int],
    unit_ids: Iterable[int],
    asked: Iterable[tuple[Indicator, int, datetime]],
) -> building.Surroundings:
    """Read what figures are seen against, in four queries. `asked` are their period starts."""
    indicator_ids, unit_ids = set(indicator_ids), set(unit_ids)
    pending = PendingValue.objects.filter(
        indicator__in=indicator_ids, unit__in=unit_ids, decided_at__isnull=True
    )
    return building.Surroundings(
        thresholds=books.ThresholdBook(indicator_ids),
        plans=books.PlanBook(indicator_ids, unit_ids),
        earlier=_earlier(indicator_ids, unit_ids, asked),
        pending=frozenset(pending.values_list("indicator_id", "unit_id")),
        now=timezone.now(),
    )


def _earlier(
    indicator_ids: set[int],
    unit_ids: set[int],
    asked: Iterable[tuple[Indicator, int, datetime]],
) -> dict[tuple[int, int, datetime], float]:
    starts: set[datetime] = set()
    for indicator, _, start in asked:
        period = periods.of(indicator.period, start)
        starts |= {period.previous().start, period.same_last_year().start}
    rows = Value.objects.filter(
        indicator__in=indicator_ids,
        unit__in=unit_ids,
        period_start__in=starts,
        value__isnull=False,
    )
    return {
        (indicator_id, unit_id, start): value
        for indicator_id, unit_id, start, value in rows.values_list(
            "indicator_id", "unit_id", "period_start", "value"
        )
        if value is not None
    }


def _of_period(indicator: Indicator, unit_id: int, moment: datetime) -> Figure:
    start = periods.of(indicator.period, moment).start
    unit = org.unit_by_id(unit_id)
    row = Value.objects.filter(indicator=indicator, unit=unit_id, period_start=start).first()
    around = surroundings([indicator.pk], [unit_id], [(indicator, unit_id, start)])
    return building.figure(indicator, unit, row, around)
