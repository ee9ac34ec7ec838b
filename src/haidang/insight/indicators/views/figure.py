"""The page of one indicator of one unit: the figure and all that stands behind it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from haidang.foundation.access import api as access
from haidang.foundation.core import spreadsheet
from haidang.foundation.org import api as org
from haidang.insight.indicators.models import Target
from haidang.insight.indicators.queries import dictionary, figures, on_map, pedigree, series
from haidang.insight.indicators.rules.figures import Figure, IndicatorRef, Point
from haidang.insight.indicators.rules.words import state_label

_LEVEL_BELOW = {"province": "district", "district": "commune"}


@require_GET
@access.requires("indicators.view")
def show(request: access.ScopedRequest, code: str, unit: str) -> HttpResponseBase:
    """Show a figure, its course, thresholds, plans, lineage and the units below it."""
    where = org.unit(unit)
    figure = figures.figure(code, where.id, request.scope)
    indicator = dictionary.indicator(code, request.scope)
    now = timezone.now()
    start = now - pedigree.window(indicator.period)
    points, ground = _course(request, indicator, where, start, now)
    if request.GET.get("format") == "csv":
        return _csv(figure, points)
    context = {
        "figure": figure,
        "indicator": indicator,
        "unit": where,
        "ground": ground,
        "points": list(reversed(points)),
        "restated": sum(1 for point in points if point.restated),
        "chart": _chart(figure, points),
        "thresholds": pedigree.thresholds(code, request.scope),
        "targets": _with_ratios(figure, pedigree.targets(code, where.id, request.scope)),
        "can_report": indicator.method == "manual"
        and request.scope.allows("indicators.report", where.id, indicator.sector),
        "can_propose": request.scope.allows("indicators.define", where.id, indicator.sector),
        **_below(request, indicator, where),
    }
    return render(request, "indicators/figure.html", context)


@require_GET
@access.requires("indicators.view")
def revisions(request: access.ScopedRequest, code: str, unit: str) -> HttpResponse:
    """Show the revisions of a period, all or as known on a day."""
    where = org.unit(unit)
    figure = figures.figure(code, where.id, request.scope)
    start = _moment(request.GET.get("start")) or figure.period_start
    day = parse_date(request.GET.get("known_on", "") or "")
    known_on = _end_of(day) if day else None
    found = (
        pedigree.revisions(code, where.id, start, request.scope, known_on=known_on) if start else []
    )
    context = {
        "figure": figure, "unit": where, "revisions": found, "known_on": day, "start": start,
    }  # fmt: skip
    return render(request, "indicators/revisions.html", context)


def _with_ratios(figure: Figure, rows: list[Target]) -> list[tuple[Target, float | None]]:
    """Put the ratio of the figure beside the plans of its own period."""
    day = timezone.localdate(figure.period_start) if figure.period_start else None
    ratios = {one.issuer: one.ratio for one in figure.targets}
    return [
        (row, ratios.get(row.issuer) if _holds(row, day) and not row.replaced_at else None)
        for row in rows
    ]


def _holds(row: Target, day: date | None) -> bool:
    return day is not None and bool(row.period.lower <= day < row.period.upper)


def _moment(written: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(written or "")
    except ValueError:
        return None
    return found if found.tzinfo else timezone.make_aware(found)


def _end_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time())) + timedelta(days=1)


@dataclass(frozen=True)
class Ground:
    """What the page says of the map: which one is asked for, and where the ground changed."""

    day: date | None  # None: each period on the map of its time
    today: date
    breaks: list["org.MapChange"]
    has_other_maps: bool
    converted: int
    reason: str

    @property
    def is_as_was(self) -> bool:
        return self.day is None


def _course(
    request: access.ScopedRequest,
    indicator: IndicatorRef,
    where: "org.UnitRef",
    start: datetime,
    end: datetime,
) -> tuple[list[Point], Ground]:
    """Return the course as was, or on the map of the day that `?map=` asks for."""
    first, today = timezone.localdate(start), timezone.localdate(end)
    day = _map_day(request.GET.get("map", ""), today)
    if day is None:
        points = series.series(indicator.code, where.id, request.scope, start, end)
        converted, reason = 0, ""
    else:
        found = on_map.course(indicator.code, where.id, request.scope, start, end, day=day)
        points, converted, reason = found.points, len(found.converted), found.reason
    ground = Ground(
        day=day,
        today=today,
        breaks=on_map.breaks(where.id, first, today),
        has_other_maps=not org.same_map(first, today),
        converted=converted,
        reason=reason,
    )
    return points, ground


def _map_day(said: str, today: date) -> date | None:
    if said == "now":
        return today
    try:
        return parse_date(said)
    except ValueError:
        return None


def _lines(figure: Figure, points: list[Point]) -> list[dict[str, Any]]:
    """Return the course, and beside it what stood at the close where late data changed it."""
    course: dict[str, Any] = {"name": figure.name, "values": [point.headline for point in points]}
    if not any(point.restated for point in points):
        return [course]
    before = [one.restated.headline if one.restated else one.headline for one in points]
    return [course, {"name": _("Khi chốt kỳ"), "values": before, "dashed": True, "colour": "stale"}]


def _chart(figure: Figure, points: list[Point]) -> dict[str, Any]:
    lines = []
    if figure.threshold is not None and figure.threshold.basis == "value":
        words = {name: state_label(name, hazard=figure.hazard) for name in ("watch", "critical")}
        lines = [
            {"name": words[name], "value": getattr(figure.threshold, name), "colour": name}
            for name in ("watch", "critical")
        ]
    return {
        "description": f"{figure.name}, {figure.unit_name}",
        "labels": [point.label for point in points],
        "unit": figure.headline_unit,
        "decimals": figure.headline_decimals,
        "series": _lines(figure, points),
        "lines": lines,
    }


def _below(
    request: access.ScopedRequest, indicator: IndicatorRef, where: "org.UnitRef"
) -> dict[str, Any]:
    level = _LEVEL_BELOW.get(where.level)
    if level is None or indicator.reporting_level == where.level:
        return {"ranking": []}
    return {"ranking": figures.ranking(indicator.code, where.id, level, request.scope)}


def _before(point: Point) -> tuple[object, object, object]:
    told = point.restated
    return (told.at.isoformat(), told.value, told.state) if told else ("", "", "")


def _csv(figure: Figure, points: list[Point]) -> HttpResponseBase:
    header = (
        "ky", "tu", "den", "gia_tri", figure.headline_unit or "so", "trang_thai", "lan_sua",
        "tinh_lai_luc", "gia_tri_truoc", "trang_thai_truoc",
    )  # fmt: skip
    rows = (
        (
            point.label, point.start.isoformat(), point.end.isoformat(), point.value,
            point.headline, point.state, point.revision, *_before(point),
        )
        for point in points
    )  # fmt: skip
    return spreadsheet.csv_response(f"{figure.indicator}-{figure.unit_code}.csv", header, rows)
