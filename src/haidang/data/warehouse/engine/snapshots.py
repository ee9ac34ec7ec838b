"""The files of some tables at one moment of the lake, for engines other than its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from haidang.data.warehouse import errors, rules
from haidang.data.warehouse.engine import control, instances

if TYPE_CHECKING:
    import duckdb

_INLINED = (
    "SELECT count(*) FROM lake.ducklake_inlined_data_tables i JOIN lake.ducklake_table t"
    " ON t.table_id = i.table_id AND t.end_snapshot IS NULL WHERE t.table_name = ANY(%s)"
)


@dataclass(frozen=True)
class TableFiles:
    """A table of the lake: its Parquet files, and those that name deleted rows of them."""

    name: str
    data: tuple[str, ...]
    deletes: tuple[str, ...]


def tables(names: Iterable[str]) -> list[TableFiles]:
    """Return the files of tables, all of one snapshot. Raises LakeUnavailableError.

    They stay on the disk while `still.files_kept` holds.
    """
    wanted = sorted(set(names))
    control.prepare()
    _require_files_alone(wanted)
    with instances.reading() as cursor:
        cursor.execute("BEGIN")
        try:
            return [_files(cursor, name) for name in wanted]
        finally:
            cursor.execute("ROLLBACK")


def _files(cursor: "duckdb.DuckDBPyConnection", name: str) -> TableFiles:
    rows = cursor.execute(
        "SELECT data_file, delete_file FROM ducklake_list_files('lake', ?) ORDER BY 1", [name]
    ).fetchall()
    return TableFiles(name, tuple(row[0] for row in rows), tuple(row[1] for row in rows if row[1]))


def _require_files_alone(names: list[str]) -> None:
    """Refuse tables with rows in the catalogue itself: the lake is attached so that none get in."""
    with control.session() as held:
        row = held.raw.execute(_INLINED, [names]).fetchone()
    if row and row[0]:
        raise errors.LakeUnavailableError(
            "Kho có dòng nằm trong danh mục, không nằm trong tệp; chỉ máy DuckDB đọc được."
        )


def physical(path: str) -> dict[str, str]:
    """Return the columns that a file holds as Spark's types; those of other types are left out."""
    import pyarrow.parquet as pq

    found = {one.name: _TYPES.get(str(one.type)) for one in pq.read_schema(path)}
    return {name: kind for name, kind in found.items() if kind is not None}


_TYPES = {
    "string": "string",
    "int64": "bigint",
    "int32": "int",
    "double": "double",
    "bool": "boolean",
    "date32[day]": "date",
    "timestamp[us, tz=UTC]": "timestamp",
}
# What a column of a contract is to Spark.
OF_CONTRACT = {
    kind: {"VARCHAR": "string", "TIMESTAMP WITH TIME ZONE": "timestamp"}.get(lake, lake.lower())
    for kind, lake in rules.LAKE_TYPES.items()
} | {"integer": "bigint", "year": "int"}
