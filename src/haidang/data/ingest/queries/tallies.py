"""Runs, waiting rows and arrivals of sources, counted per day or month in one query each."""

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, DateField, F, FloatField, Q, QuerySet, Sum
from django.db.models.functions import Cast, Coalesce, TruncDate, TruncDay, TruncHour, TruncMonth

from haidang.data.ingest.models import Device, Gap, QuarantinedRow, Run, Tally
from haidang.data.ingest.queries import days
from haidang.data.ingest.queries.days import Day
from haidang.data.ingest.rules import cycles, deliveries, quality, silence
from haidang.foundation.calendar.periods import Period
from haidang.foundation.calendar.zone import ZONE, local_date, midnight

_TRUNCATE: dict[str, Any] = {"day": TruncDay, "month": TruncMonth}


@dataclass(frozen=True)
class Facts:
    """Everything that was asked of the store, by source and by the start of the period."""

    sums: dict[tuple[int, dt.datetime], dict[str, int]]
    standing: dict[tuple[int, dt.datetime], dict[str, int]]
    hours: dict[tuple[int, dt.datetime], int]
    arrivals: dict[int, list[dt.datetime]]
    lost: dict[tuple[int, dt.datetime], tuple[int, float]]
    standing_since: dict[int, list[tuple[dt.date, int]]]

    def device_days(self, source: int, start: dt.date, end: dt.date) -> int:
        """Return the days of [start, end), over the devices of a source that stood by then."""
        known = self.standing_since.get(source, ())
        return sum(count * max(0, (end - max(start, since)).days) for since, count in known)


def facts(ids: list[int], periods: Sequence[Period], now: dt.datetime) -> Facts:
    """Count of these sources in periods of one kind that follow each other; six queries, and two
    more for each of two where days of them are stale."""
    start, end = periods[0].start, periods[-1].end
    bucket, counted = _TRUNCATE[periods[0].kind], days_of(ids, start, end)
    return Facts(
        _sums(counted, periods),
        _standing(counted, periods),
        _hours(ids, start, min(end, now), bucket),
        _arrivals(ids, start, end),
        _lost(ids, start, min(end, now), bucket),
        _standing_since(ids),
    )


def _lost(
    ids: list[int], start: dt.datetime, until: dt.datetime, bucket: Any
) -> dict[tuple[int, dt.datetime], tuple[int, float]]:
    """Count the days with too few readings, and what they lack as parts of a day."""
    rows = Gap.objects.filter(
        device__source__in=ids, device__state=Device.State.ACTIVE, filled_at=None, expected__gt=0,
        day__gt=TruncDate("device__registered_at", tzinfo=ZONE),
        day__gte=start.astimezone(ZONE).date(), day__lt=until.astimezone(ZONE).date(),
    )  # fmt: skip
    lacks = Sum(1.0 - Cast("present", FloatField()) / F("expected"), output_field=FloatField())
    told = rows.values_list("device__source", bucket("day", output_field=DateField()))
    return {
        (source, dt.datetime.combine(at, dt.time(), ZONE)): (count, lost)
        for source, at, count, lost in told.annotate(Count("id"), lacks=lacks).order_by()
    }


def _standing_since(ids: list[int]) -> dict[int, list[tuple[dt.date, int]]]:
    """Return, by source, from which whole day on how many devices promise readings."""
    promising = Q(interval__isnull=False) | Q(learned_interval__isnull=False)
    promising |= Q(source__cycle__in=list(silence.PROMISED))
    rows = Device.objects.filter(promising, source__in=ids, state=Device.State.ACTIVE)
    told = rows.values_list("source", TruncDay("registered_at", tzinfo=ZONE))
    found: dict[int, list[tuple[dt.date, int]]] = defaultdict(list)
    for source, at, count in told.annotate(Count("id")).order_by():
        found[source].append((at.astimezone(ZONE).date() + dt.timedelta(days=1), count))
    return found


def standing_rows(ids: list[int], start: dt.datetime, end: dt.datetime) -> QuerySet[QuarantinedRow]:
    """Return the rows of runs of a span that nobody mended: they cost points."""
    return QuarantinedRow.objects.filter(
        ~Q(state=QuarantinedRow.State.MENDED),
        source__in=ids,
        run__status="landed",
        run__received_at__gte=start,
        run__received_at__lt=end,
    )


def days_of(ids: list[int], start: dt.datetime, end: dt.datetime) -> list[Day]:
    """Return the days of sources from one midnight to another."""
    since, until = local_date(start), local_date(end)
    return days.days(Tally.objects.filter(source__in=ids, day__gte=since, day__lt=until))


def _sums(
    counted: list[Day], periods: Sequence[Period]
) -> dict[tuple[int, dt.datetime], dict[str, int]]:
    found: dict[tuple[int, dt.datetime], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in counted:
        sums = found[one.source, _start(one.day, periods)]
        for name in ("read", "same", "twice", "corrected", "held"):
            sums[name] += getattr(one, name)
    return found


def _standing(
    counted: list[Day], periods: Sequence[Period]
) -> dict[tuple[int, dt.datetime], dict[str, int]]:
    found: dict[tuple[int, dt.datetime], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in counted:
        for _dataset, code, _state, rows in one.standing:
            found[one.source, _start(one.day, periods)][quality.kind_of(code)] += rows
    return found


def _start(day: dt.date, periods: Sequence[Period]) -> dt.datetime:
    """Return when the period of a day begins."""
    return periods[bisect_right(periods, midnight(day), key=lambda one: one.start) - 1].start


def _hours(
    ids: list[int], start: dt.datetime, until: dt.datetime, bucket: Any
) -> dict[tuple[int, dt.datetime], int]:
    """Count the whole hours in which fast sources delivered."""
    first, last = deliveries.hours(start, max(start, until))
    came = Coalesce("stream_hour", TruncHour("received_at", tzinfo=ZONE))
    runs = Run.objects.filter(
        source__in=ids,
        source__cycle__in=list(cycles.FAST),
        status="landed",
        received_at__gte=start,
        received_at__lt=last,
    )
    runs = runs.annotate(hour=came).filter(hour__gte=first, hour__lt=last)
    runs = runs.filter(hour__gte=F("source__created_at")).exclude(channel=Run.Channel.MEND)
    told = runs.values_list("source", bucket("hour", tzinfo=ZONE))
    counted = told.annotate(count=Count("hour", distinct=True)).order_by()
    return {(source, at): count for source, at, count in counted}


def _arrivals(ids: list[int], start: dt.datetime, end: dt.datetime) -> dict[int, list[dt.datetime]]:
    """Return the first and the last arrival of each day: a day holds one deadline at most."""
    near = Q(pk=None)
    for cycle, reach in deliveries.REACH.items():
        since, until = local_date(start - reach), local_date(end + reach)
        near |= Q(source__cycle=cycle, day__gte=since, day__lt=until)
    found = days.arrivals(Tally.objects.filter(near, source__in=ids))
    return {source: sorted(moments) for source, moments in found.items()}
