"""Days that are over are counted once and kept; the database says when one changed."""

import datetime as dt

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from haidang.data.ingest.models import Tally
from haidang.data.ingest.queries import days

PATIENCE = "1s"
LOCK = 7401  # as in the triggers of the migration


def keep(*, today: dt.date) -> int:
    """Count the stale days before today and keep them; return how many."""
    stale = Tally.objects.filter(is_stale=True, day__lt=today)
    sources = list(stale.order_by("source").values_list("source", flat=True).distinct())
    return sum(_keep(source, today) for source in sources)


def _keep(source: int, today: dt.date) -> int:
    """Keep the days of a source; next time, where one who changes them takes long."""
    try:
        return _kept(source, today)
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            return 0
        raise


@transaction.atomic
def _kept(source: int, today: dt.date) -> int:
    """Keep the days of a source while nobody who changed them has yet to commit."""
    with connection.cursor() as cursor:
        # Writers queue behind whoever waits for this lock.
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, source])
    stale = Tally.objects.filter(source=source, is_stale=True, day__lt=today)
    keys = [(source, day) for day in stale.values_list("day", flat=True)]
    counted = days.count(keys)
    stale.delete()
    made = [_tally(counted.get(key, days.Day(*key))) for key in keys]
    return len(Tally.objects.bulk_create(made, batch_size=1000))


def _tally(day: days.Day) -> Tally:
    said = day._asdict()
    return Tally(source_id=said.pop("source"), is_stale=False, **said)
