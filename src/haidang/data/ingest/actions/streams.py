"""What the telemetry intake tells: one run per source and hour, and the rows that wait."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Func, Value
from django.db.models.functions import Greatest, Least
from django.utils import timezone

from haidang.data.ingest.actions import lateness, quarantine
from haidang.data.ingest.errors import SourceNotFoundError
from haidang.data.ingest.models import Run, Source
from haidang.foundation.core import events

_COUNTS = ("read", "accepted", "quarantined", "duplicate", "revised")


@transaction.atomic
def record(
    *,
    batch: int,
    source: str,
    dataset: str,
    counts: Mapping[str, int],
    quarantined: Sequence[tuple[int, Mapping[str, Any], Sequence[Mapping[str, str]]]] = (),
    at: datetime.datetime | None = None,
) -> int:
    """Add one landed stream batch to its source's run of the hour; return the run's id.

    Call it once per landed batch; `at` says when it came, for what is taken over from elsewhere.
    Raises SourceNotFoundError.
    """
    now = at or timezone.now()
    owner = Source.objects.filter(code=source).first()
    if owner is None:
        raise SourceNotFoundError(f"Không tìm thấy nguồn dữ liệu “{source}”.")
    run = _run_of_hour(owner, dataset, batch, now)
    sums: dict[str, Any] = {name: F(name) + counts.get(name, 0) for name in _COUNTS}
    if run.approval != Run.Approval.NOT_NEEDED:
        sums["batches"] = Func(F("batches"), Value(batch), function="array_append")
    Run.objects.filter(pk=run.pk).update(
        **sums,
        first_batch=Least(F("first_batch"), batch),
        last_batch=Greatest(F("last_batch"), batch),
        finished_at=now,
    )
    lateness.delivered(source=owner, at=now)
    if quarantined:
        quarantine.keep(run=run, rows=quarantined)
        events.publish(
            "ingest.rows_quarantined",
            aggregate=f"source:{source}",
            run=run.pk,
            source=source,
            dataset=dataset,
            batch=batch,
        )
    return run.pk


def _run_of_hour(owner: Source, dataset: str, batch: int, now: datetime.datetime) -> Run:
    hour = now.replace(minute=0, second=0, microsecond=0)
    run, _ = Run.objects.get_or_create(
        source=owner,
        stream_hour=hour,
        defaults={
            "id": batch,
            "dataset": dataset,
            "channel": Run.Channel.STREAM,
            "status": Run.Status.LANDED,
            "finished_at": now,
            "progress": 100,
            "first_batch": batch,
            "last_batch": batch,
            "loaded_by_label": "Luồng tự động",
            "approval": (Run.Approval.NOT_NEEDED if owner.is_automatic else Run.Approval.PENDING),
        },
    )
    return run
