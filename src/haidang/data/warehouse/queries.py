"""What the database knows of the lake."""

from collections.abc import Iterable

from django.db import connection

from haidang.data.warehouse import models, rules


def next_batch() -> int:
    """Return a new batch number; numbers order revisions and are never used twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('warehouse_batch')")
        return int(cursor.fetchone()[0])


def landed(batches: Iterable[int]) -> dict[int, rules.Landed]:
    """Return what became of those batches that have landed, by number."""
    return {
        row.batch: rules.Landed(
            row.batch,
            row.dataset,
            row.source,
            row.accepted,
            row.duplicate,
            row.revised,
            row.landed_at,
            row.counts,
        )
        for row in models.LandedBatch.objects.filter(batch__in=list(batches))
    }
