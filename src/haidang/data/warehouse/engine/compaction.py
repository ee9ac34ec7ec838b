"""Keeping the lake's files few and its folders clean, through the same lock as every commit.

Merged files of readings are sorted by series and time as the door's own are, so that a question
about few devices passes over most of them. DuckDB writes the merged files and does not sync them,
so that they are made durable inside the transaction that names them.
"""

from datetime import datetime, timedelta

from haidang.data.warehouse import rules
from haidang.data.warehouse.engine import control, door, files, instances, store

SMALL = 1 << 20  # bytes; smaller files are merged every few minutes
LARGE = 1 << 26  # bytes; files below are merged at night
_AT_ONCE = 500
_LIKE_THE_DOORS = {
    "parquet_compression": "zstd",
    "parquet_compression_level": "1",
    "parquet_row_group_size": str(files.ROWS_PER_GROUP),
}
_IS_SORTED = (
    "SELECT 1 FROM lake.ducklake_sort_info i"
    " JOIN lake.ducklake_table t ON t.table_id = i.table_id AND t.end_snapshot IS NULL"
    " WHERE t.table_name = %s AND i.end_snapshot IS NULL"
)


def compact(dataset: str, *, below: int = SMALL) -> int:
    """Merge a dataset's files smaller than `below` bytes; return how many went into others."""
    with control.session() as held:
        info = held.table(dataset)
        if info.is_partitioned:
            _keep_sorted(held, info)
        return sum(_compact(held, table, below) for table in info.tables)


def _compact(held: control.Control, table: str, below: int) -> int:
    folder = store.folder_of(table)
    if not store.here().has(folder):
        return 0
    with held.lake_locked(), door.transaction() as cursor, store.here().made_durable(folder):
        merged = cursor.execute(
            "CALL ducklake_merge_adjacent_files('lake', ?, max_file_size => ?,"
            " max_compacted_files => ?)",
            [table, below, _AT_ONCE],
        ).fetchall()
    return sum(int(row[2]) for row in merged)


def _keep_sorted(held: control.Control, info: rules.TableInfo) -> None:
    """Have the engine sort what it merges; noted in the catalogue once and for all."""
    if held.raw.execute(_IS_SORTED, [info.table]).fetchone():
        return
    series = [name for name in info.key if name != info.time_field]
    order = rules.listed([*series, str(info.time_field)])
    with held.lake_locked(), door.transaction() as cursor:
        cursor.execute(f"ALTER TABLE lake.{rules.quoted(info.table)} SET SORTED BY ({order})")
        for option, value in _LIKE_THE_DOORS.items():
            cursor.execute(
                f"CALL lake.set_option('{option}', '{value}', table_name => ?)", [info.table]
            )


def crowded(at_least: int = 16) -> list[str]:
    """Return the tables' datasets that have many small files."""
    with control.session() as held:
        rows = held.raw.execute(
            "SELECT t.table_name FROM lake.ducklake_data_file f"
            " JOIN lake.ducklake_table t ON t.table_id = f.table_id AND t.end_snapshot IS NULL"
            " WHERE f.end_snapshot IS NULL AND f.file_size_bytes < %s"
            r" AND t.table_name NOT LIKE '%%\_\_hours'"  # each belongs to one file
            " GROUP BY 1 HAVING count(*) >= %s",
            [SMALL, at_least],
        ).fetchall()
        known = held.raw.execute("SELECT dataset FROM warehouse_laketable").fetchall()
    names = {row[0].split("__")[0] for row in rows}
    return sorted(code for (code,) in known if rules.table_name(code) in names)


def tidy(now: datetime, keep: timedelta) -> None:
    """Forget snapshots older than `keep`, and remove files that nothing names since as long."""
    older = now - keep
    with control.session() as held, held.lake_locked():
        for step in ("expire_snapshots", "cleanup_old_files", "delete_orphaned_files"):
            cursor = instances.writer().cursor()
            try:
                cursor.execute(f"CALL ducklake_{step}('lake', older_than => ?)", [older])
            finally:
                cursor.close()
