"""One DuckDB instance of each kind per process: the writer's and the readers'.

The readers' instance is attached READ_ONLY under a role of the database that sees the schema of
the lake's catalogue and nothing else, so that no SQL in it can reach Django's tables.
"""

import hashlib
import hmac
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connections
from psycopg.conninfo import make_conninfo

from haidang.data.warehouse.engine import extensions, store

if TYPE_CHECKING:
    import duckdb

SCHEMA = "lake"
_PARTS = ("dbname", "user", "password", "host", "port")
_lock = threading.RLock()
_instances: dict[tuple[str, int, str], "Instance"] = {}
_cursors = threading.BoundedSemaphore(settings.LAKE_CURSORS)


def database_parts() -> dict[str, str]:
    """Return where Django's database is now, as libpq's words."""
    wrapper = connections["default"]
    parameters: dict[str, Any] = dict(wrapper.get_connection_params())
    return {part: str(parameters[part]) for part in _PARTS if parameters.get(part)}


def reader_role() -> str:
    """Return the role of readers; roles belong to the whole server, so it bears our database."""
    return f"{database_parts()['dbname'][:48]}_lake_reader"


def reader_password() -> str:
    """Return the readers' generated password: every process derives the same one."""
    secret = settings.SECRET_KEY.encode()
    return hmac.new(secret, reader_role().encode(), hashlib.sha256).hexdigest()


class Instance:
    """One DuckDB instance with the lake attached as `lake`."""

    def __init__(self, parts: dict[str, str], *, read_only: bool) -> None:
        self.read_only = read_only
        self.root = _open(read_only)
        try:
            self._attach(make_conninfo(**parts))
        except Exception:
            self.root.close()
            raise

    def _attach(self, conninfo: str) -> None:
        target = f"ducklake:postgres:{conninfo}".replace("'", "''")
        folder = store.here().address.replace("'", "''")
        options = f"DATA_PATH '{folder}/', METADATA_SCHEMA '{SCHEMA}', DATA_INLINING_ROW_LIMIT 0"
        # The catalogue names files from the lake's folder, and keeps where that was when it was
        # made: a moved or restored data folder is where the settings say.
        options += ", OVERRIDE_DATA_PATH true"
        if self.read_only:
            options += ", READ_ONLY, CREATE_IF_NOT_EXISTS false"
        self.root.execute(f"ATTACH '{target}' AS lake ({options})")
        if self.read_only:
            self.root.execute(f"SET allowed_directories = ['{folder}/']")
            # A name that no table bears must not become a variable of ours.
            self.root.execute("SET python_enable_replacements = false")
            self.root.execute("SET enable_external_access = false")
            self.root.execute("SET lock_configuration = true")

    def cursor(self) -> "duckdb.DuckDBPyConnection":
        return self.root.cursor()

    def close(self) -> None:
        self.root.close()


def _open(read_only: bool) -> "duckdb.DuckDBPyConnection":
    import duckdb

    folder = Path(settings.DATA_DIR) / "tmp" / "duckdb"
    folder.mkdir(parents=True, exist_ok=True)
    root = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "extension_directory": str(folder / "extensions"),
            "temp_directory": str(folder / f"spill-{os.getpid()}"),
            "memory_limit": f"{settings.LAKE_MEMORY_MB}MiB",
            "threads": str(settings.LAKE_THREADS),
            "preserve_insertion_order": "true",
            # Has the engine's allocator give back what nobody has used for a while.
            "allocator_background_threads": "true",
        },
    )
    extensions.load(root)
    store.here().reach(root, read_only=read_only)
    root.execute("SET GLOBAL TimeZone = 'UTC'")
    return root


def writer() -> Instance:
    """Return this process's writing instance; only the door may use it."""
    return _instance("writer", database_parts())


def reader() -> Instance:
    """Return this process's reading instance; make the lake and its role first if need be."""
    parts = database_parts() | {"user": reader_role(), "password": reader_password()}
    return _instance("reader", parts)


def _instance(kind: str, parts: dict[str, str]) -> Instance:
    key = (kind, os.getpid(), make_conninfo(**parts))
    found = _instances.get(key)
    if found is not None:
        return found
    with _lock:
        if key not in _instances:
            _instances[key] = Instance(parts, read_only=kind == "reader")
        return _instances[key]


@contextmanager
def parsing() -> Iterator["duckdb.DuckDBPyConnection"]:
    """Lend a connection that holds nothing, to ask the engine how it reads a statement."""
    cursor = _parser(os.getpid()).cursor()
    try:
        yield cursor
    finally:
        cursor.close()


@lru_cache(maxsize=1)
def _parser(process: int) -> "duckdb.DuckDBPyConnection":
    import duckdb

    return duckdb.connect(
        ":memory:",
        config={
            "enable_external_access": "false",
            "autoload_known_extensions": "false",
            "memory_limit": "256MiB",
            "threads": "1",
        },
    )


@contextmanager
def reading() -> Iterator["duckdb.DuckDBPyConnection"]:
    """Lend one of the process's few cursors; fetch rows before leaving.

    Raises LakeUnavailableError where the store of the files does not answer.
    """
    with _cursors, store.translated():
        cursor = reader().cursor()
        try:
            yield cursor
        finally:
            cursor.close()


def is_lost(error: Exception) -> bool:
    """Tell whether an error of the engine says that the database has gone."""
    words = ("connection", "terminating", "server closed", "connect to server")
    return any(word in str(error).lower() for word in words)


def close() -> None:
    """Close every instance of this process; the next use opens a new one."""
    with _lock:
        for instance in _instances.values():
            instance.close()
        _instances.clear()


def is_open() -> bool:
    return bool(_instances)
