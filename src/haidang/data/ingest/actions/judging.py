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
_RECENT = dt.timedelta(days=5)
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
    codes = sorted({device for device, _ in touched})
    rows = Device.objects.filter(code__in=codes, source__dataset=dataset)
    devices = {found.code: found for found in rows}
    starts = _begins(
        {
            series: max(since, now - HORIZON)
            for series, since in touched.items()
            if series[0] in devices
        }
    )
    courses = _courses(dataset, starts, now)
    plans = _plans(devices.values())
    for (code, metric), course in courses.items():
        _judge(devices[code], metric, course, plans.get(devices[code].pk, []), now)
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


def _judge(
    device: Device,
    metric: str,
    course: _Course,
    plans: Sequence[calendars.Recurrence],
    now: dt.datetime,
) -> None:
    """Judge one metric of a device over its course."""
    windows = [one for one in calendars.windows(plans, course.start, now) if one.speaks_of(metric)]
    findings = [
        finding
        for stop in stops.stops(course.readings)
        for finding in stops.judge(
            stop, course.readings, windows, now=now, limit=device.limits.get(metric)
        )
    ]
    _keep(device, metric, course.start, findings, now)


def _plans(devices: Iterable[Device]) -> dict[int, list[calendars.Recurrence]]:
    found: defaultdict[int, list[calendars.Recurrence]] = defaultdict(list)
    for plan in Plan.objects.filter(device__in=[one.pk for one in devices], withdrawn_at=None):
        found[plan.device_id].append(recurrence(plan))
    return found


def _begins(since: Mapping[_Series, dt.datetime]) -> dict[_Series, dt.datetime]:
    """Return from where to read each metric: before any known stop that reaches into what is new.

    One query for all of them.
    """
    if not since:
        return {}
    first = dict(since)
    reaching = DeviceEvent.objects.filter(
        Q(ended_at=None) | Q(ended_at__gte=min(since.values())),
        device__code__in={device for device, _ in since},
        kind__in=KINDS,
    ).values_list("device__code", "metric", "started_at", "ended_at")
    for device, metric, started_at, ended_at in reaching:
        begun = since.get((device, metric))
        if begun and started_at < begun and (ended_at is None or ended_at >= begun):
            first[device, metric] = min(first[device, metric], started_at)
    return {series: start - _AROUND for series, start in first.items()}


def _courses(
    dataset: str, starts: Mapping[_Series, dt.datetime], now: dt.datetime
) -> dict[_Series, _Course]:
    """Read all metrics; those that stand still where reading begins, from the horizon on.

    Three reads of the lake at most, however many devices: the recent, the older, the cut ones.
    """
    recent = {series: at for series, at in starts.items() if at >= now - _RECENT}
    older = {series: at for series, at in starts.items() if series not in recent}
    found = {**_read(dataset, recent), **_read(dataset, older)}
    cut = {
        series: now - HORIZON
        for series, course in found.items()
        if _is_cut(course.readings) and course.start > now - HORIZON
    }
    return {**found, **_read(dataset, cut)}


def _is_cut(readings: Sequence[stops.Reading]) -> bool:
    return bool(readings) and readings[0].status != stops.MEASURING


def _read(dataset: str, starts: Mapping[_Series, dt.datetime]) -> dict[_Series, _Course]:
    """Read some metrics of some devices, each from its own start on."""
    if not starts:
        return {}
    rows = warehouse.rows(
        dataset,
        scope=access.EVERYTHING,
        columns=["device", "metric", "time", "value", "status"],
        where=[
            ("device", "in", sorted({device for device, _ in starts})),
            ("metric", "in", sorted({metric for _, metric in starts})),
            ("time", ">=", min(starts.values())),
        ],
        order=["time"],
    )
    found: dict[_Series, list[stops.Reading]] = {series: [] for series in starts}
    for device, metric, time, value, status in rows.rows:
        start = starts.get((device, metric))
        if start is not None and time >= start:
            found[device, metric].append(stops.Reading(time, value, status or stops.MEASURING))
    return {series: _Course(starts[series], readings) for series, readings in found.items()}


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
