"""Stops of devices, judged from the lake: found, kept up to date, taken back, told.

What is judged is always the whole course of a metric around what is new, so that the end does not
depend on the order in which readings came.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from haidang.data.ingest.models import Device, DeviceEvent, Mark, Plan
from haidang.data.ingest.queries.calendars import recurrence
from haidang.data.ingest.rules import calendars, stops
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access import api as access
from haidang.foundation.core import events

STOPPED = "ingest.device_stopped"
KINDS = ("off_calendar", "too_long", "after_rise")
HORIZON = dt.timedelta(days=61)
CLOSED_AFTER = dt.timedelta(days=1)
"""A stop that ended longer ago is history: it is written down, and nobody is called for it."""

_AROUND = dt.timedelta(days=2)
_Series = tuple[str, str]


def look(*, now: dt.datetime) -> int:
    """Judge every metric of which something new may say that it stopped; return how many."""
    datasets = Device.objects.order_by().values_list("source__dataset", flat=True).distinct()
    return sum(_look_at(dataset, now) for dataset in datasets)


def _look_at(dataset: str, now: dt.datetime) -> int:
    mark, _ = Mark.objects.get_or_create(name=f"stops:{dataset}")
    try:
        newest = warehouse.newest_batches(dataset, 1)
        touched = _touched(dataset, mark.batch, now)
    except warehouse.UnknownTableError:
        return 0
    by_device: defaultdict[str, dict[str, dt.datetime]] = defaultdict(dict)
    for (device, metric), since in touched.items():
        by_device[device][metric] = max(since, now - HORIZON)
    devices = Device.objects.filter(code__in=by_device, source__dataset=dataset)
    for found in devices.select_related("source"):
        _judge(found, by_device[found.code], now)
    if newest:
        mark.batch = newest[0].batch
        mark.save(update_fields=["batch"])
    return len(touched)


def _touched(dataset: str, after: int, now: dt.datetime) -> dict[_Series, dt.datetime]:
    """Return from when on which metrics of which devices must be judged anew.

    Those with new readings that do not measure; any new reading of a device that has stopped
    before; and what has not ended yet, for its length grows.
    """
    found: dict[_Series, dt.datetime] = {}

    def note(device: str, metric: str, since: dt.datetime) -> None:
        known = found.get((device, metric))
        found[device, metric] = since if known is None else min(known, since)

    known = DeviceEvent.objects.filter(
        kind__in=KINDS, device__source__dataset=dataset, started_at__gte=now - HORIZON
    )
    before = sorted(set(known.values_list("device__code", flat=True)))
    new: list[tuple[str, str, object]] = [("_batch", ">", after)]
    for row in _firsts(dataset, [*new, ("status", "!=", stops.MEASURING)]):
        note(*row)
    if before:
        for row in _firsts(dataset, [*new, ("device", "in", before)]):
            note(*row)
    for event in known.filter(ended_at=None, withdrawn_at=None).select_related("device"):
        note(event.device.code, event.metric, event.started_at)
    for last in warehouse.last_values(dataset, scope=access.EVERYTHING, status="stopped"):
        note(last.device, last.metric, last.time)
    return found


def _firsts(
    dataset: str, where: Sequence[tuple[str, str, object]]
) -> Iterable[tuple[str, str, dt.datetime]]:
    found = warehouse.aggregate(
        dataset,
        scope=access.EVERYTHING,
        measures=[("min", "time")],
        group=["device", "metric"],
        where=where,
    )
    return [(device, metric, since) for device, metric, since in found.rows]


@dataclass(frozen=True)
class _Course:
    """The readings of one metric from `start` on; stops are known from `start` on."""

    start: dt.datetime
    readings: Sequence[stops.Reading]


def _judge(device: Device, since: Mapping[str, dt.datetime], now: dt.datetime) -> None:
    """Judge some metrics of a device from a moment on."""
    starts = {metric: _begin(device, metric, moment) for metric, moment in since.items()}
    courses = _courses(device, starts, now)
    plans = [recurrence(plan) for plan in Plan.objects.filter(device=device, withdrawn_at=None)]
    for metric, course in courses.items():
        windows = [
            one for one in calendars.windows(plans, course.start, now) if one.speaks_of(metric)
        ]
        findings = [
            finding
            for stop in stops.stops(course.readings)
            for finding in stops.judge(
                stop, course.readings, windows, now=now, limit=device.limits.get(metric)
            )
        ]
        _keep(device, metric, course.start, findings, now)


def _begin(device: Device, metric: str, since: dt.datetime) -> dt.datetime:
    """Return from where to read: before any known stop that reaches into what is new."""
    reaching = DeviceEvent.objects.filter(
        Q(ended_at=None) | Q(ended_at__gte=since),
        device=device,
        metric=metric,
        kind__in=KINDS,
        started_at__lt=since,
    )
    first = min([since, *reaching.values_list("started_at", flat=True)])
    return first - _AROUND


def _courses(
    device: Device, starts: Mapping[str, dt.datetime], now: dt.datetime
) -> dict[str, _Course]:
    """Read each metric; one that stands still where reading begins is read from the horizon on."""
    first = min(starts.values())
    readings = _readings(device, first)
    cut = [metric for metric in starts if _is_cut(readings.get(metric, ()))]
    if cut and first > now - HORIZON:
        first = now - HORIZON
        readings |= {k: v for k, v in _readings(device, first).items() if k in cut}
        starts = {**starts, **dict.fromkeys(cut, first)}
    return {metric: _Course(starts[metric], readings.get(metric, [])) for metric in starts}


def _is_cut(readings: Sequence[stops.Reading]) -> bool:
    return bool(readings) and readings[0].status != stops.MEASURING


def _readings(device: Device, start: dt.datetime) -> dict[str, list[stops.Reading]]:
    rows = warehouse.rows(
        device.source.dataset,
        scope=access.EVERYTHING,
        columns=["metric", "time", "value", "status"],
        where=[("device", "=", device.code), ("time", ">=", start)],
        order=["time"],
    )
    found: defaultdict[str, list[stops.Reading]] = defaultdict(list)
    for metric, time, value, status in rows.rows:
        found[metric].append(stops.Reading(time, value, status or stops.MEASURING))
    return dict(found)


@transaction.atomic
def _keep(
    device: Device,
    metric: str,
    start: dt.datetime,
    findings: Sequence[stops.Finding],
    now: dt.datetime,
) -> None:
    """Write what was found from `start` on, and take back what is no longer so."""
    rows = DeviceEvent.objects.select_for_update().filter(
        device=device, metric=metric, kind__in=KINDS, started_at__gte=start
    )
    known = {(row.kind, row.started_at): row for row in rows}
    wanted = {(one.kind, one.stop.start): one for one in findings}
    for key, row in known.items():
        if key not in wanted and row.withdrawn_at is None:
            row.withdrawn_at, row.ended_at = now, row.ended_at or max(now, row.started_at)
            row.save(update_fields=["withdrawn_at", "ended_at"])
    for key, one in wanted.items():
        _write(known.get(key), device, metric, one, now)


def _write(
    row: DeviceEvent | None,
    device: Device,
    metric: str,
    one: stops.Finding,
    now: dt.datetime,
) -> None:
    if row is not None:
        row.ended_at, row.withdrawn_at = one.stop.end, None
        row.status, row.explanation = one.stop.status, one.explanation
        row.save(update_fields=["ended_at", "withdrawn_at", "status", "explanation"])
        return
    is_live = one.stop.end is None or now - one.stop.end <= CLOSED_AFTER
    late = "" if is_live else " Phát hiện từ số đo đến muộn, không phát cảnh báo."
    DeviceEvent.objects.create(
        device=device,
        metric=metric,
        kind=one.kind,
        status=one.stop.status,
        started_at=one.stop.start,
        ended_at=one.stop.end,
        found_at=now,
        explanation=one.explanation + late,
        was_told=is_live,
    )
    if is_live:
        events.publish(
            STOPPED, aggregate=f"device:{device.code}", device=device.code, kind=one.kind
        )
