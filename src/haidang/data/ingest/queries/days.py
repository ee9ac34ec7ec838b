"""Days of sources: as they are kept, and counted where something of them changed since."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import reduce
from operator import or_
from typing import NamedTuple

from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from haidang.data.ingest.models import QuarantinedRow, Run, Tally
from haidang.foundation.calendar.zone import ZONE, midnight

_UNAPPROVED = Q(approval__in=[Run.Approval.PENDING, Run.Approval.REJECTED])
_STANDING = ~Q(state=QuarantinedRow.State.MENDED)
_ARRIVED = ~Q(channel=Run.Channel.MEND) & Q(read__gt=0)
Standing = tuple[tuple[str, str, str, int], ...]
Key = tuple[int, dt.date]


class Day(NamedTuple):
    """What a source's landed runs of one day brought; `standing`: (dataset, code, state, rows)."""

    source: int
    day: dt.date
    read: int = 0
    same: int = 0
    twice: int = 0
    corrected: int = 0
    held: int = 0
    first_at: dt.datetime | None = None
    last_at: dt.datetime | None = None
    open: int = 0
    standing: Standing = ()


def days(wanted: QuerySet[Tally]) -> list[Day]:
    """Return the wanted days; one query, and two more where some of them are stale."""
    kept, stale = [], set[Key]()
    for is_stale, *said in wanted.values_list("is_stale", *Day._fields):
        if is_stale:
            stale.add((said[0], said[1]))
        else:
            kept.append(Day(*said))
    return kept + [one for key, one in count(stale).items() if key in stale]


def arrivals(wanted: QuerySet[Tally]) -> dict[int, set[dt.datetime]]:
    """Return the first and the last arrival of each wanted day, by source."""
    found: dict[int, set[dt.datetime]] = defaultdict(set)
    kept = wanted.filter(is_stale=False, first_at__isnull=False)
    for source, first, last in kept.values_list("source", "first_at", "last_at"):
        found[source] |= {at for at in (first, last) if at}
    for one in days(wanted.filter(is_stale=True)):
        found[one.source] |= {at for at in (one.first_at, one.last_at) if at}
    return found


def waiting(sources: Collection[int]) -> dict[int, int]:
    """Return how many rows of landed runs wait, by source; those without are left out."""
    kept = Tally.objects.filter(source__in=sources, is_stale=False, open__gt=0)
    found = defaultdict(int, kept.values_list("source").annotate(Sum("open")))
    for day in days(Tally.objects.filter(source__in=sources, is_stale=True)):
        found[day.source] += day.open
    return found


def count(keys: Collection[Key]) -> dict[Key, Day]:
    """Count these days of these sources, and days of other sources among them; two queries."""
    if not keys:
        return {}
    ids, told = {source for source, _day in keys}, sorted({day for _source, day in keys})
    standing = _standing(ids, told)
    return {key: _with(day, standing.get(key, ())) for key, day in _brought(ids, told).items()}


def _with(day: Day, standing: Standing) -> Day:
    return day._replace(
        standing=standing, open=sum(rows for *_, state, rows in standing if state == "open")
    )


def _brought(ids: Collection[int], told: Iterable[dt.date]) -> dict[Key, Day]:
    runs = Run.objects.filter(_came(told), source__in=ids, status="landed")
    by_day = runs.values("source", day=TruncDate("received_at", tzinfo=ZONE))
    counted = by_day.annotate(
        Sum("read"), Sum("duplicate"), Sum("repeated"), Sum("revised"),
        held=Sum("accepted", filter=_UNAPPROVED),
        first=Min("received_at", filter=_ARRIVED), last=Max("received_at", filter=_ARRIVED),
    )  # fmt: skip
    rows = counted.order_by().values_list(
        "source", "day", "read__sum", "duplicate__sum", "repeated__sum", "revised__sum", "held",
        "first", "last",
    )  # fmt: skip
    return {
        (source, day): Day(source, day, read, same, twice, corrected, held or 0, first, last)
        for source, day, read, same, twice, corrected, held, first, last in rows
    }


def _standing(ids: Collection[int], told: Iterable[dt.date]) -> dict[Key, Standing]:
    rows = QuarantinedRow.objects.filter(
        _STANDING, _came(told, "run__"), source__in=ids, run__status="landed"
    )
    day = TruncDate("run__received_at", tzinfo=ZONE)
    by_day = rows.values_list("source", day, "run__dataset", "first_code", "state")
    found: dict[Key, Standing] = defaultdict(tuple)
    for source, at, *said in by_day.annotate(Count("id")).order_by():
        found[source, at] += (tuple(said),)
    return found


def _came(told: Iterable[dt.date], run: str = "") -> Q:
    """Return which runs came on these days, in order; days side by side are one span."""
    spans: list[list[dt.date]] = []
    for day in told:
        if not spans or spans[-1][1] != day:
            spans.append([day, day])
        spans[-1][1] = day + dt.timedelta(days=1)
    name = f"{run}received_at"
    return reduce(
        or_,
        (
            Q(**{f"{name}__gte": midnight(first), f"{name}__lt": midnight(end)})
            for first, end in spans
        ),
    )
