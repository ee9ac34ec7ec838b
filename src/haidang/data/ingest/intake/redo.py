"""What a second attempt at the same range must look at."""

from collections.abc import Mapping
from dataclasses import replace

from haidang.data.ingest.models import QuarantinedRow, Run
from haidang.data.warehouse import api as warehouse


def grown(
    batches: Mapping[str, warehouse.Batch], landed: Mapping[str, warehouse.Landed]
) -> dict[str, warehouse.Batch]:
    """Return the batches that landed with fewer rows than they have now, under new numbers.

    A device registered between the two attempts turns waiting readings into accepted ones; those
    that landed the first time count as duplicates the second time.
    """
    return {
        source: replace(batch, id=warehouse.next_batch())
        for source, batch in batches.items()
        if (one := landed.get(source)) and one.accepted + one.duplicate < batch.rows.num_rows
    }


def added(first: warehouse.Landed, second: warehouse.Landed) -> warehouse.Landed:
    """Return what became of a batch and its supplement together, each reading counted once."""
    return replace(
        first,
        accepted=first.accepted + second.accepted,
        duplicate=second.duplicate - first.accepted,
        revised=first.revised + second.revised,
    )


def is_recorded(source: str, batch: int, *, waits: bool) -> bool:
    """Tell whether the first attempt got as far as recording this batch."""
    runs = Run.objects.filter(source__code=source, channel=Run.Channel.STREAM)
    if waits:
        return QuarantinedRow.objects.filter(run__in=runs, raw__batch=batch).exists()
    return runs.filter(first_batch__lte=batch, last_batch__gte=batch).exists()
