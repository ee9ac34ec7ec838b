"""Days of devices with too few readings: found from the lake, and closed by what comes late."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db import transaction

from haidang.data.ingest.models import Device, Gap, Mark, Plan
from haidang.data.ingest.queries.calendars import recurrence
from haidang.data.ingest.rules import calendars, gaps, silence, stops
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access import api as access

HORIZON = dt.timedelta(days=60)
LEARNED_FROM = 3  # whole days, at least, from which an interval is learned


def look(*, now: dt.datetime) -> int:
    """Count the days that ended or changed since the last look; return how many were counted."""
    datasets = Device.objects.order_by().values_list("source__dataset", flat=True).distinct()
    return sum(_look_at(dataset, now) for dataset in datasets)


def _look_at(dataset: str, now: dt.datetime) -> int:
    mark, _ = Mark.objects.get_or_create(name=f"gaps:{dataset}")
    ended, _ = Mark.objects.get_or_create(name=f"gaps-until:{dataset}")
    today = now.astimezone(calendars.LOCAL).date()
    try:
        newest = warehouse.newest_batches(dataset, 1)
        touched = _touched(dataset, mark.batch, now)
    except warehouse.UnknownTableError:
        return 0
    days = {day for day in touched if day < today}
    if ended.batch < today.toordinal():
        days.add(today - gaps.DAY)
    counts = {day: _counts(dataset, day) for day in sorted(days)}
    _learn(dataset, counts)
    _write(dataset, counts, now)
    mark.batch = newest[0].batch if newest else mark.batch
    ended.batch = today.toordinal()
    mark.save(update_fields=["batch"])
    ended.save(update_fields=["batch"])
    return len(days)


def _touched(dataset: str, after: int, now: dt.datetime) -> set[dt.date]:
    """Return the days in Vietnam of which something landed after a batch."""
    found = warehouse.aggregate(
        dataset,
        scope=access.EVERYTHING,
        measures=[("count", "*")],
        bucket="day",
        where=[("_batch", ">", after), ("time", ">=", now - HORIZON), ("time", "<=", now)],
    )
    return {bucket.astimezone(calendars.LOCAL).date() for bucket, _ in found.rows}


def _counts(dataset: str, day: dt.date) -> dict[str, int]:
    """Return how many readings each device has of its fullest metric on a day."""
    start = _start(day)
    found = warehouse.aggregate(
        dataset,
        scope=access.EVERYTHING,
        measures=[("count", "*")],
        group=["device", "metric"],
        where=[("time", ">=", start), ("time", "<", start + gaps.DAY)],
    )
    counts: defaultdict[str, int] = defaultdict(int)
    for device, _, count in found.rows:
        counts[device] = max(counts[device], count)
    return dict(counts)


def _learn(dataset: str, counts: Mapping[dt.date, Mapping[str, int]]) -> None:
    """Learn the interval of devices that declare none from the whole days just counted."""
    if len(counts) < LEARNED_FROM:
        return
    changed = []
    for device in Device.objects.filter(source__dataset=dataset, interval=None):
        seconds = gaps.learned(of_day.get(device.code, 0) for of_day in counts.values())
        if seconds is not None and seconds != device.learned_interval:
            device.learned_interval = seconds
            changed.append(device)
    Device.objects.bulk_update(changed, ["learned_interval"], batch_size=5_000)


@transaction.atomic
def _write(dataset: str, counts: Mapping[dt.date, Mapping[str, int]], now: dt.datetime) -> None:
    devices = list(
        Device.objects.filter(source__dataset=dataset, state=Device.State.ACTIVE).select_related(
            "source"
        )
    )
    plans = _plans(devices)
    rows = Gap.objects.select_for_update().filter(
        day__in=list(counts), device__source__dataset=dataset
    )
    known = {(row.device_id, row.day): row for row in rows}
    new: list[Gap] = []
    changed: list[Gap] = []
    for day, of_day in counts.items():
        for device in devices:
            promised = _promised(device, day, of_day, plans.get(device.pk, ()))
            if promised is None:
                continue
            present = of_day.get(device.code, 0)
            row = known.get((device.pk, day))
            if row is not None:
                _recount(row, promised, present, now)
                changed.append(row)
            elif gaps.is_short(promised, present):
                new.append(
                    Gap(
                        device=device,
                        day=day,
                        expected=promised,
                        first_present=present,
                        present=present,
                        found_at=now,
                        counted_at=now,
                    )
                )
    Gap.objects.bulk_create(new, batch_size=5_000)
    Gap.objects.bulk_update(
        changed, ["expected", "present", "counted_at", "filled_at"], batch_size=5_000
    )


def _promised(
    device: Device,
    day: dt.date,
    of_day: Mapping[str, int],
    plans: Iterable[calendars.Recurrence],
) -> int | None:
    """Return how many readings a device owes of a day; None when nobody can say."""
    every = silence.interval_of(device.interval, device.learned_interval, device.source.cycle)
    start = _start(day)
    if every is None or (device.registered_at > start and device.code not in of_day):
        return None
    windows = [one for one in calendars.windows(plans, start, start + gaps.DAY) if not one.metric]
    return gaps.expected(every, stops.uncovered(start, start + gaps.DAY, windows))


def _recount(row: Gap, promised: int, present: int, now: dt.datetime) -> None:
    row.expected, row.present, row.counted_at = promised, present, now
    if gaps.is_short(promised, present):
        row.filled_at = None
    elif row.filled_at is None:
        row.filled_at = now


def _plans(devices: Iterable[Device]) -> dict[int, list[calendars.Recurrence]]:
    found: defaultdict[int, list[calendars.Recurrence]] = defaultdict(list)
    for plan in Plan.objects.filter(device__in=[one.pk for one in devices], withdrawn_at=None):
        found[plan.device_id].append(recurrence(plan))
    return found


def _start(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), calendars.LOCAL).astimezone(dt.UTC)
