"""Periodic care of the tables that every domain fills: jobs, outbox."""

from datetime import timedelta

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from haidang.foundation.core import jobs
from haidang.foundation.core.models import OutboxEvent

_KEEP_FINISHED_JOBS = timedelta(days=3)
_KEEP_RELAYED_EVENTS = timedelta(days=14)
_SILENT_WORKER = timedelta(seconds=30)


# Not alone: a rescuer that died at work would otherwise hold the lock against its successor.
@jobs.periodic(name="core.rescue_stalled_jobs", cron="* * * * *", queue="live", alone=False)
def rescue_stalled_jobs() -> None:
    """Put jobs of dead workers back into their queue."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT job.id
            FROM procrastinate_jobs AS job
            LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
            WHERE job.status = 'doing'
              AND (worker.id IS NULL OR worker.last_heartbeat < %s)
            ORDER BY job.id
            """,
            [timezone.now() - _SILENT_WORKER],
        )
        for (job_id,) in cursor.fetchall():
            _put_back(job_id)


def _put_back(job_id: int) -> None:
    """Queue a stalled job again; one whose successor already waits has failed instead."""
    with connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute(
                    "SELECT procrastinate_retry_job_v2(%s, now(), NULL, NULL, NULL)", [job_id]
                )
        except IntegrityError:
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", [job_id]
            )


@jobs.periodic(name="core.prune_finished", cron="17 * * * *", queue="bulk")
def prune_finished() -> None:
    """Forget jobs that succeeded and events that were relayed long enough ago."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM procrastinate_jobs AS job
            WHERE job.status = 'succeeded'
              AND NOT EXISTS (
                SELECT 1 FROM procrastinate_events AS event
                WHERE event.job_id = job.id AND event.at >= %s
              )
            """,
            [timezone.now() - _KEEP_FINISHED_JOBS],
        )
    OutboxEvent.objects.filter(relayed_at__lt=timezone.now() - _KEEP_RELAYED_EVENTS).delete()
