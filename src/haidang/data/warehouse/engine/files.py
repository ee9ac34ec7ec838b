"""Parquet files of the lake: written whole, then made durable, then named to the catalogue.

DuckDB does not sync what it writes, so that the door writes its files itself.
"""

import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from haidang.data.warehouse import rules
from haidang.data.warehouse.engine import instances

if TYPE_CHECKING:
    import pyarrow as pa

# The least that is read of a file sorted by series: smaller groups cost size, larger ones time.
ROWS_PER_GROUP = 32_768


@dataclass(frozen=True)
class WrittenFile:
    """A durable file that the catalogue does not know yet."""

    table: str
    path: Path
    is_partitioned: bool


def write(table: str, rows: "pa.Table", *, month: str | None = None) -> WrittenFile:
    """Write rows into a table's folder (`month` "2026-11" names the part), synced to disk."""
    import pyarrow.parquet as pq

    folder = instances.lake_folder() / "main" / table
    if month is not None:
        year, number = month.split("-")
        folder = folder / f"year={year}" / f"month={int(number)}"
    make_folder(folder)
    path = folder / f"{uuid.uuid4().hex}.parquet"
    with path.open("wb") as opened:
        pq.write_table(
            rows,
            opened,
            row_group_size=ROWS_PER_GROUP,
            compression="zstd",
            compression_level=1,
            store_schema=False,
        )
        opened.flush()
        os.fsync(opened.fileno())
    sync_folder(folder)
    return WrittenFile(table, path, month is not None)


def make_folder(folder: Path) -> None:
    """Make a folder and its parents, each synced in its own parent."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names inside a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Make a file's bytes durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def discard(written: list[WrittenFile]) -> None:
    """Remove files that no snapshot names."""
    for one in written:
        one.path.unlink(missing_ok=True)


def folder_of(info: rules.TableInfo) -> Path:
    return instances.lake_folder() / "main" / info.table
