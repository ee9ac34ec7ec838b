"""The other parts of a board: sentence, map, ranking, trend, alerts, tickets, what is owed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from haidang.action.alerts import api as alerts
from haidang.action.operations import api as operations
from haidang.delivery.dashboards.queries.viewpoints import Viewpoint
from haidang.delivery.dashboards.rules import speech
from haidang.delivery.dashboards.rules.definitions import TileSpec
from haidang.foundation.obligations import api as obligations
from haidang.foundation.org import api as org
from haidang.insight.indicators import api as indicators

TREND_DAYS = {"hour": 3, "day": 60, "week": 371, "month": 760}


@dataclass(frozen=True)
class Listed:
    """The first of a list, and how many there are in all."""

    rows: list[Any] = field(default_factory=list)
    total: int = 0
    contacts: dict[int, org.OfficerRef] = field(default_factory=dict)


@dataclass(frozen=True)
class Sentence:
    """What the board says first: counts, and the worst alert by name."""

    phrases: list[speech.Phrase]
    first: Any = None


@dataclass(frozen=True)
class Ranking:
    """Units in order of one indicator; `most` is the longest bar."""

    indicator: indicators.IndicatorRef
    rows: list[indicators.Ranked]
    most: float
    total: int
    level: str


@dataclass(frozen=True)
class Trend:
    """The course of one indicator, and what the chart island draws of it."""

    figure: indicators.Figure
    points: list[indicators.Point]
    chart: dict[str, Any]


def sentence(view: Viewpoint, opened: Listed) -> Sentence:
    """Return the sentence of a board from its figures and its open alerts."""
    blind = 0
    if view.scope.allows("alerts.view"):
        blind = alerts.blind_count(view.scope, _sector(view))
    phrases = speech.phrases(speech.count(view.figures.values()), opened.total, blind)
    return Sentence(phrases, opened.rows[0] if opened.rows else None)


def open_alerts(view: Viewpoint, limit: int) -> Listed:
    """Return the worst open alerts under the unit."""
    if not view.scope.allows("alerts.view"):
        return Listed()
    return Listed(*alerts.open_alerts(view.scope, view.unit.id, _sector(view), limit))


def _sector(view: Viewpoint) -> str:
    """Return the sector that the board is narrowed to, or ""."""
    return view.sector.code if view.sector else ""


def tickets(view: Viewpoint, limit: int) -> Listed:
    """Return the tickets that are due first under the unit."""
    if not view.scope.allows("operations.view"):
        return Listed()
    return Listed(
        *operations.tickets_due(view.scope, view.unit.id, sector=_sector(view), limit=limit)
    )


def owing(view: Viewpoint, limit: int) -> Listed:
    """Return who owes what by when, with the head to call."""
    if not view.scope.allows("obligations.view"):
        return Listed()
    wanted = obligations.Filters(
        unit_id=view.unit.id, sector=view.sector.code if view.sector else None
    )
    rows, total = obligations.due(view.scope, now=view.now, filters=wanted, limit=limit)
    heads = org.heads({row.debtor_unit_id for row in rows}, view.now.date())
    return Listed(rows, total, heads)


def ranking(view: Viewpoint, spec: TileSpec) -> Ranking | None:
    """Return the ranking of the units one level below; None where there is nothing to compare."""
    level = org.level_below(view.unit.level)
    indicator = view.known.get(spec.indicator)
    if level is None or indicator is None:
        return None
    rows = indicators.ranking(spec.indicator, view.unit.id, level, view.scope, view.dictionary)
    if not any(row.figure.headline is not None for row in rows):
        return None
    longest = max(abs(row.figure.headline or 0) for row in rows)
    return Ranking(indicator, rows[: spec.limit], longest or 1, len(rows), level)


def trend(view: Viewpoint, spec: TileSpec) -> Trend | None:
    """Return the course of an indicator over a time that suits its period."""
    figure = view.figures.get(spec.indicator)
    if figure is None or figure.headline is None:
        return None
    period = view.known[spec.indicator].period
    start = view.now - timedelta(days=TREND_DAYS.get(period, 1500))
    points = indicators.series(
        figure.indicator, view.unit.id, view.scope, start, view.now, view.dictionary
    )
    return Trend(figure, points, _chart(figure, points))


def _chart(figure: indicators.Figure, points: list[indicators.Point]) -> dict[str, Any]:
    return {
        "description": f"{figure.name}, {figure.unit_name}, {figure.headline_unit}",
        "labels": [point.label for point in points],
        "unit": figure.headline_unit,
        "decimals": figure.headline_decimals,
        "series": [{"name": figure.name, "values": [point.headline for point in points]}],
        "lines": _lines(figure),
    }


def _lines(figure: indicators.Figure) -> list[dict[str, Any]]:
    threshold = figure.threshold
    if threshold is None or threshold.basis != "value":
        return []
    return [
        {"name": "Theo dõi", "value": threshold.watch, "colour": "watch"},
        {"name": "Nguy hiểm", "value": threshold.critical, "colour": "crit"},
    ]


def counted(states: Iterable[str]) -> list[tuple[str, int]]:
    """Return how many units are in each state, the worst first, for a legend."""
    counts = Counter(states)
    order = ("critical", "watch", "normal", "stale", "no_data")
    return [(state, counts[state]) for state in order if counts[state]]
