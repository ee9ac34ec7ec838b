"""Making the roll-ups of large files, and dropping those of files that went.

One file at a time: read beside everything else, then written and named under the table's lock in a
snapshot of its own. A crash leaves nothing that the next round does not make again.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from haidang.data.warehouse import rules
from haidang.data.warehouse.engine import control, door, files, reading
from haidang.data.warehouse.engine.rollups.listing import File, Listing, is_served, listing

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

AUTHOR = "haidang.rollups"
LEAST = 50_000  # rows; smaller files are quick to read and soon merged
_WORTH = 4  # rows for each cell at least, else rows are as quick to read
_AT_ONCE = 20  # files of a table in one round, so that other work has its turn
_COLUMNS = {
    "device": "VARCHAR", "metric": "VARCHAR", "status": "VARCHAR", "unit": "VARCHAR",
    "time": "TIMESTAMP WITH TIME ZONE",
    "readings": "BIGINT", "counted": "BIGINT", "total": "DOUBLE", "low": "DOUBLE", "high": "DOUBLE",
}  # fmt: skip
_CELLS = (
    "SELECT device, metric, status, unit, time_bucket(INTERVAL 1 hour, time) AS time,"
    " count(*) AS readings, count(value) AS counted, sum(value) AS total,"
    " min(value) AS low, max(value) AS high"
    " FROM {table} WHERE parse_filename(filename) = ? GROUP BY ALL ORDER BY device, metric, time"
)
# Files that gain too little; a new process finds that out again.
_not_worth: set[str] = set()


def keep(dataset: str, *, least: int | None = None) -> int:
    """Roll up a dataset's files of at least `least` rows (LEAST); return how many. Again: none.

    Raises UnknownTableError.
    """
    with control.session() as held:
        info = held.table(dataset)
        if not is_served(info):
            return 0
        now = _listed(held, info)
        if now.orphans:
            _drop_orphans(held, info)
    return sum(
        _roll_up(info, one) for one in _waiting(now, LEAST if least is None else least)[:_AT_ONCE]
    )


def _waiting(now: Listing, least: int) -> list[File]:
    """Return the large files without a roll-up, newest first: they are asked about most."""
    names = now.files.keys() - now.rollups.keys() - _not_worth
    large = [now.files[name] for name in names if now.files[name].rows >= least]
    return sorted(large, key=lambda one: (str(one.last), one.name), reverse=True)


def _roll_up(info: rules.TableInfo, file: File) -> bool:
    query = _CELLS.format(table=f"lake.{rules.quoted(info.table)}")
    cells = reading.fetch_arrow(query, [file.name])
    if cells.num_rows * _WORTH > file.rows:
        _not_worth.add(file.name)
        return False
    with control.session() as held:
        # No removal may come between: it drops the roll-ups of what it took away.
        held.lock_tables([info.dataset])
        now = _listed(held, info)
        if file.name not in now.files or file.name in now.rollups:
            return False
        _name(held, info, cells, file.name)
    return True


def _name(held: control.Control, info: rules.TableInfo, cells: "pa.Table", name: str) -> None:
    written = files.write(info.hours, cells, name=name)
    with held.lake_locked():
        _make_table(held, info)
        with _transaction("a file rolled up") as cursor:
            cursor.execute(
                "CALL ducklake_add_data_files('lake', ?, ?)", [info.hours, written.address]
            )


def _make_table(held: control.Control, info: rules.TableInfo) -> None:
    if has_table(held, info):
        return
    columns = ", ".join(f"{rules.quoted(name)} {kind}" for name, kind in _COLUMNS.items())
    with _transaction("roll-ups") as cursor:
        cursor.execute(f"CREATE TABLE lake.{rules.quoted(info.hours)} ({columns})")


def has_table(held: control.Control, info: rules.TableInfo) -> bool:
    """Tell whether a table has had any roll-up."""
    found = held.raw.execute(
        "SELECT 1 FROM lake.ducklake_table WHERE table_name = %s AND end_snapshot IS NULL",
        [info.hours],
    )
    return found.fetchone() is not None


def _drop_orphans(held: control.Control, info: rules.TableInfo) -> None:
    with held.lake_locked():
        names = _listed(held, info).orphans
        with _transaction("roll-ups of files that went") as cursor:
            drop(cursor, info, names)


def drop(
    cursor: "duckdb.DuckDBPyConnection", info: rules.TableInfo, names: Collection[str]
) -> None:
    """Drop roll-ups in the caller's transaction of the lake."""
    if names:
        cursor.execute(
            f"DELETE FROM lake.{rules.quoted(info.hours)}"
            " WHERE list_contains(?, parse_filename(filename))",
            [sorted(names)],
        )


def useless(held: control.Control, info: rules.TableInfo, leaving: Collection[str]) -> set[str]:
    """Return the names of roll-ups of files that went or are `leaving`."""
    now = _listed(held, info)
    return now.rollups.keys() - (now.files.keys() - set(leaving))


def faults(held: control.Control, info: rules.TableInfo) -> list[str]:
    """Return where a roll-up does not count the rows of its file, as sentences."""
    if not has_table(held, info):
        return []
    found = reading.fetch(
        "SELECT parse_filename(filename), sum(readings)::BIGINT"
        f" FROM lake.{rules.quoted(info.hours)} GROUP BY 1"
    )
    rows = {one.name: one.rows for one in _listed(held, info).files.values()}
    return [
        f"Bảng {info.dataset}: bản gộp theo giờ của tệp {name} đếm {counted} dòng,"
        f" tệp có {rows[name]}."
        for name, counted in found.rows
        if rows.get(name, counted) != counted
    ]


def _listed(held: control.Control, info: rules.TableInfo) -> Listing:
    with held.raw.cursor() as cursor:
        return listing(cursor, info)


@contextmanager
def _transaction(message: str) -> Iterator["duckdb.DuckDBPyConnection"]:
    with door.transaction() as cursor:
        cursor.execute("CALL lake.set_commit_message(?, ?)", [AUTHOR, message])
        yield cursor
