"""One worker at a run: a job that was given back while its worker lives may not load it beside."""

import contextlib
from collections.abc import Iterator

from django.db import DatabaseError, connection

_RUNS = 0x68D4  # class of advisory locks, beside those of the lake


@contextlib.contextmanager
def held(run_id: int) -> Iterator[bool]:
    """Hold a run; yield whether nobody else does. The database lets go when a holder dies.

    A worker counts as dead when it was silent for long, or when the clock jumped ahead: it may
    still be at work.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashint8(%s))", [_RUNS, run_id])
        is_held = bool(cursor.fetchone()[0])
    try:
        yield is_held
    finally:
        if is_held:
            _release(run_id)


def _release(run_id: int) -> None:
    with contextlib.suppress(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, hashint8(%s))", [_RUNS, run_id])
