"""Which batches a run stands for: its own, those of its hour of a stream, those that mended it."""

from collections.abc import Sequence

from haidang.data.ingest.errors import RunNotFoundError
from haidang.data.ingest.models import Run
from haidang.data.warehouse import api as warehouse


def batches_of(dataset: str, runs: Sequence[int]) -> list[int]:
    """Return every batch of some runs of a dataset. Raises RunNotFoundError."""
    wanted, found = {*runs}, set()
    while wanted:
        rows = list(Run.objects.filter(pk__in=wanted, dataset=dataset).select_related("source"))
        if missing := wanted - {run.pk for run in rows}:
            raise RunNotFoundError(f"Bộ dữ liệu này không có lượt nạp {min(missing)}.")
        found |= wanted | {batch for run in rows for batch in _of_stream(run)}
        wanted = {*Run.objects.filter(mends_id__in=wanted).values_list("pk", flat=True)} - found
    return sorted(found)


def _of_stream(run: Run) -> list[int]:
    if run.first_batch is None or run.last_batch is None:
        return []
    return warehouse.batches_between(run.source.code, run.first_batch, run.last_batch)


def runs_of(dataset: str, batches: frozenset[int]) -> list[int]:
    """Return the runs that some batches belong to."""
    if not batches:
        return []
    own = set(Run.objects.filter(pk__in=batches, dataset=dataset).values_list("pk", flat=True))
    streams = Run.objects.filter(
        dataset=dataset, first_batch__lte=max(batches), last_batch__gte=min(batches)
    )
    landed = warehouse.landed(batches)
    for run in streams.select_related("source"):
        first, last = run.first_batch or 0, run.last_batch or 0
        if any(
            first <= batch <= last and one.source == run.source.code
            for batch, one in landed.items()
        ):
            own.add(run.pk)
    return sorted(own)
