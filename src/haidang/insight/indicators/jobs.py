"""Jobs of indicators: landed batches become figures, figures grow old."""

from datetime import date
from typing import Any

from django.utils import timezone

from haidang.foundation.core import jobs
from haidang.insight.indicators.actions import (
    archive,
    deciding,
    growing_old,
    queues,
    restating,
)


@jobs.task(name="indicators.note_landed", queue="live")
def note_landed(*, dataset: str, batch: int, **_: Any) -> None:
    """A batch landed in the lake."""
    queues.note(dataset=dataset, batch=batch, now=timezone.now())


@jobs.task(name="indicators.note_decided", queue="live")
def note_decided(*, dataset: str, batch: int, **_: Any) -> None:
    """A run was approved or rejected."""
    queues.note(dataset=dataset, batch=batch, now=timezone.now())


@jobs.task(name=queues.TASK, queue="bulk")
def work_off(*, dataset: str) -> None:
    """Work the batches that wait into figures."""
    queues.work_off(dataset=dataset, now=timezone.now())


@jobs.task(name="indicators.grow_old", queue="live")
def grow_old(*, ref: str, **_: Any) -> None:
    """The first figure of an indicator is older than its cycle."""
    growing_old.grow_old(indicator=ref, now=timezone.now())


@jobs.task(name="indicators.archive", queue="bulk")
def send_to_archive() -> None:
    """Copy new revisions to the lake."""
    archive.send(now=timezone.now())


@jobs.task(name="indicators.judge_again", queue="bulk")
def judge_again(*, indicator: str) -> None:
    """A threshold or a plan changed."""
    deciding.judge_again(indicator=indicator, now=timezone.now())


@jobs.task(name="indicators.restate", queue="bulk")
def restate(*, change_set: int, on: str, **_: Any) -> None:
    """A set of changes of the map was applied or undone."""
    restating.restate(change_set=change_set, on=date.fromisoformat(on), now=timezone.now())


@jobs.task(name=restating.DATASET_TASK, queue="bulk")
def restate_dataset(*, dataset: str, on: str) -> None:
    """The figures of a dataset stand on another map."""
    restating.restate_dataset(dataset=dataset, on=date.fromisoformat(on), now=timezone.now())


@jobs.periodic(name="indicators.forget_old_values", cron="17 2 * * *", queue="bulk")
def forget_old_values() -> None:
    """Hours and days beyond the window live in the lake alone."""
    growing_old.forget(now=timezone.now())
