"""Connections within a scope, with their health."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from haidang.data.ingest.errors import ConnectionNotFoundError
from haidang.data.ingest.models import Attempt, Connection, Run
from haidang.data.ingest.rules.pulling import Schedule
from haidang.foundation.access.api import Scope
from haidang.foundation.core.text import fold

VIEW = "ingest.view"
STATES = {
    "failing": "Đang lỗi",
    "paused": "Tạm dừng",
    "stopped": "Đã ngừng",
    "silent": "Chưa lấy được lần nào",
}


@dataclass(frozen=True)
class Pulse:
    """How a connection does: a state with its word, and what it brought in seven days."""

    state: str
    word: str
    attempts: int
    failed: int


def visible(scope: Scope) -> QuerySet[Connection]:
    """Return the connections of sources that the scope may see."""
    found = Connection.objects.select_related("source")
    return scope.filter(found, VIEW, unit="source__supplier", sector="source__sector")


def seen(scope: Scope, connection: int) -> Connection:
    """Return one connection. Raises ConnectionNotFoundError also for what may not be seen."""
    found = visible(scope).filter(pk=connection).first()
    if found is None:
        raise ConnectionNotFoundError
    return found


def search(found: QuerySet[Connection], words: str, kind: str, state: str) -> QuerySet[Connection]:
    """Narrow connections by words without accents, by connector and by state."""
    if kind:
        found = found.filter(kind=kind)
    match state:
        case "failing":
            found = found.filter(failures__gt=0, paused_at=None, is_active=True)
        case "paused":
            found = found.filter(paused_at__isnull=False, is_active=True)
        case "stopped":
            found = found.filter(Q(is_active=False) | Q(source__is_active=False))
        case "silent":
            found = found.filter(last_success_at=None)
    if words.strip():
        wanted = fold(words)
        titles = found.values_list("pk", "title", "source__title")
        fits = [pk for pk, *said in titles if wanted in fold(" ".join(said))]
        found = found.filter(pk__in=fits)
    return found


def pulses(listed: Iterable[Connection], now: dt.datetime) -> dict[int, Pulse]:
    """Return the health of each connection by its id, in one query."""
    rows = list(listed)
    recent = Attempt.objects.filter(
        connection__in=[row.pk for row in rows], started_at__gte=now - dt.timedelta(days=7)
    )
    counted: dict[int, dict[str, Any]] = {
        one["connection"]: dict(one)
        for one in recent.values("connection").annotate(
            all=Count("pk"), failed=Count("pk", filter=Q(outcome=Attempt.Outcome.FAILED))
        )
    }
    return {row.pk: _pulse(row, counted.get(row.pk, {})) for row in rows}


def _pulse(row: Connection, counted: dict[str, Any]) -> Pulse:
    state, word = state_of(row)
    return Pulse(state, word, counted.get("all", 0), counted.get("failed", 0))


def state_of(row: Connection) -> tuple[str, str]:
    """Return the state of a connection and its word."""
    if not row.is_active or not row.source.is_active:
        return "stale", "đã ngừng"
    if row.paused_at is not None:
        return "critical", "tạm dừng"
    if row.failures:
        return "watch", f"lỗi {row.failures} lần liên tiếp"
    if row.last_success_at is None:
        return "no_data", "chưa lấy lần nào"
    return "normal", "đang lấy đều" if row.cadence != "manual" else "sẵn sàng"


def schedule_of(row: Connection) -> Schedule:
    return Schedule(row.cadence, row.every, row.at, row.day)


def attempts(row: Connection) -> QuerySet[Attempt]:
    """Return the attempts of a connection, newest first, with their runs."""
    return row.attempts.order_by("-pk").prefetch_related(
        Prefetch("runs", Run.objects.order_by("pk"))
    )
