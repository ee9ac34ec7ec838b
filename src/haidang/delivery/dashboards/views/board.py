"""The leader's board, and each of its parts alone for what the live stream refreshes."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from haidang.delivery.dashboards.queries import boards, figures, mapping, parts
from haidang.delivery.dashboards.queries.viewpoints import VIEW, Viewpoint, sectors, viewpoint
from haidang.delivery.dashboards.rules.definitions import BoardSpec, TileSpec
from haidang.foundation.access import api as access

Context = dict[str, Any]
_NOTHING = TileSpec("none", limit=5)


@access.requires(VIEW)
def show(request: access.ScopedRequest) -> HttpResponse:
    """Show the whole board of a unit: ?unit=718&sector=y-te&map=aqi"""
    view, spec = _asked(request)
    opened = parts.open_alerts(view, _first(spec, view, "alerts").limit)
    context = {
        "spec": spec,
        "tiles": figures.tiles(view, figures.chosen(view, spec)),
        "total": len(view.figures),
        "alerts": opened,
        "sentence": parts.sentence(view, opened),
        "sectors": sectors(request.scope, view.unit),
        **_map(request, view, spec),
        **_tickets(request, view, spec),
        **_owing(request, view, spec),
        **_rankings(request, view, spec),
        **_trends(view, spec),
    }
    return render(request, "dashboards/board.html", {"view": view, **context})


@access.requires(VIEW)
def figure(request: access.ScopedRequest, code: str) -> HttpResponse:
    """Show one tile again."""
    view, _ = _asked(request)
    tile = figures.tile(view, code)
    if tile is None:
        raise Http404
    return render(request, "dashboards/_figure.html", {"view": view, "tile": tile})


@access.requires(VIEW)
def part(request: access.ScopedRequest, kind: str) -> HttpResponse:
    """Show one other part again."""
    view, spec = _asked(request)
    if kind not in _PARTS:
        raise Http404
    context = _PARTS[kind](request, view, spec)
    return render(request, f"dashboards/_{kind}.html", {"view": view, **context})


def _asked(request: access.ScopedRequest) -> tuple[Viewpoint, BoardSpec]:
    asked = request.GET
    view = viewpoint(
        request.scope,
        unit=asked.get("unit", ""),
        sector=asked.get("sector", ""),
        now=timezone.now(),
    )
    return view, boards.board(boards.LEADER)


def _first(spec: BoardSpec, view: Viewpoint, kind: str) -> TileSpec:
    return next(iter(spec.of_kind(kind, view.unit.level)), _NOTHING)


def _sentence(request: access.ScopedRequest, view: Viewpoint, spec: BoardSpec) -> Context:
    opened = parts.open_alerts(view, 1)
    return {"sentence": parts.sentence(view, opened)}


def _alerts(request: access.ScopedRequest, view: Viewpoint, spec: BoardSpec) -> Context:
    return {"alerts": parts.open_alerts(view, _first(spec, view, "alerts").limit)}


def _map(request: access.ScopedRequest, view: Viewpoint, spec: BoardSpec) -> Context:
    wanted = request.GET.get("map", "")
    return {"map": mapping.board_map(view, _first(spec, view, "map"), wanted)}


def _tickets(request: access.ScopedRequest, view: Viewpoint, spec: BoardSpec) -> Context:
    return {"tickets": parts.tickets(view, _first(spec, view, "tickets").limit)}


def _owing(request: access.ScopedRequest, view: Viewpoint, spec: BoardSpec) -> Context:
    return {"owing": parts.owing(view, _first(spec, view, "owing").limit)}


def _rankings(request: access.ScopedRequest, view: Viewpoint, spec: BoardSpec) -> Context:
    found = (parts.ranking(view, one) for one in spec.of_kind("ranking", view.unit.level))
    return {"rankings": [one for one in found if one]}


def _trends(view: Viewpoint, spec: BoardSpec) -> Context:
    found = (parts.trend(view, one) for one in spec.of_kind("trend", view.unit.level))
    return {"trends": [one for one in found if one]}


_PARTS: dict[str, Callable[[access.ScopedRequest, Viewpoint, BoardSpec], Context]] = {
    "sentence": _sentence,
    "alerts": _alerts,
    "map": _map,
    "tickets": _tickets,
    "owing": _owing,
    "rankings": _rankings,
}
