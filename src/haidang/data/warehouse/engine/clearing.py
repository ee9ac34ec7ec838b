"""Emptying the whole lake: for tests and for a new demonstration, never in operation."""

import psycopg
from psycopg.conninfo import make_conninfo

from haidang.data.warehouse import rules
from haidang.data.warehouse.engine import control, door, instances, store

_LANDED = (
    "DELETE FROM warehouse_laketable",
    "DELETE FROM warehouse_landed",
    "DELETE FROM warehouse_erasedrows",
    "DELETE FROM warehouse_lastreading",
    # A test's open transaction may hold a row that it relayed; its rollback frees it.
    "DELETE FROM core_outboxevent WHERE id IN (SELECT id FROM core_outboxevent"
    " WHERE name = 'warehouse.landed' FOR UPDATE SKIP LOCKED)",
)


def clear() -> None:
    """Remove catalogue, files and landings, and close the lake."""
    door.close()
    with psycopg.connect(make_conninfo(**instances.database_parts()), autocommit=True) as raw:
        raw.execute(f"DROP SCHEMA IF EXISTS {instances.SCHEMA} CASCADE")
        _forget_landings(raw)
    store.here().clear()


def empty() -> None:
    """Drop every table of the lake, if this process has opened it; it stays open."""
    if not control.is_open():
        return
    with control.session() as held, held.lake_locked():
        with door.transaction() as cursor:
            tables = cursor.execute(
                "SELECT table_name FROM duckdb_tables() WHERE database_name = 'lake'"
            ).fetchall()
            for (name,) in tables:
                cursor.execute(f"DROP TABLE lake.{rules.quoted(name)}")
        _forget_landings(held.raw)
    store.here().clear("main")


def forget_landings() -> None:
    """Delete what has landed, and its events, if this process has opened the lake."""
    if control.is_open():
        with control.session() as held:
            _forget_landings(held.raw)


def _forget_landings(raw: "psycopg.Connection[object]") -> None:
    # Not TRUNCATE, which would wait for a transaction that has only read.
    for statement in _LANDED:
        raw.execute(statement)
