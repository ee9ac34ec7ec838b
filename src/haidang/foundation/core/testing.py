"""For tests of every domain: run waiting events and jobs here and now, in this transaction."""

import json

from django.db import connection
from procrastinate.contrib.django import app

from haidang.foundation.core import relay


def run_jobs(limit: int = 1000) -> int:
    """Relay events and run due jobs, and those that they cause, in order; return how many ran.

    A job that raises fails the test.
    """
    for done in range(limit):
        while relay.relay_waiting():
            pass
        if not _run_next():
            return done
    raise AssertionError(f"jobs still wait after {limit} ran: do they call one another for ever?")


def _run_next() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = (
                SELECT id FROM procrastinate_jobs
                WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())
                ORDER BY priority DESC, id LIMIT 1)
            RETURNING task_name, args
            """
        )
        row = cursor.fetchone()
    if row is None:
        return False
    name, args = row
    app.tasks[name].func(**(json.loads(args) if isinstance(args, str) else args))
    return True
