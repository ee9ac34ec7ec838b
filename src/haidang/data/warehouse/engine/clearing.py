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
        raw.execute("TRUNCATE warehouse_laketable, warehouse_landed, warehouse_lastreading")
    shutil.rmtree(instances.lake_folder(), ignore_errors=True)
