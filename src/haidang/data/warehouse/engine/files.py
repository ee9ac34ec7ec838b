"""Parquet files of the lake: written whole, made durable, then named to the catalogue."""

import uuid
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from haidang.data.warehouse import errors
from haidang.data.warehouse.engine import store

if TYPE_CHECKING:
    import pyarrow as pa

# The least that is read of a file sorted by series: smaller groups cost size, larger ones time.
ROWS_PER_GROUP = 32_768


@dataclass(frozen=True)
class WrittenFile:
    """A durable file that the catalogue does not know yet."""

    table: str
    name: str
    is_partitioned: bool

    @property
    def address(self) -> str:
        return store.address(self.name)


def write(table: str, rows: "pa.Table", *, month: str | None = None, name: str = "") -> WrittenFile:
    """Write rows into a table's folder, durably; `month` "2026-11" names the part.

    A file without a `name` of its own gets a new one.
    """
    import pyarrow.parquet as pq

    folder = store.folder_of(table)
    if month is not None:
        year, number = month.split("-")
        folder += f"/year={year}/month={int(number)}"
    name = f"{folder}/{name or f'{uuid.uuid4().hex}.parquet'}"
    with store.here().writing(name) as opened:
        pq.write_table(
            rows,
            opened,
            row_group_size=ROWS_PER_GROUP,
            compression="zstd",
            compression_level=1,
            store_schema=False,
        )
    return WrittenFile(table, name, month is not None)


def discard(written: list[WrittenFile]) -> None:
    """Remove files that no snapshot names."""
    with suppress(errors.LakeUnavailableError):  # tidying finds them
        store.here().delete(one.name for one in written)
