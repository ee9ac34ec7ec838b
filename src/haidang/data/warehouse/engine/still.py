"""The lake at one moment: what a backup must keep together."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from haidang.data.warehouse.engine import control, instances, store

_NAMED = (
    "SELECT s.path || t.path || f.path, f.file_size_bytes"
    " FROM lake.ducklake_data_file f"
    " JOIN lake.ducklake_table t ON t.table_id = f.table_id AND t.end_snapshot IS NULL"
    " JOIN lake.ducklake_schema s ON s.schema_id = t.schema_id AND s.end_snapshot IS NULL"
    " WHERE f.end_snapshot IS NULL ORDER BY 1"
)


@dataclass(frozen=True)
class NamedFile:
    """A file that the catalogue names: its path inside the lake's folder and its bytes."""

    path: str
    size: int


@contextmanager
def still() -> Iterator[None]:
    """Let nothing land while this lasts; keep it as short as a copy of the journal."""
    with control.session() as held, held.lake_locked():
        yield


@contextmanager
def files_kept() -> Iterator[None]:
    """Let no removal delete files meanwhile: a backup copies what an older snapshot names."""
    with psycopg.connect(make_conninfo(**instances.database_parts()), autocommit=True) as raw:
        raw.execute("SELECT pg_advisory_lock_shared(%s, 1)", [control.KEPT])
        yield


def named_files(raw: "psycopg.Connection[Any]") -> list[NamedFile]:
    """Return the files of the lake as the transaction of `raw` sees the catalogue."""
    return [NamedFile(path, size) for path, size in raw.execute(_NAMED).fetchall()]


def fetch(named: NamedFile, target: Path) -> None:
    """Copy a file of the lake to this machine. Raises OSError, LakeUnavailableError."""
    store.here().fetch(named.path, target)


def bring(name: str, source: Path) -> None:
    """Copy a file of this machine into the lake's store. Raises OSError, LakeUnavailableError."""
    store.here().bring(name, source)


def is_unused() -> bool:
    """Tell whether the lake's store holds nothing yet. Raises LakeUnavailableError."""
    store.here().make()
    return not store.here().has("main")
