"""Batches that wait to be worked into figures: noted by events, worked off by one job a dataset."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api as ingest
from haidang.foundation.core import jobs
from haidang.insight.indicators.actions import archive, computing, reconciling
from haidang.insight.indicators.models import Queue, Series

TASK = "indicators.work_off"
# Readings land every second; their hours are computed together, the fast path shows them at once.
_READINGS_WAIT = timedelta(seconds=20)


@transaction.atomic
def note(*, dataset: str, batch: int, now: datetime) -> bool:
    """Remember that a batch came or was decided, and have it worked off; False: nobody reads it."""
    if not computing.readers(dataset):
        return False
    Queue.objects.get_or_create(dataset=dataset)
    row = Queue.objects.select_for_update().get(dataset=dataset)
    if batch not in row.waiting:
        row.waiting = [*row.waiting, batch]
        row.save(update_fields=["waiting"])
    is_stream = catalogue.contract(dataset).kind == "readings"
    name = f"indicators {dataset}"
    # A job that waits will see this batch: it locks the row, which is ours until the commit.
    jobs.defer(
        TASK, lock=name, once=name, at=now + _READINGS_WAIT if is_stream else None, dataset=dataset
    )
    return True


def work_off(*, dataset: str, now: datetime) -> int:
    """Work the waiting batches of a dataset into its figures; return how many cells changed.

    Batches of an earlier try that failed are worked again: the end is the same.
    """
    with transaction.atomic():
        row = Queue.objects.select_for_update().get(dataset=dataset)
        row.working, row.waiting = sorted({*row.working, *row.waiting}), []
        row.save(update_fields=["working", "waiting"])
    batches = set(row.working)
    pending = ingest.pending_batches(dataset)
    changed = computing.work(dataset=dataset, batches=batches - pending, now=now)
    reconciling.reconcile(dataset=dataset, batches=batches - pending, now=now)
    _mark_pending(dataset, is_pending=ingest.awaits_approval(dataset))
    archive.send(now=now)
    Queue.objects.filter(dataset=dataset).update(working=[])
    return changed


def _mark_pending(dataset: str, *, is_pending: bool) -> None:
    """Say on the figures that read a dataset whether newer rows wait for approval."""
    Series.objects.filter(indicator__spec__dataset=dataset, newer_pending=not is_pending).update(
        newer_pending=is_pending
    )


def recompute(
    dataset: str,
    since: datetime | None = None,
    *,
    announce: bool = False,
    now: datetime | None = None,
) -> int:
    """Compute all figures of a dataset from the lake, or those of periods since a moment.

    For the first history and after a definition changes; without `announce` no event is published.
    """
    now = now or timezone.now()
    archive.prepare()
    changed = computing.work(dataset=dataset, now=now, since=since, announce=announce)
    reconciling.reconcile(dataset=dataset, batches=None, now=now)
    archive.send(now=now)
    return changed
