"""What the pages list: filtered to the scope, a constant number of queries for any page."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.urls import reverse

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest.errors import RowNotFoundError, RunNotFoundError, SourceNotFoundError
from haidang.data.ingest.models import QuarantinedRow, Refusal, Run, Source
from haidang.data.ingest.queries import days
from haidang.foundation.access.api import Scope
from haidang.foundation.calendar.zone import midnight
from haidang.foundation.core.text import fold
from haidang.foundation.org import api as org

VIEW = "ingest.view"
_RECENT = dt.timedelta(days=30)
_REFUSALS_SHOWN = 20


@dataclass(frozen=True)
class Health:
    """How a source has done in the last thirty days."""

    state: str
    word: str
    last_success_at: dt.datetime | None
    runs: int = 0
    read: int = 0
    quarantined: int = 0
    waiting: int = 0
    failed: int = 0

    @property
    def share(self) -> float | None:
        """The part of the rows read that had to wait; None when nothing was read."""
        return self.quarantined / self.read if self.read else None


def visible_sources(scope: Scope) -> QuerySet[Source]:
    """Return the sources that the scope may see."""
    return scope.filter(Source.objects.all(), VIEW, unit="supplier", sector="sector")


def visible_runs(scope: Scope, capability: str = VIEW) -> QuerySet[Run]:
    """Return the runs of sources that the scope may see."""
    runs, ids = Run.objects.select_related("source"), _seen(scope, capability)
    return runs if ids is None else runs.filter(source__in=ids)


def visible_rows(scope: Scope, capability: str = VIEW) -> QuerySet[QuarantinedRow]:
    """Return the waiting and decided rows of landed runs that the scope may see."""
    rows = QuarantinedRow.objects.select_related("run__source").filter(run__status="landed")
    ids = _seen(scope, capability)
    return rows if ids is None else rows.filter(source__in=ids)


def _seen(scope: Scope, capability: str) -> list[int] | None:
    """Return the sources seen, None for all: the database plans by numbers that it knows."""
    seen = scope.filter(Source.objects.all(), capability, unit="supplier", sector="sector")
    ids = list(seen.values_list("pk", flat=True))
    return None if len(ids) == Source.objects.count() else ids


def refusals_seen(scope: Scope, source: Source, now: dt.datetime) -> list[Refusal]:
    """Return which MQTT clients were turned away in the last thirty days, newest first.

    Clients that belong to no known source are shown to those who see every source.
    """
    whose = Q(source=source)
    if source.kind == Source.Kind.MQTT and sees_all(scope):
        whose |= Q(source=None)
    rows = Refusal.objects.filter(whose, last_at__gte=now - _RECENT)
    return list(rows.order_by("-last_at", "-pk")[:_REFUSALS_SHOWN])


def sees_all(scope: Scope) -> bool:
    """Tell whether the scope sees the sources of every unit and sector."""
    root = org.root().id
    return all(scope.allows(VIEW, root, sector.code) for sector in org.sectors())


def source_seen(scope: Scope, code: str) -> Source:
    """Return one source. Raises SourceNotFoundError also for what the scope may not see."""
    seen = visible_sources(scope).select_related("proposed_by", "approved_by")
    found = seen.filter(code=code).first()
    if found is None:
        raise SourceNotFoundError
    return found


def subject(code: str, scope: Scope) -> catalogue.Subject | None:
    """Return a source as what a difficulty is about; None outside the scope."""
    row = visible_sources(scope).filter(code=code).first()
    if row is None:
        return None
    url = reverse("ingest:source", args=[code])
    return catalogue.Subject(row.title, url, row.supplier_id, row.sector or None)


def run_seen(scope: Scope, run_id: int) -> Run:
    """Return one run. Raises RunNotFoundError also for what the scope may not see."""
    found = visible_runs(scope).select_related("source", "file", "decided_by", "mends")
    run = found.filter(pk=run_id).first()
    if run is None:
        raise RunNotFoundError
    return run


def row_seen(scope: Scope, row_id: int) -> QuarantinedRow:
    """Return one waiting row. Raises RowNotFoundError also for what the scope may not see."""
    row = visible_rows(scope).select_related("run__source", "mended_in", "decided_by")
    found = row.filter(pk=row_id).first()
    if found is None:
        raise RowNotFoundError
    return found


def healths(sources: Iterable[Source], now: dt.datetime) -> dict[int, Health]:
    """Return the health of each source by its id, in three queries; six where days are counted."""
    listed = list(sources)
    ids = [source.pk for source in listed]
    recent = Run.objects.filter(source__in=ids, received_at__gte=now - _RECENT)
    counted = recent.values("source").annotate(
        runs=Count("id"),
        rows_read=Sum("read"),
        waited=Sum("quarantined"),
        failed=Count("id", filter=Q(status="failed")),
    )
    by_source: dict[int, dict[str, Any]] = {row["source"]: dict(row) for row in counted}
    open_rows = days.waiting(ids)
    return {
        source.pk: _health(source, by_source.get(source.pk, {}), open_rows.get(source.pk, 0))
        for source in listed
    }


def _health(source: Source, counted: dict[str, Any], waiting: int) -> Health:
    state, word = _state(source)
    return Health(
        state=state,
        word=word,
        last_success_at=source.last_success_at,
        runs=counted.get("runs", 0),
        read=counted.get("rows_read", 0) or 0,
        quarantined=counted.get("waited", 0) or 0,
        waiting=waiting,
        failed=counted.get("failed", 0),
    )


def _state(source: Source) -> tuple[str, str]:
    if not source.is_active:
        return "stale", "đã ngừng"
    if source.late_since is not None:
        return "critical" if source.is_life_safety else "watch", "chậm"
    if source.last_success_at is None:
        return "no_data", "chưa có số liệu"
    return "normal", "đang nhận"


def search_sources(sources: QuerySet[Source], words: str, state: str) -> QuerySet[Source]:
    """Narrow sources by words without accents and by state."""
    if state == "late":
        sources = sources.filter(late_since__isnull=False, is_active=True)
    elif state == "silent":
        sources = sources.filter(last_success_at=None, is_active=True)
    elif state == "stopped":
        sources = sources.filter(is_active=False)
    if words:
        titles = sources.values_list("id", "title", "code")
        wanted = fold(words)
        found = [pk for pk, title, code in titles if wanted in fold(f"{title} {code}")]
        sources = sources.filter(pk__in=found)
    return sources


def search_runs(runs: QuerySet[Run], asked: Mapping[str, str]) -> QuerySet[Run]:
    """Narrow runs by result, approval, channel, source, and the days on which they came."""
    narrow: dict[str, Any] = {}
    for name, known in (
        ("status", Run.Status.values),
        ("approval", Run.Approval.values),
        ("channel", Run.Channel.values),
    ):
        if (said := asked.get(name, "")) in known:
            narrow[name] = said
    if code := asked.get("source", ""):
        found = Source.objects.filter(code=code).values_list("pk", flat=True)
        narrow["source__in"] = list(found)
    if since := day(asked.get("since", "")):
        narrow["received_at__gte"] = midnight(since)
    if until := day(asked.get("until", "")):
        narrow["received_at__lt"] = midnight(until + dt.timedelta(days=1))
    return runs.filter(**narrow)


def day(text: str) -> dt.date | None:
    """Read a day of an address; what is none narrows nothing."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def awaiting_approval(scope: Scope) -> QuerySet[Run]:
    """Return the landed runs that the scope may approve; not its own."""
    runs = visible_runs(scope, "ingest.approve").filter(approval="pending", status="landed")
    if scope.account_id is not None:
        typed = QuarantinedRow.objects.filter(menders__contains=[scope.account_id])
        mended = typed.filter(mended_in__isnull=False).values("mended_in")
        runs = runs.exclude(loaded_by=scope.account_id).exclude(pk__in=mended)
    return runs


def proposed_sources(scope: Scope) -> QuerySet[Source]:
    """Return the sources proposed as automatic that the scope may approve."""
    proposed = Source.objects.filter(proposed_at__isnull=False, approved_at=None)
    return scope.filter(proposed, "ingest.approve", unit="supplier", sector="sector")
