"""Long loads, late sources, connections that are due, and runs whose job was lost."""

import datetime as dt

from django.utils import timezone

from haidang.data.ingest.actions import (
    connections,
    gaps,
    judging,
    lateness,
    mending,
    processing,
    pulling,
    runs,
    tallying,
    watching,
)
from haidang.data.ingest.actions.removal import originals
from haidang.data.ingest.models import Attempt, Connection, Run
from haidang.data.warehouse import api as warehouse
from haidang.foundation.calendar.zone import local_date
from haidang.foundation.core import jobs
from haidang.foundation.core.errors import HaidangError

# What web loads by itself takes seconds; a job at work holds the lock of its source.
_ABANDONED = dt.timedelta(minutes=3)
_ATTEMPTS_KEPT = dt.timedelta(days=90)


@jobs.task(name=runs.LOAD_JOB, queue="bulk", retries=3)
def load_run(*, run_id: int) -> None:
    """Check and commit a received run; what is wrong with its file stands on the run."""
    try:
        runs.process(run_id=run_id)
    except HaidangError as error:
        if warehouse.is_passing(error):
            raise
        mending.give_back(run=run_id)


@jobs.task(name=lateness.WAKE, queue="live")
def look_for_late(*, ref: str, due_at: str) -> None:
    """See whether a source delivered in time."""
    lateness.look(source=ref, due_at=dt.datetime.fromisoformat(due_at), now=timezone.now())


@jobs.task(name=watching.WAKE, queue="live")
def look_for_silence(**_args: str) -> None:
    """See which devices fell silent, and which speak again."""
    watching.look(now=timezone.now())


@jobs.task(name=processing.BLOT_JOB, queue="bulk")
def blot_original(*, run_id: int) -> None:
    """Blot removed rows out of the original that brought them again."""
    originals.blot_run(run_id)


@jobs.periodic(name="ingest.look_for_gaps", cron="17 * * * *", queue="bulk")
def look_for_gaps() -> None:
    """Count the readings of the days that ended, and of those that late readings changed."""
    gaps.look(now=timezone.now())


@jobs.periodic(name="ingest.look_at_stops", cron="*/2 * * * *", queue="bulk")
def look_at_stops() -> None:
    """See which devices stopped measuring outside their calendar, too long or after a rise."""
    watching.take_in(now=timezone.now())
    judging.look(now=timezone.now())


@jobs.periodic(name="ingest.keep_tallies", cron="*/5 * * * *", queue="bulk")
def keep_tallies() -> None:
    """Count the days that are over, and those of which something changed."""
    tallying.keep(today=local_date(timezone.now()))


@jobs.periodic(name="ingest.rescue_runs", cron="* * * * *", queue="bulk")
def rescue_runs() -> None:
    """Load runs that a crash left between their receipt and their job's end."""
    before = timezone.now() - _ABANDONED
    left = Run.objects.filter(status__in=["received", "checking"], received_at__lt=before)
    for run_id, source in left.values_list("id", "source__code")[:20]:
        jobs.defer(
            runs.LOAD_JOB,
            queue="bulk",
            lock=f"source:{source}",
            once=f"run:{run_id}",
            run_id=run_id,
        )


@jobs.task(name=connections.PULL_JOB, queue="bulk", retries=3)
def pull(*, connection: int) -> None:
    """Fetch what is new of a connection; what failed stands on the attempt and is tried later."""
    pulling.pull(connection=connection)


@jobs.periodic(name="ingest.look_for_due_connections", cron="* * * * *", queue="live")
def look_for_due_connections() -> None:
    """Have every connection pulled whose time has come."""
    due = Connection.objects.filter(
        is_active=True, paused_at=None, next_at__lte=timezone.now(), source__is_active=True
    )
    for pk in due.order_by("next_at").values_list("pk", flat=True)[:500]:
        connections.defer_pull(pk)


@jobs.periodic(name="ingest.forget_attempts", cron="40 2 * * *", queue="live")
def forget_attempts() -> None:
    """Delete old attempts of connections that brought nothing; those with runs are kept."""
    before = timezone.now() - _ATTEMPTS_KEPT
    Attempt.objects.filter(started_at__lt=before, finished_at__isnull=False, runs=None).delete()
