"""Keeping the lake's files few and its folders clean, through the same lock as every commit.

DuckDB writes the merged files and does not sync them, so that they are synced here, inside the
transaction that names them.
"""

from datetime import datetime, timedelta
from pathlib import Path

from haidang.data.warehouse import rules
from haidang.data.warehouse.engine import control, door, files, instances

SMALL = 1 << 20  # bytes; smaller files are merged every few minutes
LARGE = 1 << 26  # bytes; files below are merged at night
_AT_ONCE = 500


def compact(dataset: str, *, below: int = SMALL) -> int:
    """Merge a dataset's files smaller than `below` bytes; return how many went into others."""
    with control.session() as held:
        info = held.table(dataset)
        return sum(
            _compact(held, table, below) for table in (info.table, info.revisions, info.repeats)
        )


def _compact(held: control.Control, table: str, below: int) -> int:
    folder = instances.lake_folder() / "main" / table
    if not folder.is_dir():
        return 0
    with held.lake_locked():
        before = _files(folder)
        with door.transaction() as cursor:
            merged = cursor.execute(
                "CALL ducklake_merge_adjacent_files('lake', ?, max_file_size => ?,"
                " max_compacted_files => ?)",
                [table, below, _AT_ONCE],
            ).fetchall()
            _sync(_files(folder) - before)
    return sum(int(row[2]) for row in merged)


def _files(folder: Path) -> set[Path]:
    return set(folder.rglob("*.parquet"))


def _sync(fresh: set[Path]) -> None:
    for path in fresh:
        files.sync_file(path)
    for folder in {path.parent for path in fresh}:
        files.sync_folder(folder)


def crowded(at_least: int = 16) -> list[str]:
    """Return the tables' datasets that have many small files."""
    with control.session() as held:
        rows = held.raw.execute(
            "SELECT t.table_name FROM lake.ducklake_data_file f"
            " JOIN lake.ducklake_table t ON t.table_id = f.table_id AND t.end_snapshot IS NULL"
            " WHERE f.end_snapshot IS NULL AND f.file_size_bytes < %s"
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
