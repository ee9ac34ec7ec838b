"""What the catalogue names at one snapshot: the files of a table of readings, with their bounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from haidang.data.warehouse import rules

_DAY = 86_400_000_000
# Windows from the newest reading back, tried from the longest.
_WINDOWS = tuple(int(days * _DAY) for days in (62, 31, 14, 7, 4, 2, 1, 1 / 2, 1 / 4, 1 / 8, 1 / 24))
ALL = -(1 << 62)
NOTHING = 1 << 62

_FILES = """
SELECT f.data_file_id, s.path || t.path || f.path, f.record_count,
    extract(epoch FROM c.min_value::timestamptz) * 1000000,
    extract(epoch FROM c.max_value::timestamptz) * 1000000
FROM lake.ducklake_data_file f
JOIN lake.ducklake_table t ON t.table_id = f.table_id AND t.end_snapshot IS NULL
JOIN lake.ducklake_schema s ON s.schema_id = t.schema_id AND s.end_snapshot IS NULL
LEFT JOIN lake.ducklake_column n
    ON n.table_id = t.table_id AND n.column_name = %s AND n.end_snapshot IS NULL
LEFT JOIN lake.ducklake_file_column_stats c
    ON c.data_file_id = f.data_file_id AND c.table_id = t.table_id AND c.column_id = n.column_id
WHERE t.table_name = %s AND f.end_snapshot IS NULL AND f.path_is_relative
ORDER BY f.begin_snapshot, f.data_file_id
"""
_DELETED = """
SELECT count(*) FROM lake.ducklake_delete_file d
JOIN lake.ducklake_table t ON t.table_id = d.table_id AND t.end_snapshot IS NULL
WHERE t.table_name = ANY(%s) AND d.end_snapshot IS NULL
"""


@dataclass(frozen=True)
class File:
    """A file of the lake: its rows, and the moments (µs) of its first and last."""

    id: int
    name: str
    rows: int
    first: int
    last: int


@dataclass(frozen=True)
class Listing:
    """A table at one snapshot: its files, those of its revisions, and whether rows are deleted."""

    snapshot: int
    base: tuple[File, ...]
    revisions: tuple[File, ...]
    has_deletes: bool


def newest_snapshot(cursor: Any) -> int:
    """Return the number of the lake's newest snapshot."""
    cursor.execute("SELECT max(snapshot_id) FROM lake.ducklake_snapshot")
    return int(cursor.fetchone()[0] or 0)


def listing(cursor: Any, info: rules.TableInfo) -> Listing:
    """Return what the catalogue names now. The transaction must see one moment of it."""
    snapshot = newest_snapshot(cursor)
    base, revisions = (_files(cursor, info, name) for name in (info.table, info.revisions))
    cursor.execute(_DELETED, [list(info.tables)])
    return Listing(snapshot, base, revisions, bool(cursor.fetchone()[0]))


def _files(cursor: Any, info: rules.TableInfo, table: str) -> tuple[File, ...]:
    cursor.execute(_FILES, [info.time_field, table])
    return tuple(
        File(id, name, rows, _bound(first, ALL), _bound(last, NOTHING))
        for id, name, rows, first, last in cursor.fetchall()
    )


def _bound(value: "float | datetime | None", unknown: int) -> int:
    return unknown if value is None else int(value)  # type: ignore[arg-type]


def window(files: Sequence[File], room: int, before: int) -> int:
    """Return the moment from which on all rows of the files fit into a room of rows.

    `before` is the last answer: it stays while it fits, so that blocks need not be made again.
    A new one leaves a quarter of the room free. ALL: everything fits; NOTHING: not even an hour.
    """
    if sum(one.rows for one in files) <= room * (1.0 if before == ALL else 0.75):
        return ALL
    if before not in (ALL, NOTHING) and _rows_since(files, before) <= room:
        return before
    newest = max((one.last for one in files if one.last != NOTHING), default=0)
    for length in _WINDOWS:
        if _rows_since(files, newest - length) <= room * 0.75:
            return newest - length
    return NOTHING


def _rows_since(files: Sequence[File], since: int) -> float:
    """Return about how many rows are not before a moment, as if a file's lay evenly."""
    return sum(one.rows * _part_since(one, since) for one in files)


def _part_since(one: File, since: int) -> float:
    if since <= one.first:
        return 1.0
    if since > one.last:
        return 0.0
    return (one.last - since + 1) / (one.last - one.first + 1)
