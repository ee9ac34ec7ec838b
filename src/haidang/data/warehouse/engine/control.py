"""Our own connection to the database beside DuckLake's: locks, the register of tables.

Never Django's connection: what the door decides must not wait for a caller's transaction.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb

from haidang.data.warehouse import errors, rules
from haidang.data.warehouse.engine import instances, statements, store

# Classes of advisory locks: the lake's own, a table's hash, files that a backup copies.
_DOOR, _TABLES, KEPT = 0x68D1, 0x68D2, 0x68D3
_ready: set[str] = set()
_kept: dict[tuple[int, str], "psycopg.Connection[Any]"] = {}
_preparing = threading.Lock()
_turn = threading.RLock()


@contextmanager
def session() -> Iterator["Control"]:
    """Give one thread of the process its turn at the door; leaving releases every lock."""
    with _turn:
        prepare()
        raw = _connection()
        try:
            yield Control(raw)
        finally:
            if not raw.closed:
                raw.execute("SELECT pg_advisory_unlock_all()")


def _connection() -> "psycopg.Connection[Any]":
    conninfo = make_conninfo(**instances.database_parts())
    kept = _kept.get((os.getpid(), conninfo))
    if kept is None or kept.closed or kept.broken:
        kept = psycopg.connect(conninfo, autocommit=True)
        _kept[os.getpid(), conninfo] = kept
    return kept


def close() -> None:
    """Close the process's own connection, and forget that the lake is prepared."""
    with _turn:
        for raw in _kept.values():
            raw.close()
        _kept.clear()
        _ready.clear()


class Control:
    """The database as the door sees it."""

    def __init__(self, raw: "psycopg.Connection[Any]") -> None:
        self.raw = raw

    def lock_tables(self, datasets: list[str]) -> None:
        """Wait until no other process compares rows with these tables."""
        for dataset in sorted(datasets):
            self.raw.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", [_TABLES, dataset])

    @contextmanager
    def lake_locked(self) -> Iterator[None]:
        """Hold the one lock under which the lake is committed."""
        self.raw.execute("SELECT pg_advisory_lock(%s, 0)", [_DOOR])
        try:
            yield
        finally:
            if not self.raw.closed:
                self.raw.execute("SELECT pg_advisory_unlock(%s, 0)", [_DOOR])

    def table(self, dataset: str) -> rules.TableInfo:
        """Return a table as registered. Raises UnknownTableError."""
        row = self.raw.execute(
            "SELECT dataset, kind, columns, key, unit_field, time_field, sector, owner_unit_id,"
            " commits, revised, repeated FROM warehouse_laketable WHERE dataset = %s",
            [dataset],
        ).fetchone()
        if row is None:
            raise errors.UnknownTableError(dataset=dataset)
        columns = tuple((name, type_) for name, type_ in row[2])
        return rules.TableInfo(row[0], row[1], columns, tuple(row[3]), *row[4:])

    def register(self, info: rules.TableInfo) -> None:
        """Write what `table` will return."""
        self.raw.execute(
            "INSERT INTO warehouse_laketable (dataset, kind, columns, key, unit_field, time_field,"
            " sector, owner_unit_id, commits, accepted, revised, repeated, erased,"
            " refreshed_snapshot) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 0, 0, 0, 0, 0, 0)"
            " ON CONFLICT (dataset) DO UPDATE SET columns = excluded.columns,"
            " unit_field = excluded.unit_field, time_field = excluded.time_field,"
            " sector = excluded.sector, owner_unit_id = excluded.owner_unit_id",
            [info.dataset, info.kind, Jsonb([list(pair) for pair in info.columns]),
             Jsonb(list(info.key)), info.unit_field, info.time_field, info.sector,
             info.owner_unit_id],
        )  # fmt: skip

    def landed(self, batches: list[int]) -> dict[int, rules.Landed]:
        """Return what became of those batches that have landed."""
        rows = self.raw.execute(
            "SELECT batch, dataset, source, accepted, duplicate, revised, landed_at, counts"
            " FROM warehouse_landed WHERE batch = ANY(%s)",
            [batches],
        )
        return {row[0]: rules.Landed(*row) for row in rows}

    def landed_since_refresh(self, dataset: str) -> tuple[list[int], int]:
        """Return the batches whose last readings are not known yet, and their last snapshot."""
        rows = self.raw.execute(
            "SELECT b.batch, b.snapshot FROM warehouse_landed b"
            " JOIN warehouse_laketable t ON t.dataset = b.dataset"
            " WHERE b.dataset = %s AND b.snapshot > t.refreshed_snapshot",
            [dataset],
        ).fetchall()
        return [row[0] for row in rows], max((row[1] for row in rows), default=0)

    def landed_any(self, batches: list[int]) -> bool:
        """Tell whether any has landed; also when the database does not answer."""
        try:
            return bool(self.landed(batches))
        except psycopg.Error:
            return True

    def land_without_files(self, note: dict[str, Any]) -> None:
        """Land batches that leave nothing in the lake (every row waits or repeats itself)."""
        self.raw.execute("SELECT public.warehouse_land(%s, NULL)", [Jsonb(note)])


def is_open() -> bool:
    return bool(_kept)


def prepare() -> None:
    """Make the lake's catalogue, its trigger and its readers' role, once per process."""
    conninfo = make_conninfo(**instances.database_parts())
    if conninfo in _ready:
        return
    with _preparing, psycopg.connect(conninfo, autocommit=True) as raw:
        raw.execute("SELECT pg_advisory_lock(%s, 1)", [_DOOR])
        raw.execute(statements.named("land"))
        if not _is_prepared(raw):
            store.here().make()
            instances.writer()
            raw.execute(statements.named("trigger"))
            _grant(raw)
        _ready.add(conninfo)


def _is_prepared(raw: "psycopg.Connection[Any]") -> bool:
    found = raw.execute("SELECT to_regclass('lake.ducklake_snapshot_changes')").fetchone()
    if not found or found[0] is None:
        return False
    triggers = raw.execute(
        "SELECT count(*) FROM pg_trigger WHERE tgname IN ('warehouse_land', 'warehouse_erase')"
        " AND tgrelid = 'lake.ducklake_snapshot_changes'::regclass"
    ).fetchone()
    return triggers == (2,) and _reader_enters()


def _reader_enters() -> bool:
    parts = instances.database_parts() | {
        "user": instances.reader_role(),
        "password": instances.reader_password(),
    }
    try:
        with psycopg.connect(make_conninfo(**parts), autocommit=True) as raw:
            raw.execute("SELECT 1 FROM lake.ducklake_snapshot LIMIT 1")
    except psycopg.Error:
        return False
    return True


def _grant(raw: "psycopg.Connection[Any]") -> None:
    role = sql.Identifier(instances.reader_role())
    known = raw.execute(
        "SELECT 1 FROM pg_roles WHERE rolname = %s", [instances.reader_role()]
    ).fetchone()
    verb = sql.SQL("ALTER" if known else "CREATE")
    raw.execute(
        sql.SQL("{} ROLE {} LOGIN PASSWORD {} NOSUPERUSER NOCREATEDB NOCREATEROLE").format(
            verb, role, sql.Literal(instances.reader_password())
        )
    )
    raw.execute(sql.SQL(statements.named("role")).format(role=role))
