"""Removals at work, and those that a crash left."""

from django.utils import timezone

from haidang.data.protection.actions import carrying, deciding, retaining
from haidang.data.protection.models import Removal
from haidang.foundation.core import jobs


@jobs.task(name=deciding.JOB, queue="bulk")
def carry_out(*, removal_id: int) -> None:
    """Remove what was approved; may be repeated."""
    carrying.carry_out(removal_id)


@jobs.periodic(name="protection.rescue", cron="*/5 * * * *", queue="bulk")
def rescue() -> None:
    """Begin again with approved removals whose job has given up."""
    for number in Removal.objects.filter(state="approved").values_list("pk", flat=True):
        jobs.defer(
            deciding.JOB,
            queue="bulk",
            lock="protection",
            once=f"removal:{number}",
            removal_id=number,
        )


@jobs.periodic(name="protection.remove_what_is_over", cron="40 1 * * *", queue="bulk")
def remove_what_is_over() -> None:
    """Begin the removal of what is kept no longer, of datasets with an approved period."""
    retaining.remove_what_is_over(timezone.now())
