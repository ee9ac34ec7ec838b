"""The wall: one dark screen without scrolling, with nothing to press."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from haidang.delivery.dashboards.queries import boards, figures, mapping, parts
from haidang.delivery.dashboards.queries.viewpoints import viewpoint
from haidang.delivery.dashboards.rules import speech
from haidang.delivery.dashboards.rules.definitions import TileSpec
from haidang.foundation.access import api as access


@access.requires("dashboards.wall")
def show(request: access.ScopedRequest) -> HttpResponse:
    """Show the wall; with ?visitors=1 neither tickets nor those who are behind are shown."""
    asked = request.GET
    view = viewpoint(request.scope, unit=asked.get("unit", ""), sector="", now=timezone.now())
    spec = boards.board(boards.WALL)
    has_visitors = asked.get("visitors") == "1"
    opened = parts.open_alerts(view, 8 if has_visitors else 4)
    kind = spec.of_kind("map", view.unit.level) or [TileSpec("map")]
    context = {
        "tiles": figures.tiles(view, figures.chosen(view, spec)),
        "count": speech.count(view.figures.values()),
        "sentence": parts.sentence(view, opened),
        "map": mapping.board_map(view, kind[0], asked.get("map", "")),
        "alerts": opened,
        "has_visitors": has_visitors,
    }
    if not has_visitors:
        rankings = (parts.ranking(view, one) for one in spec.of_kind("ranking", view.unit.level))
        context["tickets"] = parts.tickets(view, 3)
        context["ranking"] = next((one for one in rankings if one), None)
    return render(request, "dashboards/wall.html", {"view": view, **context})
