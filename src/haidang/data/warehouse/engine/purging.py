"""What remains of removed rows once no snapshot names them: old snapshots, files, statistics."""

from contextlib import suppress

from haidang.data.warehouse import errors, rules
from haidang.data.warehouse.engine import control, instances, store

VERSIONS = (
    "Bucket của kho giữ phiên bản cũ của tệp nên dữ liệu đã xóa vẫn đọc được: chuyển kho sang"
    " bucket không giữ phiên bản; hồ sơ xóa chờ đến lúc đó."
)


def purge(held: control.Control, info: rules.TableInfo) -> None:
    """Forget every older snapshot, its statistics too, and delete what nothing names.

    Waits for a backup at work, which copies files of an older snapshot.
    """
    import duckdb

    held.raw.execute("SELECT pg_advisory_lock(%s, 1)", [control.KEPT])
    try:
        for step in ("expire_snapshots", "cleanup_old_files"):
            wanted = "older_than => now()" if step == "expire_snapshots" else "cleanup_all => true"
            cursor = instances.writer().cursor()
            try:
                # A file that a crash deleted before its name went is not there any more.
                with suppress(duckdb.IOException):
                    cursor.execute(f"CALL ducklake_{step}('lake', {wanted})")
            finally:
                cursor.close()
        _sweep(held, info)
        if store.here().keeps_deleted():
            raise errors.LakeUnavailableError(VERSIONS)
        _narrow(held, info)
    finally:
        held.raw.execute("SELECT pg_advisory_unlock(%s, 1)", [control.KEPT])


def _sweep(held: control.Control, info: rules.TableInfo) -> None:
    """Delete the files of a table that its catalogue does not name: nobody else writes now."""
    known = named(held, info)
    for table in info.folders:
        folder = store.folder_of(table)
        stray = [name for name in store.here().files(folder) if name not in known]
        if not stray:
            continue
        store.here().delete(stray)
        if set(stray) & set(store.here().files(folder)):
            raise errors.LakeUnavailableError("Tệp cũ của kho chưa xóa được; hệ thống sẽ thử lại.")


def named(held: control.Control, info: rules.TableInfo) -> set[str]:
    """Return the names of a table's files that its catalogue names, at whatever snapshot."""
    rows = held.raw.execute(
        "SELECT s.path || t.path || f.path FROM ("
        " SELECT table_id, path FROM lake.ducklake_data_file UNION ALL"
        " SELECT table_id, path FROM lake.ducklake_delete_file) f"
        " JOIN lake.ducklake_table t ON t.table_id = f.table_id AND t.end_snapshot IS NULL"
        " JOIN lake.ducklake_schema s ON s.schema_id = t.schema_id AND s.end_snapshot IS NULL"
        " WHERE t.table_name = ANY(%s)",
        [list(info.folders)],
    ).fetchall()
    return {row[0] for row in rows}


def _narrow(held: control.Control, info: rules.TableInfo) -> None:
    """Set the least and greatest text of each column to what the files that are left hold.

    The catalogue only ever widens them, so that a removed name would stand there for good.
    """
    held.raw.execute(
        """
        UPDATE lake.ducklake_table_column_stats AS whole
        SET min_value = own.low, max_value = own.high
        FROM (
            SELECT s.table_id, s.column_id, min(s.min_value COLLATE "C") AS low,
                max(s.max_value COLLATE "C") AS high
            FROM lake.ducklake_file_column_stats s
            JOIN lake.ducklake_data_file f
                ON f.data_file_id = s.data_file_id AND f.end_snapshot IS NULL
            GROUP BY s.table_id, s.column_id
        ) AS own, lake.ducklake_table AS t, lake.ducklake_column AS c
        WHERE own.table_id = whole.table_id AND own.column_id = whole.column_id
            AND t.table_id = whole.table_id AND t.table_name = ANY(%s)
            AND c.table_id = whole.table_id AND c.column_id = whole.column_id
            AND lower(c.column_type) = 'varchar' AND c.end_snapshot IS NULL
        """,
        [list(info.folders)],
    )
    held.raw.execute(
        """
        DELETE FROM lake.ducklake_table_column_stats AS whole USING lake.ducklake_table AS t
        WHERE t.table_id = whole.table_id AND t.table_name = ANY(%s) AND NOT EXISTS (
            SELECT 1 FROM lake.ducklake_data_file f
            WHERE f.table_id = whole.table_id AND f.end_snapshot IS NULL)
        """,
        [list(info.folders)],
    )
