"""Devices as a list and as a file; their events; the days with too few readings."""

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from haidang.data.ingest.actions.importing import COLUMNS
from haidang.data.ingest.models import DeviceEvent, Source
from haidang.data.ingest.queries import listing as sources
from haidang.data.ingest.queries import registry
from haidang.data.ingest.tables import registers as tables
from haidang.foundation.access.api import ScopedRequest, requires
from haidang.foundation.core.spreadsheet import csv_response
from haidang.foundation.org import api as org


@require_GET
@requires("ingest.view")
def device_list(request: ScopedRequest) -> HttpResponseBase:
    """List devices, narrowed and sorted."""
    asked = filters(request)
    found = tables.DEVICES.sorted(request, registry.find(request.scope, asked))
    if table := tables.DEVICES.export(request, found, tables.devices):
        return table
    page = tables.DEVICES.page(request, found)
    context = {
        "page": page,
        "rows": tables.devices(list(page)),
        "asked": asked,
        "states": registry.STATES,
        "sources": _sources(request),
        "units": _units(request),
    }
    return render(request, "ingest/devices.html", context)


@require_GET
@requires("ingest.view")
def template(request: ScopedRequest) -> StreamingHttpResponse:
    """Send an empty file with the columns of the import and one example."""
    example = (
        "NT-001", "Trạm nước thải KCN", "ma-nguon", "25747", "10,98", "106,65", "ph, cod, tss",
        "300", "Xóa dòng ví dụ này",
    )  # fmt: skip
    return csv_response("mau-thiet-bi.csv", [one.title for one in COLUMNS], [example])


@require_GET
@requires("ingest.view")
def event_list(request: ScopedRequest) -> HttpResponseBase:
    """List what devices' readings, or their absence, say about them."""
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "open")
    found = registry.events_seen(request.scope, kind=kind, state=state)
    found = tables.EVENTS.sorted(request, found)
    if table := tables.EVENTS.export(request, found):
        return table
    page = tables.EVENTS.page(request, found)
    context = {"page": page, "kind": kind, "state": state, "kinds": DeviceEvent.Kind.choices}
    return render(request, "ingest/device_events.html", context)


@require_GET
@requires("ingest.view")
def gap_list(request: ScopedRequest) -> HttpResponseBase:
    """List the days of devices with fewer readings than their interval promises."""
    state = request.GET.get("state", "open")
    source = request.GET.get("source", "")
    found = registry.gaps_seen(request.scope, state=state, source=source)
    found = tables.GAPS.sorted(request, found)
    if table := tables.GAPS.export(request, found):
        return table
    page = tables.GAPS.page(request, found)
    context = {"page": page, "state": state, "source": source, "sources": _sources(request)}
    return render(request, "ingest/device_gaps.html", context)


def filters(request: ScopedRequest) -> registry.Filters:
    """Return how a list of devices was narrowed."""
    asked = request.GET
    return registry.Filters(
        words=asked.get("q", ""),
        unit=asked.get("unit", ""),
        source=asked.get("source", ""),
        state=asked.get("state", ""),
    )


def _sources(request: ScopedRequest) -> QuerySet[Source]:
    """Return the sources that have devices, for the choice."""
    seen = sources.visible_sources(request.scope).filter(devices__isnull=False)
    return seen.distinct().order_by("title")[:500]


def _units(request: ScopedRequest) -> list[org.UnitRef]:
    """Return the districts and communes that hold a visible device, for the choice."""
    here = registry.visible(request.scope).order_by().values_list("unit", flat=True).distinct()
    found = org.units(here)
    above = org.units({one.parent_id for one in found.values() if one.parent_id})
    both = {**found, **{k: v for k, v in above.items() if v.level == "district"}}
    return sorted(both.values(), key=lambda one: (one.level != "district", one.name))
