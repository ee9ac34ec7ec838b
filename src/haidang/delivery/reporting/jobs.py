"""Jobs of reporting."""

from django.utils import timezone

from haidang.delivery.reporting.actions import assigning
from haidang.foundation.core import jobs


@jobs.periodic(name="reporting.assign_current", cron="5 18 * * *", queue="bulk")
def assign_current() -> None:
    """Give out the reports of a period that began today (01:05 in Vietnam)."""
    assigning.assign_current(now=timezone.now())
