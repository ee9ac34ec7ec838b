"""Public numbers without gaps: CB-2026-0001, PDH-2026-0001."""

from typing import Any

from django.db import connection
from django.db.models import Max, QuerySet


def next_serial(rows: "QuerySet[Any]", *, year: int) -> int:
    """Return the next `serial` of `year` among `rows` (a model with both fields).

    The lock lasts until the caller's transaction ends, so a rollback leaves no gap and two
    transactions never get the same number.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [rows.model._meta.db_table])
    last = rows.filter(year=year).aggregate(last=Max("serial"))["last"]
    return int(last or 0) + 1
