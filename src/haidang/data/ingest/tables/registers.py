"""Devices with their events and gaps, cameras with their accesses, line by line.

A register's table begins with the columns that its import reads.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from haidang.data.ingest.actions import importing, importing_cameras
from haidang.data.ingest.models import Camera, Device
from haidang.data.ingest.queries import cameras as camera_queries
from haidang.data.ingest.queries import registry
from haidang.data.ingest.rules import registers
from haidang.data.ingest.rules.registers import Column
from haidang.foundation.org import api as org
from haidang.foundation.ui.lists import Cell, Listing


@dataclass(frozen=True)
class DeviceLine:
    device: Device
    unit: org.UnitRef | None
    last: datetime | None
    troubles: int

    @property
    def watch(self) -> Any:
        return getattr(self.device, "watch", None)

    @property
    def values(self) -> Mapping[str, Any]:
        return registry.row_of(self.device)


@dataclass(frozen=True)
class CameraLine:
    camera: Camera
    owner: org.UnitRef | None
    unit: org.UnitRef | None

    @property
    def values(self) -> Mapping[str, Any]:
        return camera_queries.row_of(self.camera)


def _imported(columns: Sequence[Column]) -> dict[str, Cell]:
    """Return the columns of an import, written as it reads them."""
    return {one.title: _cell(one.name) for one in columns}


def _cell(name: str) -> Callable[[Any], str]:
    return lambda line: registers.shown(line.values[name])


DEVICES = Listing(
    file="thiet-bi",
    columns={
        **_imported(importing.COLUMNS),
        "Tình trạng": lambda line: line.device.get_state_display(),
        "Im lặng từ": lambda line: line.watch.silent_since if line.watch else None,
        "Số đo gần nhất": attrgetter("last"),
        "Sự việc chưa hết": attrgetter("troubles"),
    },
    sorts={
        "code": ("code",),
        "title": ("folded", "code"),
        "unit": ("unit__code", "code"),
        "source": ("source__title", "code"),
        "last": ("watch__last_at", "code"),
    },
    default="code",
)
EVENTS = Listing(
    file="su-viec-thiet-bi",
    columns={
        "Thiết bị": attrgetter("device.code"),
        "Thông số": attrgetter("metric"),
        "Sự việc": lambda one: one.get_kind_display(),
        "Từ": attrgetter("started_at"),
        "Đến": attrgetter("ended_at"),
        "Phát hiện": attrgetter("found_at"),
        "Nội dung": attrgetter("explanation"),
    },
    sorts={
        "device": ("device__code", "-started_at"),
        "kind": ("kind", "-started_at"),
        "start": ("started_at",),
        "end": ("ended_at",),
    },
    default="-start",
)
GAPS = Listing(
    file="ngay-thieu-so-do",
    columns={
        "Thiết bị": attrgetter("device.code"),
        "Nguồn": attrgetter("device.source.title"),
        "Ngày": attrgetter("day"),
        "Phải có": attrgetter("expected"),
        "Khi phát hiện": attrgetter("first_present"),
        "Hiện có": attrgetter("present"),
        "Đủ lúc": attrgetter("filled_at"),
    },
    sorts={
        "device": ("device__code", "-day"),
        "day": ("day", "-device_id"),
        "present": ("present",),
    },
    default="-day",
)
CAMERAS = Listing(
    file="camera",
    columns={
        **_imported(importing_cameras.COLUMNS),
        "Lượt truy cập": attrgetter("camera.accesses_count"),
        "Truy cập gần nhất": attrgetter("camera.last_access"),
    },
    sorts={
        "code": ("code",),
        "title": ("title", "code"),
        "owner": ("owner__code", "code"),
        "unit": ("unit__code", "code"),
        "accesses": ("accesses_count", "code"),
        "last": ("last_access", "code"),
    },
    default="code",
    costly=frozenset({"accesses", "last"}),
)
ACCESSES = Listing(
    file="nhat-ky-camera",
    columns={
        "Camera": attrgetter("camera.code"),
        "Việc": lambda one: one.get_kind_display(),
        "Lúc": attrgetter("at"),
        "Ai": attrgetter("who"),
        "Để làm gì": attrgetter("purpose"),
        "Văn bản": attrgetter("document"),
        "Đoạn từ": attrgetter("span_from"),
        "Đến": attrgetter("span_to"),
        "Người ghi": attrgetter("recorded_by_label"),
        "Ghi lúc": attrgetter("recorded_at"),
    },
    sorts={"at": ("at",), "camera": ("camera__code", "-at"), "kind": ("kind", "-at")},
    default="-at",
)


def devices(rows: Sequence[Device]) -> list[DeviceLine]:
    """Return devices with what was heard of them and what is wrong with them."""
    last, troubles = registry.last_heard(rows), registry.open_events(rows)
    units = org.units({one.unit_id for one in rows})
    return [
        DeviceLine(one, units.get(one.unit_id), last.get(one.pk), troubles.get(one.pk, 0))
        for one in rows
    ]


def cameras(rows: Sequence[Camera]) -> list[CameraLine]:
    """Return cameras with the units that own and hold them."""
    units = org.units({id_ for one in rows for id_ in (one.owner_id, one.unit_id)})
    return [CameraLine(one, units.get(one.owner_id), units.get(one.unit_id)) for one in rows]
