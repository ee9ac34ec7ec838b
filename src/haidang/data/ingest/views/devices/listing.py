"""Devices as a list and as a file; their events; the days with too few readings."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from haidang.data.ingest.actions.importing import COLUMNS
from haidang.data.ingest.models import Device, DeviceEvent, Source
from haidang.data.ingest.queries import listing as sources
from haidang.data.ingest.queries import registry
from haidang.data.ingest.rules import registers
from haidang.foundation.access.api import ScopedRequest, requires
from haidang.foundation.core.spreadsheet import csv_response, safe
from haidang.foundation.org import api as org

PER_PAGE = 50
EXPORT_ROWS = 200_000
_MORE = ("Tình trạng", "Im lặng từ", "Số đo gần nhất")


@require_GET
@requires("ingest.view")
def device_list(request: ScopedRequest) -> HttpResponse:
    """List devices, narrowed and sorted."""
    asked = filters(request)
    found = registry.find(request.scope, asked)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    last, troubles = registry.last_heard(page.object_list), registry.open_events(page.object_list)
    units = org.units({one.unit_id for one in page})
    context = {
        "page": page,
        "rows": [
            (one, units.get(one.unit_id), last.get(one.pk), troubles.get(one.pk, 0)) for one in page
        ],
        "asked": asked,
        "states": registry.STATES,
        "sources": _sources(request),
        "units": _units(request),
        "address": request.GET.urlencode(),
    }
    return render(request, "ingest/devices.html", context)


@require_GET
@requires("ingest.view")
def export(request: ScopedRequest) -> StreamingHttpResponse:
    """Send the filtered devices as CSV, in the columns that the import reads."""
    found = registry.find(request.scope, filters(request))[:EXPORT_ROWS]
    header = [*(one.title for one in COLUMNS), *_MORE]
    return csv_response("thiet-bi.csv", header, _lines(found))


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
    if request.GET.get("format") == "csv":
        header = ("Thiết bị", "Thông số", "Sự việc", "Từ", "Đến", "Phát hiện", "Nội dung")
        return csv_response("su-viec-thiet-bi.csv", header, _events(found[:EXPORT_ROWS]))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "kind": kind, "state": state, "kinds": DeviceEvent.Kind.choices}
    return render(request, "ingest/device_events.html", context)


@require_GET
@requires("ingest.view")
def gap_list(request: ScopedRequest) -> HttpResponseBase:
    """List the days of devices with fewer readings than their interval promises."""
    state = request.GET.get("state", "open")
    source = request.GET.get("source", "")
    found = registry.gaps_seen(request.scope, state=state, source=source)
    if request.GET.get("format") == "csv":
        header = ("Thiết bị", "Nguồn", "Ngày", "Phải có", "Khi phát hiện", "Hiện có", "Đủ lúc")
        return csv_response("khoang-trong.csv", header, _gaps(found[:EXPORT_ROWS]))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
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
        sort=asked.get("sort", "code"),
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


def _lines(found: QuerySet[Device]) -> Iterator[list[Any]]:
    for one in found.iterator(chunk_size=2000):
        row: dict[str, Any] = {
            name: getattr(one, name) for name in ("latitude", "longitude", "interval")
        }
        row |= {"code": one.code, "title": one.title, "source": one.source.code}
        row |= {"unit": one.unit.code, "metrics": one.metrics}
        row["note"] = one.note
        watch = getattr(one, "watch", None)
        silent = watch.silent_since if watch else None
        last = watch.last_at if watch else None
        cells = [registers.shown(row[column.name]) for column in COLUMNS]
        yield [*map(safe, cells), one.get_state_display(), _moment(silent), _moment(last)]


def _events(found: Iterable[DeviceEvent]) -> Iterator[list[Any]]:
    for one in found:
        yield [
            safe(one.device.code), safe(one.metric), one.get_kind_display(),
            _moment(one.started_at), _moment(one.ended_at), _moment(one.found_at),
            safe(one.explanation),
        ]  # fmt: skip


def _gaps(found: Iterable[Any]) -> Iterator[list[Any]]:
    for one in found:
        yield [
            safe(one.device.code), safe(one.device.source.title), f"{one.day:%d/%m/%Y}",
            one.expected, one.first_present, one.present, _moment(one.filled_at),
        ]  # fmt: skip


def _moment(at: Any) -> str:
    return f"{timezone.localtime(at):%d/%m/%Y %H:%M}" if at else ""
