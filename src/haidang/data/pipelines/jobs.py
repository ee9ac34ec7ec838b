"""Runs at work, by the clock and by what landed; and those that a crash left."""

import datetime as dt

from django.utils import timezone

from haidang.data.pipelines.actions import asking, running, telling
from haidang.data.pipelines.models import PipelineRun
from haidang.foundation.core import jobs

_ABANDONED = dt.timedelta(minutes=3)


@jobs.task(name=running.RUN_JOB, queue="bulk", retries=3)
def run(*, run_id: int) -> None:
    """Carry a run out; what is wrong stands on it."""
    running.run(run_id)


@jobs.task(name="pipelines.note_landed", queue="live")
def note_landed(*, dataset: str = "", **_ids: object) -> None:
    """Queue the pipelines that wait for rows of a dataset."""
    asking.run_landed(dataset)


@jobs.periodic(name="pipelines.look_for_due", cron="* * * * *", queue="live")
def look_for_due() -> None:
    """Queue the pipelines whose time has come."""
    asking.run_due(timezone.now())


@jobs.periodic(name="pipelines.rescue", cron="*/2 * * * *", queue="bulk")
def rescue() -> None:
    """Go on with runs whose job a crash took away; a job at work holds the lock."""
    before = timezone.now() - _ABANDONED
    left = PipelineRun.objects.select_related("pipeline").filter(
        state__in=PipelineRun.OPEN, queued_at__lt=before
    )
    for one in left.order_by("pk")[:50]:
        running.defer(one)


@jobs.task(name="pipelines.tell_start", queue="live")
def tell_start(*, run: int, **_ids: object) -> None:
    """Tell the OpenLineage server; tried again where it does not answer."""
    telling.tell_start(run)


@jobs.task(name="pipelines.tell_end", queue="live")
def tell_end(*, run: int, **_ids: object) -> None:
    """Tell the OpenLineage server; tried again where it does not answer."""
    telling.tell_end(run)


@jobs.task(name="pipelines.tell_load", queue="live")
def tell_load(*, run: int, **_ids: object) -> None:
    """Tell the OpenLineage server; tried again where it does not answer."""
    telling.tell_load(run)
