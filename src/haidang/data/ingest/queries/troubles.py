"""What is wrong with devices, for those who tell people of it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from haidang.data.ingest.models import Device, DeviceEvent, Watch

_RECENT = dt.timedelta(days=1)


@dataclass(frozen=True)
class DeviceTrouble:
    """A device, whose it is, since when it is silent, and what its status says."""

    code: str
    title: str
    source: str
    source_title: str
    sector: str
    unit_id: int
    supplier_unit_id: int
    is_life_safety: bool
    silent_since: dt.datetime | None
    kinds: frozenset[str]  # of the events about its status that have not ended
    explanations: tuple[str, ...]


def device_troubles(codes: Iterable[str]) -> dict[str, DeviceTrouble]:
    """Return what is wrong with some devices, in two queries."""
    rows = list(Device.objects.filter(code__in=list(codes)).select_related("source", "watch"))
    events: defaultdict[int, list[DeviceEvent]] = defaultdict(list)
    about = DeviceEvent.objects.filter(
        device__in=[row.pk for row in rows], withdrawn_at=None
    ).exclude(kind=DeviceEvent.Kind.SILENT)
    for event in about.order_by("-found_at", "-pk")[: 20 * len(rows) or 1]:
        events[event.device_id].append(event)
    return {row.code: _trouble(row, events[row.pk]) for row in rows}


def _trouble(row: Device, events: list[DeviceEvent]) -> DeviceTrouble:
    watch: Watch | None = getattr(row, "watch", None)
    newest = events[0].found_at if events else None
    return DeviceTrouble(
        code=row.code,
        title=str(row),
        source=row.source.code,
        source_title=row.source.title,
        sector=row.source.sector,
        unit_id=row.unit_id,
        supplier_unit_id=row.source.supplier_id,
        is_life_safety=row.source.is_life_safety,
        silent_since=watch.silent_since if watch else None,
        kinds=frozenset(one.kind for one in events if one.ended_at is None),
        explanations=tuple(
            one.explanation
            for one in events
            if one.ended_at is None or (newest is not None and one.found_at >= newest - _RECENT)
        )[:5],
    )


def silent_devices(source: str) -> list[tuple[str, dt.datetime]]:
    """Return the silent devices of a source with since when, the longest silent first."""
    rows = Watch.objects.filter(
        device__source__code=source, silent_since__isnull=False
    ).select_related("device")
    return [
        (str(row.device), row.silent_since)
        for row in rows.order_by("silent_since")
        if row.silent_since
    ]
