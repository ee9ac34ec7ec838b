"""Remember which MQTT clients were turned away, within bounds."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from haidang.data.ingest.models import Device, Refusal, Source

KEPT = 50  # kinds of refusal per source, and as many of clients that nobody knows


@dataclass(frozen=True)
class Refused:
    """A client turned away `count` times; `sources` are the codes of those it may belong to."""

    client: str
    address: str
    topic: str
    reason: str
    sources: frozenset[str]
    count: int
    first_at: dt.datetime
    last_at: dt.datetime


@transaction.atomic
def remember(refused: Iterable[Refused]) -> None:
    """Count what was refused, per source; the newest `KEPT` of each source stay."""
    touched = set()
    for one in refused:
        for source in _sources(one):
            _count(one, source)
            touched.add(source)
    for source in touched:
        rows = Refusal.objects.filter(Q(source=source))
        newest = rows.order_by("-last_at", "-pk").values_list("pk", flat=True)[:KEPT]
        rows.exclude(pk__in=list(newest)).delete()


def _sources(refused: Refused) -> list[int | None]:
    """Return whom it concerns: sources named or allowed, else the one whose name it bears.

    Devices sign in with the code of their source, or with their own.
    """
    codes = refused.sources or {refused.client}
    found = list(Source.objects.filter(code__in=codes).values_list("pk", flat=True))
    if not found:
        found = list(Device.objects.filter(code=refused.client).values_list("source", flat=True))
    return [*found] or [None]


def _count(refused: Refused, source: int | None) -> None:
    key: dict[str, Any] = {
        "source_id": source,
        "client": refused.client,
        "address": refused.address,
        "topic": refused.topic,
        "reason": refused.reason,
    }
    row, is_new = Refusal.objects.get_or_create(
        **key,
        defaults={
            "count": refused.count,
            "first_at": refused.first_at,
            "last_at": refused.last_at,
        },
    )
    if not is_new:
        Refusal.objects.filter(pk=row.pk).update(
            count=F("count") + refused.count, last_at=refused.last_at
        )
