"""The relay of the outbox: every event becomes one job per subscriber, exactly once.

Rows are marked, never skipped by number: a transaction may commit a smaller id after a larger one.
One relay works at a time (an advisory lock), so that jobs of one aggregate are queued in the order
in which its events were committed.
"""

import logging
import threading

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from haidang.foundation.core import events, jobs
from haidang.foundation.core.models import OutboxEvent

CHANNEL = "haidang_outbox"
POLL_SECONDS = 0.2
_LOCK = 0x0B0E
_log = logging.getLogger(__name__)


@transaction.atomic
def relay_waiting(limit: int = 500) -> int:
    """Turn waiting events into jobs; return how many. 0 also when another relay is at work."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
    waiting = OutboxEvent.objects.filter(relayed_at__isnull=True).order_by("id")
    rows = list(waiting.select_for_update(skip_locked=True)[:limit])
    for row in rows:
        _defer(row)
    OutboxEvent.objects.filter(pk__in=[row.pk for row in rows]).update(relayed_at=timezone.now())
    return len(rows)


def run(stop: threading.Event) -> None:
    """Relay until `stop` is set: at once when an event commits, every 200 ms in any case."""
    while not stop.is_set():
        try:
            while relay_waiting():
                pass
            _wait_for_event()
        except (OperationalError, InterfaceError):
            _log.warning("The relay lost its database connection and tries again", exc_info=True)
            connection.close()
            stop.wait(1)
    connection.close()


def _defer(row: OutboxEvent) -> None:
    for task in events.subscribers().get(row.name, ()):
        args = {"event_id": row.pk, "aggregate": row.aggregate, **row.payload}
        jobs.submit(task, args, lock=f"{task} {row.aggregate}")


def _wait_for_event() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"LISTEN {CHANNEL}")
    for _ in connection.connection.notifies(timeout=POLL_SECONDS, stop_after=1):
        return
