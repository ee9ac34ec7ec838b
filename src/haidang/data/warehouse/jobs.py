"""Housekeeping of the lake, by the clock."""

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from haidang.data.warehouse import models
from haidang.data.warehouse.engine import compaction, last
from haidang.data.warehouse.engine.rollups import keeping
from haidang.foundation.core import jobs

log = logging.getLogger(__name__)


@jobs.periodic(name="warehouse.refresh_last_readings", cron="* * * * * */5", queue="live")
def refresh_last_readings() -> None:
    """Bring the last readings of every table of readings up to what has landed."""
    for dataset in _readings():
        last.refresh(dataset)


@jobs.periodic(name="warehouse.compact", cron="* * * * *", queue="bulk")
def compact() -> None:
    """Merge the small files of tables that have many; roll up large files that have no roll-up."""
    for dataset in compaction.crowded():
        compaction.compact(dataset)
    for dataset in _readings():
        keeping.keep(dataset)


@jobs.periodic(name="warehouse.tidy", cron="20 2 * * *", queue="bulk")
def tidy() -> None:
    """Merge larger files, forget old snapshots, remove files that nothing names.

    Last readings that differ from the lake are made anew.
    """
    for dataset in _readings():
        if last.mend(dataset):
            log.warning("the last readings of %s differed from the lake; made anew", dataset)
    for dataset in models.LakeTable.objects.values_list("pk", flat=True):
        compaction.compact(dataset, below=compaction.LARGE)
        keeping.keep(dataset)  # what was merged has lost its roll-ups
    compaction.tidy(timezone.now(), timedelta(hours=settings.LAKE_KEEP_HOURS))


def _readings() -> list[str]:
    return list(models.LakeTable.objects.filter(kind="readings").values_list("pk", flat=True))
