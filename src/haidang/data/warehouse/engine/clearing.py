"""Removing the whole lake: for tests and for a new demonstration, never in operation."""

import shutil

import psycopg
from psycopg.conninfo import make_conninfo

from haidang.data.warehouse.engine import control, instances


def clear() -> None:
    """Drop catalogue, files and landings, if this process has opened the lake."""
    if not (instances.is_open() or control.is_open()):
        return
    instances.close()
    control.close()
    with psycopg.connect(make_conninfo(**instances.database_parts()), autocommit=True) as raw:
        raw.execute(f"DROP SCHEMA IF EXISTS {instances.SCHEMA} CASCADE")
        for table in ("laketable", "landed", "lastreading"):
            # Not TRUNCATE, which would wait for a transaction that has only read.
            raw.execute(f"DELETE FROM warehouse_{table}")
        raw.execute("DELETE FROM core_outboxevent WHERE name = 'warehouse.landed'")
    shutil.rmtree(instances.lake_folder(), ignore_errors=True)
