"""Devices: registered under a source, changed, put into maintenance or out of service."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from haidang.data.ingest import evaluators, queries
from haidang.data.ingest.actions import watching
from haidang.data.ingest.actions.who import By, allowed
from haidang.data.ingest.errors import DeviceNotFoundError, IngestError, SourceNotFoundError
from haidang.data.ingest.models import Device, Source, Watch
from haidang.data.ingest.rules import registers, silence
from haidang.data.ingest.rules.values import DeviceRef
from haidang.foundation.access.api import Scope
from haidang.foundation.core import audit
from haidang.foundation.org import api as org

MANAGE = "ingest.manage"
REGISTRY = "devices"
CHANGEABLE = ("title", "unit_id", "metrics", "latitude", "longitude", "interval", "limits", "note")
# What a device on the wire may be called: one level of an MQTT topic, one part of an address.
_CODE = re.compile(r"[^\s/#+?%\\]{1,100}")
# Addresses of pages beside those of devices: no device may hide behind them.
_TAKEN = {"new", "import", "export.csv", "template.csv", "events", "gaps"}


@transaction.atomic
def register_device(
    *,
    code: str,
    source: str,
    unit_id: int,
    by: By,
    title: str = "",
    metrics: Sequence[str] = (),
    place: tuple[float, float] | None = None,
    interval: int | None = None,
    limits: Mapping[str, float] | None = None,
    note: str = "",
    reason: str = "",
) -> DeviceRef:
    """Register a device under a source. Raises IngestError when the code is taken."""
    owner = Source.objects.filter(code=source).first()
    if owner is None:
        raise SourceNotFoundError(f"Không tìm thấy nguồn dữ liệu “{source}”.")
    actor = allowed(by, MANAGE, owner)
    check_code(code)
    if Device.objects.filter(code=code).exists():
        raise IngestError(f"Mã thiết bị “{code}” đã đăng ký.")
    device = Device(
        code=code,
        source=owner,
        unit_id=unit_id,
        title=title,
        metrics=list(metrics),
        latitude=place[0] if place else None,
        longitude=place[1] if place else None,
        interval=interval,
        limits=dict(limits or {}),
        note=note,
        registered_by_id=actor.id,
    )
    _check(device, by)
    device.save()
    watch(device, timezone.now())
    changes = {"code": code, "source": source, "unit": unit_id}
    audit.record(
        action="ingest.device_registered", on=device, by=actor, changes=changes, reason=reason
    )
    evaluators.changed(REGISTRY)
    return queries.device_ref(device, source, org.unit_by_id(unit_id).code)


@transaction.atomic
def change_device(*, device: str, by: By, reason: str = "", **changes: Any) -> DeviceRef:
    """Change what is registered; what stays the same is not recorded as changed.

    Raises DeviceNotFoundError, NotAllowedError, IngestError.
    """
    if unknown := set(changes) - set(CHANGEABLE):
        raise IngestError(f"Không đổi được: {', '.join(sorted(unknown))}.")
    row = locked(device)
    actor = allowed(by, MANAGE, row.source)
    before = {name: getattr(row, name) for name in changes}
    for name, value in changes.items():
        setattr(row, name, value)
    new = {name: [before[name], value] for name, value in changes.items() if value != before[name]}
    if new:
        _check(row, by if "unit_id" in new else actor)
        row.save()
        audit.record(action="ingest.device_changed", on=row, by=actor, changes=new, reason=reason)
        evaluators.changed(REGISTRY)
        if "interval" in new:
            watch(row, timezone.now())
    return queries.device_ref(row, row.source.code, org.unit_by_id(row.unit_id).code)


@transaction.atomic
def set_device_state(*, device: str, state: str, by: By, reason: str = "") -> None:
    """Put a device to work, into maintenance, or out of service."""
    row = locked(device)
    actor = allowed(by, MANAGE, row.source)
    if state not in Device.State.values:
        raise IngestError(f"Không có tình trạng “{state}”.")
    before, row.state = row.state, Device.State(state)
    row.save(update_fields=["state"])
    changes = {"state": [before, state]}
    audit.record(action="ingest.device_state_set", on=row, by=actor, changes=changes, reason=reason)
    watch(row, timezone.now())
    evaluators.changed(REGISTRY)


def watch(device: Device, now: dt.datetime) -> None:
    """Have a device looked at as soon as its silence could begin; at once when it is silent."""
    due = now + silence.patience(silence.interval_of(device.interval, device.learned_interval, ""))
    Watch.objects.bulk_create(
        [Watch(device=device, look_at=due)],
        update_conflicts=True,
        unique_fields=["device"],
        update_fields=["look_at"],
    )
    watching.set_timer(now=now)


def locked(code: str) -> Device:
    """Return a device, locked. Raises DeviceNotFoundError."""
    rows = Device.objects.select_for_update(of=("self",)).select_related("source")
    found = rows.filter(code=code).first()
    if found is None:
        raise DeviceNotFoundError(f"Không tìm thấy thiết bị “{code}”.")
    return found


def check_code(code: str) -> None:
    """Raise IngestError for a code that cannot stand in a topic or an address."""
    if not _CODE.fullmatch(code) or code in _TAKEN:
        raise IngestError(
            f"Mã thiết bị “{code}” chưa dùng được: tối đa 100 ký tự, không có dấu cách và các dấu "
            "/ # + ? % \\, không trùng tên trang có sẵn."
        )


def _check(device: Device, by: By) -> None:
    if faults := registers.place_faults(device.latitude, device.longitude):
        raise IngestError(faults[0])
    if strange := sorted(set(device.limits) - set(device.metrics)):
        raise IngestError(f"Ngưỡng ghi cho thông số chưa khai báo: {', '.join(strange)}.")
    if isinstance(by, Scope) and device.unit_id not in by.units("ingest.view"):
        raise IngestError("Địa bàn đặt thiết bị nằm ngoài phạm vi của bạn.")
