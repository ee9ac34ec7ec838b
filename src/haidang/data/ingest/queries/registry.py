"""Devices for people: filtered to the scope, a constant number of queries for any page."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, QuerySet

from haidang.data.ingest.errors import DeviceNotFoundError
from haidang.data.ingest.models import Device, DeviceEvent, Gap
from haidang.data.ingest.queries.runs import pending_batches
from haidang.data.ingest.rules import silence
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access import api as access
from haidang.foundation.access.api import Scope
from haidang.foundation.core.text import fold
from haidang.foundation.org import api as org

VIEW = "ingest.view"
SILENT = "silent"
STATES = {
    "active": "Đang hoạt động",
    SILENT: "Im lặng",
    "maintenance": "Đang bảo trì",
    "retired": "Đã ngừng",
}
COURSE = dt.timedelta(hours=24)


@dataclass(frozen=True)
class Filters:
    """How the list is narrowed; empty means no limit."""

    words: str = ""
    unit: str = ""
    source: str = ""
    state: str = ""


@dataclass(frozen=True)
class Parameter:
    """One metric of a device: its newest reading and the course of the last day."""

    metric: str
    time: dt.datetime | None = None
    value: float | None = None
    status: str = ""
    limit: float | None = None
    course: list[float | None] = field(default_factory=list)


def visible(scope: Scope) -> QuerySet[Device]:
    """Return the devices whose sources the scope may see."""
    rows = Device.objects.select_related("source", "watch", "unit")
    return scope.filter(rows, VIEW, unit="source__supplier", sector="source__sector")


def seen(scope: Scope, code: str) -> Device:
    """Return one device. Raises DeviceNotFoundError also for what the scope may not see."""
    found = visible(scope).select_related("source", "watch", "unit", "registered_by")
    device = found.filter(code=code).first()
    if device is None:
        raise DeviceNotFoundError
    return device


def find(scope: Scope, asked: Filters) -> QuerySet[Device]:
    """Return the visible devices that match."""
    found = visible(scope)
    if asked.source:
        found = found.filter(source__code=asked.source)
    if asked.unit:
        where = org.codes().get(asked.unit)
        found = found.filter(unit__in=org.subtree(where)) if where else found.none()
    if asked.state == SILENT:
        found = found.filter(watch__silent_since__isnull=False)
    elif asked.state in Device.State.values:
        found = found.filter(state=asked.state)
    for word in fold(asked.words).split():
        found = found.filter(folded__contains=word)
    return found


def last_heard(devices: Iterable[Device]) -> dict[int, dt.datetime]:
    """Return the newest reading's time of each device: one query per dataset."""
    by_dataset: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for device in devices:
        by_dataset[device.source.dataset][device.code] = device.pk
    return {
        ids[code]: heard[0]
        for dataset, ids in by_dataset.items()
        for code, heard in warehouse.last_heard(dataset, ids).items()
    }


def open_events(devices: Iterable[Device]) -> dict[int, int]:
    """Return how many events of each device have not ended."""
    rows = DeviceEvent.objects.filter(
        device__in=[one.pk for one in devices], ended_at=None, withdrawn_at=None
    ).values_list("device_id", flat=True)
    counts: dict[int, int] = {}
    for device in rows:
        counts[device] = counts.get(device, 0) + 1
    return counts


def parameters(device: Device, now: dt.datetime) -> list[Parameter]:
    """Return every metric that a device declares or reported, with its course of a day.

    Who may see the source may see what its devices said.
    """
    last = {one.metric: one for one in _last_values(device)}
    course = _course(device, now) if last else {}
    names = [*device.metrics, *(name for name in last if name not in device.metrics)]
    return [
        Parameter(
            metric=name,
            time=last[name].time if name in last else None,
            value=last[name].value if name in last else None,
            status=(last[name].status or "") if name in last else "",
            limit=device.limits.get(name),
            course=course.get(name, []),
        )
        for name in names
    ]


def _last_values(device: Device) -> list[warehouse.LastValue]:
    dataset = device.source.dataset
    try:
        return warehouse.last_values(
            dataset,
            scope=access.EVERYTHING,
            devices=[device.code],
            without=pending_batches(dataset),
        )
    except warehouse.UnknownTableError:
        return []


def _course(device: Device, now: dt.datetime) -> dict[str, list[float | None]]:
    """Return the mean of each half hour of the last day by metric; None where nothing came."""
    dataset, start = device.source.dataset, now - COURSE
    found = warehouse.aggregate(
        dataset,
        scope=access.EVERYTHING,
        measures=[("avg", "value")],
        group=["metric"],
        bucket="minute5",
        where=[
            ("device", "=", device.code),
            ("time", ">=", start),
            ("time", "<=", now),
            ("status", "=", "measuring"),
        ],
        order=["bucket"],
        without=pending_batches(dataset),
    )
    half = dt.timedelta(minutes=30)
    sums: dict[str, list[list[float]]] = {}
    for metric, bucket, value in found.rows:
        places = sums.setdefault(metric, [[] for _ in range(COURSE // half)])
        at = int((bucket - start) / half)
        if value is not None and 0 <= at < len(places):
            places[at].append(value)
    return {
        metric: [sum(some) / len(some) if some else None for some in places]
        for metric, places in sums.items()
    }


def interval(device: Device) -> int | None:
    """Return the seconds between two readings of a device, if they are known."""
    return silence.interval_of(device.interval, device.learned_interval, device.source.cycle)


def events(device: Device, limit: int = 20) -> list[DeviceEvent]:
    """Return the newest events of a device, open ones first."""
    rows = DeviceEvent.objects.filter(device=device)
    return list(rows.order_by(F("ended_at").desc(nulls_first=True), "-started_at")[:limit])


def events_seen(scope: Scope, *, kind: str = "", state: str = "open") -> QuerySet[DeviceEvent]:
    """Return the events of visible devices."""
    rows = DeviceEvent.objects.select_related("device__source")
    rows = scope.filter(
        rows, VIEW, unit="device__source__supplier", sector="device__source__sector"
    )
    if kind in DeviceEvent.Kind.values:
        rows = rows.filter(kind=kind)
    if state == "open":
        rows = rows.filter(ended_at=None, withdrawn_at=None)
    return rows


def gaps_seen(scope: Scope, *, state: str = "open", source: str = "") -> QuerySet[Gap]:
    """Return the days with too few readings of visible devices."""
    rows = Gap.objects.select_related("device__source")
    rows = scope.filter(
        rows, VIEW, unit="device__source__supplier", sector="device__source__sector"
    )
    if source:
        rows = rows.filter(device__source__code=source)
    if state == "open":
        rows = rows.filter(filled_at=None)
    elif state == "filled":
        rows = rows.filter(filled_at__isnull=False)
    return rows


def row_of(device: Device) -> Mapping[str, Any]:
    """Return a device (its source and unit loaded) as its register's file has it."""
    return {
        "code": device.code,
        "title": device.title,
        "source": device.source.code,
        "unit": device.unit.code,
        "latitude": device.latitude,
        "longitude": device.longitude,
        "metrics": list(device.metrics),
        "interval": device.interval,
        "note": device.note,
    }
