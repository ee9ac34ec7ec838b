"""The wall: one dark screen without scrolling, with nothing to press."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from haidang.delivery.dashboards.queries import boards, figures, mapping, parts
from haidang.delivery.dashboards.queries.viewpoints import viewpoint
from haidang.delivery.dashboards.rules import speech
from haidang.delivery.dashboards.rules.definitions import TileSpec
from haidang.foundation.access import api as access

_ALERTS = 6  # fill the side of the wall; a ticket takes the place of one
_TEXT = 44  # names of the map, to be read from ten metres


@access.requires("dashboards.wall")
def show(request: access.ScopedRequest) -> HttpResponse:
    """Show the wall; with ?visitors=1 neither tickets nor those who are behind are shown."""
    asked = request.GET
    view = viewpoint(request.scope, unit=asked.get("unit", ""), sector="", now=timezone.now())
    spec = boards.board(boards.WALL)
    has_visitors = asked.get("visitors") == "1"
    tickets = None if has_visitors else parts.tickets(view, 2)
    opened = parts.open_alerts(view, _ALERTS - len(tickets.rows if tickets else ()))
    kind = spec.of_kind("map", view.unit.level) or [TileSpec("map")]
    tiles = figures.tiles(view, figures.chosen(view, spec))
    context = {
        "tiles": tiles,
        "all_simulated": bool(tiles) and all(one.figure.simulated for one in tiles),
        "count": speech.count(view.figures.values()),
        "sentence": parts.sentence(view, opened),
        "map": mapping.board_map(view, kind[0], asked.get("map", ""), text=_TEXT),
        "alerts": opened,
        "has_visitors": has_visitors,
    }
    if not has_visitors:
        rankings = (parts.ranking(view, one) for one in spec.of_kind("ranking", view.unit.level))
        context["tickets"] = tickets
        context["ranking"] = next((one for one in rankings if one), None)
    return render(request, "dashboards/wall.html", {"view": view, **context})
