"""What was counted of sources in a day or a month; eleven queries at most."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from haidang.data.ingest.models import Run, Source
from haidang.data.ingest.queries import judging, listing, tallies
from haidang.data.ingest.rules import cycles, deliveries, quality
from haidang.data.ingest.rules.deliveries import Delivery
from haidang.data.ingest.rules.quality import Counts, Scores
from haidang.data.ingest.rules.reasons import WORDS
from haidang.foundation.access.api import Scope
from haidang.foundation.calendar import periods
from haidang.foundation.calendar.periods import Period
from haidang.foundation.calendar.zone import ZONE
from haidang.foundation.core.text import sort_key
from haidang.foundation.org import api as org

MONTHS = 12


@dataclass(frozen=True)
class Rated:
    """A source in a period: what was counted and its four words."""

    source: Source
    period: Period
    counted: Counts
    due: tuple[Delivery, ...] = field(default=(), repr=False)

    @property
    def scores(self) -> Scores:
        return quality.score(self.counted)


@dataclass(frozen=True)
class Cost:
    """The rows of one reason that cost a source points."""

    code: str
    words: str
    kind: str
    open: int = 0
    discarded: int = 0
    dataset: str = ""

    @property
    def title(self) -> str:
        return quality.WORDS[self.kind]


@dataclass(frozen=True)
class Asked:
    """Which sources in which period are wanted; empty: all."""

    period: Period
    unit: str = ""
    sector: str = ""
    dataset: str = ""


def asked(given: Mapping[str, str], now: dt.datetime) -> Asked:
    """Read a query; what names no day or month that has begun is taken as the current one."""
    kind = "day" if given.get("kind") == "day" else "month"
    return Asked(
        period=_period(kind, given.get("period", ""), now),
        unit=given.get("unit", ""),
        sector=given.get("sector", ""),
        dataset=given.get("dataset", ""),
    )


def wanted(scope: Scope, given: Asked, now: dt.datetime) -> list[Rated]:
    """Return the wanted sources in service that the scope sees, with their words, worst first."""
    found = listing.visible_sources(scope).filter(is_active=True)
    if given.unit:
        known = org.codes().get(given.unit)
        found = found.filter(supplier__in=org.subtree(known) if known else [])
    if given.sector:
        found = found.filter(sector=given.sector)
    if given.dataset:
        found = found.filter(dataset=given.dataset)
    return rated(found, given.period, now)


def suppliers(scope: Scope) -> list[org.UnitRef]:
    """Return the units that supply the sources that the scope sees, by name."""
    seen = listing.visible_sources(scope).filter(is_active=True)
    ids = set(seen.values_list("supplier", flat=True))
    return sorted(org.units(ids).values(), key=lambda unit: sort_key(unit.name))


def rated(sources: QuerySet[Source], period: Period, now: dt.datetime) -> list[Rated]:
    """Return the sources with what was counted in a period, the worst first."""
    found = _counted(sources, [period], now)
    keyed = [(one.scores.order, one.source.title, one.source.pk, one) for one in found]
    return [one for *_, one in sorted(keyed, key=lambda each: each[:3])]


def trend(source: Source, period: Period, now: dt.datetime) -> list[Rated]:
    """Return a source's twelve months up to a period's, the oldest first."""
    months = [period]
    while len(months) < MONTHS:
        months.append(months[-1].previous())
    return _counted(Source.objects.filter(pk=source.pk), months[::-1], now)


def costs(
    sources: Iterable[int], period: Period, only: Q | None = None, *, by_dataset: bool = False
) -> list[Cost]:
    """Return the reasons for which rows of a period still cost sources points, most first.

    With `by_dataset` each reason stands once for every dataset.
    """
    counted = _standing(list(sources), period, only)
    words = WORDS | judging.titles_of([code for _, code, _, _ in counted])
    found: dict[tuple[str, str], Cost] = {}
    for dataset, code, state, count in counted:
        key = dataset if by_dataset else "", code
        blank = Cost(code, words.get(code, code), quality.kind_of(code), dataset=key[0])
        one = found.get(key, blank)
        found[key] = replace(one, **{state: getattr(one, state) + count})
    return sorted(found.values(), key=lambda one: (-one.open - one.discarded, one.code))


def _standing(
    sources: list[int], period: Period, only: Q | None
) -> list[tuple[str, str, str, int]]:
    """Return (dataset, reason, state, how many); of all rows as the days are kept."""
    if only is None:
        kept = tallies.days_of(sources, period.start, period.end)
        return [said for day in kept for said in day.standing]
    rows = tallies.standing_rows(sources, period.start, period.end).filter(only)
    counted = rows.values_list("run__dataset", "first_code", "state").annotate(Count("id"))
    return list(counted.order_by())


def runs_at(source: Source, moments: Iterable[dt.datetime]) -> dict[dt.datetime, int]:
    """Return the runs that came at these moments, by moment."""
    found = Run.objects.filter(source=source, received_at__in=list(moments))
    return dict(found.values_list("received_at", "pk"))


def _period(kind: str, key: str, now: dt.datetime) -> Period:
    try:
        found = periods.from_key(kind, key)
    except (ValueError, OverflowError):
        return periods.of(kind, now)
    return found if found.start <= now else periods.of(kind, now)


def _counted(sources: QuerySet[Source], periods: Sequence[Period], now: dt.datetime) -> list[Rated]:
    """Count for each source and period; periods of one kind, in order, side by side."""
    newest = {f"newest_{at}": _newest(one, now) for at, one in enumerate(periods)}
    listed = list(sources.annotate(**newest))
    facts = tallies.facts([one.pk for one in listed], periods, now)
    return [
        _rated(source, period, facts, getattr(source, f"newest_{at}"), now)
        for source in listed
        for at, period in enumerate(periods)
    ]


def _newest(period: Period, now: dt.datetime) -> Subquery:
    came = Run.objects.filter(source=OuterRef("pk"), status="landed", read__gt=0)
    until = came.filter(received_at__lt=min(period.end, now))
    return Subquery(until.order_by("-received_at").values("finished_at")[:1])


def _rated(
    source: Source,
    period: Period,
    facts: tallies.Facts,
    newest: dt.datetime | None,
    now: dt.datetime,
) -> Rated:
    key = (source.pk, period.start)
    sums, standing = facts.sums.get(key, {}), facts.standing.get(key, {})
    counted = Counts(
        read=sums.get("read", 0),
        wrong=standing.get("dung", 0),
        lacking=standing.get("du", 0),
        unclean=standing.get("sach", 0),
        duplicate=sums.get("same", 0),
        repeated=sums.get("twice", 0),
        revised=sums.get("corrected", 0),
        unapproved=sums.get("held", 0),
        is_automatic=source.is_automatic,
    )
    counted = _with_devices(counted, source, period, facts, now)
    if not source.cycle or period.start >= now:
        return Rated(source, period, counted)
    at = min(period.end, now)
    counted = replace(
        counted,
        age=at - min(newest, at) if newest else None,
        allowed=deliveries.allowed_age(
            source.cycle, source.deadline, since=source.created_at, at=at
        ),
    )
    return _with_deliveries(Rated(source, period, counted), facts, now)


def _with_devices(
    counted: Counts, source: Source, period: Period, facts: tallies.Facts, now: dt.datetime
) -> Counts:
    """Count the days of its devices that are over; a gap filled since is none."""
    start, end = (at.astimezone(ZONE).date() for at in (period.start, min(period.end, now)))
    short, lost = facts.lost.get((source.pk, period.start), (0, 0.0))
    days = facts.device_days(source.pk, start, end)
    return replace(counted, device_days=days, short_days=short, lost_days=lost)


def _with_deliveries(one: Rated, facts: tallies.Facts, now: dt.datetime) -> Rated:
    source, period = one.source, one.period
    start = max(period.start, source.created_at)
    if source.cycle in cycles.FAST:
        first, last = deliveries.hours(start, max(start, min(period.end, now)))
        expected = int((last - first) / dt.timedelta(hours=1))
        came = min(facts.hours.get((source.pk, period.start), 0), expected)
        return replace(one, counted=replace(one.counted, expected=expected, on_time=came))
    due = deliveries.deliveries(
        source.cycle,
        source.deadline,
        after=start,
        until=period.end,
        arrivals=facts.arrivals.get(source.pk, ()),
        now=now,
    )
    states = [each.state for each in due]
    counted = replace(
        one.counted,
        expected=len(due),
        on_time=states.count("on_time"),
        late=states.count("late"),
    )
    return replace(one, counted=counted, due=tuple(due))
