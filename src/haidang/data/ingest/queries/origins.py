"""Where many batches came from, within what a reader may see: two queries however many."""

from collections.abc import Mapping

from django.db.models import Q

from haidang.data.ingest.models import Run
from haidang.data.ingest.queries.listing import visible_runs
from haidang.data.ingest.queries.runs import lineage_of
from haidang.data.ingest.rules.values import Lineage
from haidang.foundation.access.api import Scope


def origins(dataset: str, sources: Mapping[int, str], scope: Scope) -> dict[int, Lineage]:
    """Return the pedigree of batches of a dataset, given with the code of each one's source.

    Batches whose source the scope may not see are left out. The batches of a stream belong to the
    run of their source's hour.
    """
    if not sources:
        return {}
    seen = visible_runs(scope).filter(dataset=dataset)
    runs = seen.select_related("source", "decided_by", "source__approved_by")
    first, last = min(sources), max(sources)
    touching = Q(pk__in=list(sources)) | Q(
        source__code__in=set(sources.values()), first_batch__lte=last, last_batch__gte=first
    )
    found = list(runs.filter(touching).order_by("first_batch", "pk"))
    return {
        batch: lineage_of(run, batch)
        for batch, source in sources.items()
        if (run := _run_of(found, batch, source)) is not None
    }


def _run_of(runs: list[Run], batch: int, source: str) -> Run | None:
    for run in reversed(runs):
        if run.pk == batch:
            return run
    held = [run for run in runs if run.source.code == source and _holds(run, batch)]
    return held[-1] if held else None


def _holds(run: Run, batch: int) -> bool:
    if run.first_batch is None or run.last_batch is None:
        return False
    return run.first_batch <= batch <= run.last_batch
