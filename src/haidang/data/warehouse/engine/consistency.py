"""What the lake says of itself, compared with its files and its landings."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from haidang.data.warehouse import rules
from haidang.data.warehouse.engine import control, last, purging, reading, store
from haidang.data.warehouse.engine.rollups import keeping

_NAMED = """
SELECT s.path || t.path || f.path FROM (
    SELECT table_id, path FROM lake.ducklake_data_file
    UNION ALL SELECT table_id, path FROM lake.ducklake_delete_file) f
JOIN lake.ducklake_table t ON t.table_id = f.table_id
JOIN lake.ducklake_schema s ON s.schema_id = t.schema_id
UNION SELECT path FROM lake.ducklake_files_scheduled_for_deletion
"""


def faults() -> list[str]:
    """Return what does not agree, as sentences; empty when all is well."""
    found = [purging.VERSIONS] if store.here().keeps_deleted() else []
    with control.session() as held:
        datasets = held.raw.execute("SELECT dataset FROM warehouse_laketable ORDER BY 1").fetchall()
        for (dataset,) in datasets:
            info = held.table(dataset)
            tables = info.folders if keeping.has_table(held, info) else info.tables
            of_files = [fault for table in tables for fault in _file_faults(table)]
            found += of_files or [*_row_faults(held, info), *keeping.faults(held, info)]
            if info.kind == "readings" and not of_files:
                found += last.faults(held, info)
        return found + _foreign(held)


def _file_faults(table: str) -> list[str]:
    listed = reading.fetch(
        "SELECT data_file, data_file_size_bytes FROM ducklake_list_files('lake', ?)", [table]
    )
    kept = store.here().files(store.folder_of(table))
    found = []
    for name, size in ((store.name_of(address), size) for address, size in listed.rows):
        if name not in kept:
            found.append(f"Thiếu tệp {name}.")
        elif kept[name].size != size:
            found.append(f"Tệp {name} sai kích thước.")
    return found


def _foreign(held: control.Control) -> list[str]:
    """Look for files that nothing names though tidying has had two turns to delete them."""
    named = {row[0] for row in held.raw.execute(_NAMED).fetchall()}
    before = timezone.now() - 2 * timedelta(hours=settings.LAKE_KEEP_HOURS)
    kept = store.here().files("main")
    strange = sorted(name for name in kept.keys() - named if kept[name].changed < before)
    if not strange:
        return []
    return [f"{len(strange)} tệp không thuộc bảng nào của kho (ví dụ {strange[0]})."]


def _row_faults(held: control.Control, info: rules.TableInfo) -> list[str]:
    """Every accepted row that no law removed is in the base table or in revisions, counted once.

    Batches land while the rows are counted, so the count lies between two readings of landings.
    """
    before = _accepted(held, info.dataset)
    counted = _counted(info)
    # A late batch may turn a remembered repeat into a kept row, which was counted as duplicate.
    if counted < before or (not info.repeated and counted > _accepted(held, info.dataset)):
        return [f"Bảng {info.dataset}: đã nhận {before} dòng nhưng kho có {counted}."]
    return []


def _accepted(held: control.Control, dataset: str) -> int:
    row = held.raw.execute(
        "SELECT coalesce(sum(accepted), 0) - (SELECT erased FROM warehouse_laketable"
        " WHERE dataset = %s) FROM warehouse_landed WHERE dataset = %s",
        [dataset, dataset],
    ).fetchone()
    return int(row[0]) if row else 0


def _counted(info: rules.TableInfo) -> int:
    counted: int = reading.fetch(
        f"SELECT count(*) FROM (SELECT _batch, _row FROM lake.{rules.quoted(info.table)}"
        f" UNION SELECT _batch, _row FROM lake.{rules.quoted(info.revisions)})"
    ).rows[0][0]
    return counted
