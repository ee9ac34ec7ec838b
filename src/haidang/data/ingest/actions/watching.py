"""Who has fallen silent, and who speaks again: one look over the devices whose hour has come.

One durable timer serves all devices. A look costs the same few statements however many devices
there are; only those are read whose silence could have begun, or ended, by now.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Min

from haidang.data.ingest.models import Device, DeviceEvent, Plan, Watch
from haidang.data.ingest.queries.calendars import recurrence
from haidang.data.ingest.rules import calendars, silence
from haidang.data.warehouse import api as warehouse
from haidang.foundation.core import events
from haidang.foundation.obligations import api as obligations

WAKE = "ingest.silence"
REF = "devices"
SILENT = "ingest.devices_silent"
TOLD_ONE_BY_ONE = 5
"""More devices of one source at once are told of as one."""

_TICK = dt.timedelta(seconds=15)
_AT_ONCE = 20_000
_STILL = dt.timedelta(seconds=60)


def look(*, now: dt.datetime) -> int:
    """Look at every device whose hour has come, set the next timer; return how many were seen."""
    seen = 0
    while count := _look_at_some(now):
        seen += count
        if count < _AT_ONCE:
            break
    set_timer(now=now)
    return seen


@transaction.atomic
def take_in(*, now: dt.datetime) -> int:
    """Watch the devices that nobody watches yet, those of before above all; return how many."""
    unwatched = Device.objects.filter(watch=None).select_related("source")
    rows = [Watch(device=one, look_at=now + silence.patience(_interval(one))) for one in unwatched]
    if rows:
        Watch.objects.bulk_create(rows, batch_size=5_000, ignore_conflicts=True)
        set_timer(now=now)
    return len(rows)


def _interval(device: Device) -> int | None:
    return silence.interval_of(device.interval, device.learned_interval, device.source.cycle)


def set_timer(*, now: dt.datetime) -> None:
    """Have the next look when the first device is due, and not at once again."""
    first = Watch.objects.aggregate(first=Min("look_at"))["first"]
    if first is not None:
        obligations.wake_up(kind=WAKE, ref=REF, due_at=max(first, now + _TICK))


@transaction.atomic
def _look_at_some(now: dt.datetime) -> int:
    rows = Watch.objects.select_for_update(of=("self",), skip_locked=True)
    due = list(
        rows.filter(look_at__lte=now)
        .select_related("device__source")
        .order_by("look_at")[:_AT_ONCE]
    )
    if not due:
        return 0
    last = _last([one.device for one in due])
    plans = _plans([one.device_id for one in due])
    fell, spoke = [], []
    for one in due:
        was_silent = one.silent_since is not None
        _judge(one, last.get(one.device_id), plans.get(one.device_id, ()), now)
        if one.silent_since is not None and not was_silent:
            fell.append(one)
        elif was_silent and one.silent_since is None:
            spoke.append(one)
    Watch.objects.bulk_update(due, ["last_at", "look_at", "silent_since"], batch_size=5_000)
    _end(spoke, now)
    _begin(fell, now)
    return len(due)


def _judge(
    one: Watch,
    last: tuple[dt.datetime, dt.datetime] | None,
    plans: Sequence[calendars.Recurrence],
    now: dt.datetime,
) -> None:
    device = one.device
    patience = silence.patience(_interval(device))
    quiet = silence.heard_at(last, device.registered_at)
    one.last_at = last[0] if last else None
    if device.state != Device.State.ACTIVE or not device.source.is_active:
        one.silent_since, one.look_at = None, now + patience
        return
    windows = calendars.windows(plans, quiet, now) if plans else []
    due = calendars.excused_until(windows, quiet, now) + patience
    if due > now:
        one.silent_since, one.look_at = None, due
        return
    one.silent_since = quiet
    one.look_at = now + max(_STILL, patience / silence.INTERVALS)


def _last(devices: Iterable[Device]) -> dict[int, tuple[dt.datetime, dt.datetime]]:
    """Return the newest reading of each device: one query per dataset of readings."""
    by_dataset: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for device in devices:
        by_dataset[device.source.dataset][device.code] = device.pk
    return {
        ids[code]: heard
        for dataset, ids in by_dataset.items()
        for code, heard in warehouse.last_heard(dataset, ids).items()
    }


def _plans(devices: Sequence[int]) -> dict[int, list[calendars.Recurrence]]:
    found: defaultdict[int, list[calendars.Recurrence]] = defaultdict(list)
    for plan in Plan.objects.filter(device__in=devices, withdrawn_at=None):
        found[plan.device_id].append(recurrence(plan))
    return found


def _begin(fell: Sequence[Watch], now: dt.datetime) -> None:
    """Write an event for each device that fell silent; tell once per source when many did."""
    by_source: defaultdict[str, list[Watch]] = defaultdict(list)
    for one in fell:
        by_source[one.device.source.code].append(one)
    rows = [
        DeviceEvent(
            device=one.device,
            kind=DeviceEvent.Kind.SILENT,
            started_at=one.silent_since or now,
            found_at=now,
            was_told=one.device.source.late_since is None,
        )
        for one in fell
    ]
    DeviceEvent.objects.bulk_create(
        rows,
        batch_size=5_000,
        update_conflicts=True,
        unique_fields=["device", "metric", "kind", "started_at"],
        update_fields=["found_at", "ended_at"],
    )
    for source, some in by_source.items():
        if some[0].device.source.late_since is None:  # that the source is late says it already
            few = len(some) <= TOLD_ONE_BY_ONE
            events.publish(
                SILENT,
                aggregate=f"source:{source}",
                source=source,
                devices=[one.device.code for one in some] if few else [],
            )


def _end(spoke: Sequence[Watch], now: dt.datetime) -> None:
    """End the silence of devices that spoke again, or that nobody expects to speak."""
    open_events = DeviceEvent.objects.filter(
        device__in=[one.device_id for one in spoke], kind=DeviceEvent.Kind.SILENT, ended_at=None
    )
    if spoke:
        open_events.update(ended_at=now)
