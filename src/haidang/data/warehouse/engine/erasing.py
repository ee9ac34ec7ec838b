"""Removing rows so that they are really gone: the files that hold them are written anew.

Under the table's lock and the lake's, as at every commit: the rows that stay are written and
synced; one snapshot drops the old files and names the new ones, and a trigger notes in that same
transaction how many rows of which batch went. Then every older snapshot is forgotten and what
nothing names is deleted. Each step may be repeated; a repeat finds nothing more to do.

A row kept under a batch that goes whole, and brought again by one that stays, stays as that one's.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from haidang.data.warehouse import rules
from haidang.data.warehouse.engine import control, door, files, instances, purging
from haidang.data.warehouse.engine.rollups import keeping, listing

AUTHOR = "haidang.erasing"
_AT_ONCE = 50_000
_ROWS_NAMED = 200
_PART = re.compile(r"/year=(\d+)/month=(\d+)/")


@dataclass(frozen=True)
class Doomed:
    """Rows of a table that go: of batches, where columns match, and whose time is over."""

    groups: tuple[tuple[str, ...], ...] = ()
    batches: frozenset[int] = frozenset()
    matches: Callable[[Sequence[Any]], bool] = field(default=lambda values: False)
    # Keys of which every row's own time is before this moment; those without a time stay.
    before: datetime | None = None


@dataclass(frozen=True)
class Counted:
    """How many rows and files go, of which batches, and under which batches equal rows came."""

    rows: int = 0
    files: int = 0
    kept_for_others: int = 0
    batches: tuple[int, ...] = ()
    # For each group of columns the values that matched.
    values: Mapping[tuple[str, ...], tuple[tuple[Any, ...], ...]] = field(default_factory=dict)


def count(dataset: str, doomed: Doomed) -> Counted:
    """Return what `erase` would take away. Raises UnknownTableError."""
    with control.session() as held, _Work(held.table(dataset), doomed) as work:
        return work.counted()


def erase(dataset: str, doomed: Doomed, removal: str) -> int:
    """Take rows out of a dataset's table and its old files off the disk; return how many rows.

    Raises UnknownTableError, LakeUnavailableError when a file does not go.
    """
    with control.session() as held:
        held.lock_tables([dataset])
        info = held.table(dataset)
        with _Work(info, doomed) as work:
            counted = work.counted()
            if counted.rows or counted.files:
                work.rewrite(held, removal)
        _forget(held, info, doomed)
        with held.lake_locked():
            purging.purge(held, info)
    return counted.rows


class _Work:
    """One look at a table: which rows go, and which are another batch's from now on."""

    def __init__(self, info: rules.TableInfo, doomed: Doomed) -> None:
        self.info, self.doomed = info, doomed
        self.key = rules.listed(info.key)
        self.cursor = instances.writer().cursor()

    def __enter__(self) -> "_Work":
        self.values = {
            group: self._matched(number, group)
            for number, group in enumerate(self.doomed.groups)
            if set(group) <= set(self.info.names)
        }
        batches = ", ".join(map(str, sorted(self.doomed.batches))) or "NULL"
        self.of_batches = f"_batch IN ({batches})"
        if self._cut():
            self._make("over", self._over())
        self._make("matched", self._union(self._matching()))
        self._make("of_batch", self._union(self.of_batches))
        self._make("heirs", self._heirs())
        self._make(
            "gone",
            "FROM matched UNION (FROM of_batch ANTI JOIN heirs ON "
            + self._same("of_batch", "heirs", "_batch", "_row", "_of_batch", "_of_row")
            + ")",
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.cursor.close()

    def counted(self) -> Counted:
        per_batch = self._all("SELECT _batch, count(*) FROM gone GROUP BY 1 ORDER BY 1")
        return Counted(
            rows=sum(row[1] for row in per_batch),
            files=sum(len(self._files(table)) for table in self.info.tables),
            kept_for_others=self._all("SELECT count(*) FROM heirs")[0][0],
            batches=tuple(row[0] for row in self._concerned()),
            values=self.values,
        )

    def rewrite(self, held: control.Control, removal: str) -> None:
        """Replace every file that holds such a row, all in one snapshot."""
        written: list[files.WrittenFile] = []
        try:
            with held.lake_locked():
                old = {table: self._files(table) for table in self.info.tables}
                for table, names in old.items():
                    for name in names:
                        written += self._survivors(table, name)
                leaving = [listing.name_of(name) for name in old[self.info.table]]
                useless = keeping.useless(held, self.info, leaving)
                self._commit(old, written, useless, self._note(removal))
        except BaseException:
            named = purging.named(held, self.info)
            files.discard([one for one in written if one.name not in named])
            raise

    def _commit(
        self,
        old: dict[str, list[str]],
        written: list[files.WrittenFile],
        useless: set[str],
        note: dict[str, Any],
    ) -> None:
        with door.transaction() as cursor:
            cursor.execute(
                "CALL lake.set_commit_message(?, 'rows removed by law', extra_info => ?)",
                [AUTHOR, json.dumps(note)],
            )
            for table, names in old.items():
                if names:
                    cursor.execute(
                        f"DELETE FROM lake.{rules.quoted(table)} WHERE list_contains(?, filename)",
                        [names],
                    )
            keeping.drop(cursor, self.info, useless)
            for one in written:
                cursor.execute(
                    "CALL ducklake_add_data_files('lake', ?, ?, hive_partitioning => ?)",
                    [one.table, one.address, one.is_partitioned],
                )

    def _note(self, removal: str) -> dict[str, Any]:
        found = self._all(
            "SELECT _batch, count(*), list_sort(list(DISTINCT _row))"
            f"[:{_ROWS_NAMED}] FROM gone GROUP BY 1 ORDER BY 1"
        )
        return {
            "removal": removal,
            "dataset": self.info.dataset,
            "batches": [{"batch": one[0], "rows": one[1], "lines": one[2]} for one in found],
        }

    def _matched(self, number: int, group: tuple[str, ...]) -> tuple[tuple[Any, ...], ...]:
        """Make a table of the values of some columns that match; return them."""
        import pyarrow as pa

        names = rules.listed(group)
        asked = " UNION ".join(
            f"SELECT {names} FROM lake.{rules.quoted(table)}"
            for table in (self.info.table, self.info.revisions)
        )
        reader = self.cursor.execute(asked).to_arrow_reader(_AT_ONCE)
        kept = []
        for part in reader:
            rows = list(zip(*(column.to_pylist() for column in part.columns), strict=True))
            places = [place for place, row in enumerate(rows) if self.doomed.matches(row)]
            if places:
                kept.append(part.take(pa.array(places)))
        found = pa.Table.from_batches(kept, reader.schema)
        self.cursor.register(f"values_{number}", found)
        return tuple(zip(*(column.to_pylist() for column in found.columns), strict=True))

    def _matching(self) -> str:
        """Return the condition of rows whose columns match."""
        parts = []
        for number, group in enumerate(self.doomed.groups):
            if self.values.get(group):
                names = ", ".join(map(rules.quoted, group))
                parts.append(f"({names}) IN (SELECT ({names}) FROM values_{number})")
        if self._cut():
            parts.append(f"({self.key}) IN (SELECT ({self.key}) FROM over)")
        return " OR ".join(parts) or "false"

    def _cut(self) -> str | None:
        """Return the written moment in the time column's type; None: nothing is over by time."""
        field, before = self.info.time_field, self.doomed.before
        if field is None or before is None:
            return None
        return rules.cut(dict(self.info.columns)[field], before)

    def _over(self) -> str:
        """Return the keys of which every revision's time is over."""
        time, cut = rules.quoted(str(self.info.time_field)), self._cut()
        over = self._keys_where(f"{time} < {cut}")
        stay = self._keys_where(f"{time} >= {cut} OR {time} IS NULL")
        return f"{over} EXCEPT {stay}"

    def _keys_where(self, condition: str) -> str:
        asked = " UNION ".join(
            f"SELECT {self.key} FROM lake.{rules.quoted(table)} WHERE {condition}"
            for table in (self.info.table, self.info.revisions)
        )
        return f"({asked})"

    def _union(self, condition: str) -> str:
        identity = f"{self.key}, _batch, _row"
        return " UNION ".join(
            f"SELECT {identity} FROM lake.{rules.quoted(table)} WHERE {condition}"
            for table in (self.info.table, self.info.revisions)
        )

    def _heirs(self) -> str:
        """Return rows of batches that go under the first batch that stays and said the same."""
        repeats = f"lake.{rules.quoted(self.info.repeats)}"
        return (
            f"SELECT {self.key}, _of_batch, _of_row, min([_batch, _row]) AS heir"
            f" FROM {repeats} r WHERE NOT {self.of_batches}"
            f" AND EXISTS (FROM of_batch o WHERE"
            f" {self._same('o', 'r', '_batch', '_row', '_of_batch', '_of_row')})"
            f" AND NOT EXISTS (FROM matched m WHERE"
            f" {self._same('m', 'r', '_batch', '_row', '_of_batch', '_of_row')})"
            " GROUP BY ALL"
        )

    def _touched(self, table: str, alias: str) -> str:
        """Return the condition of rows of a table that go or change."""
        marks = ("_of_batch", "_of_row") if table == self.info.repeats else ("_batch", "_row")
        gone = self._same(alias, "g", *marks, "_batch", "_row")
        heir = self._same(alias, "h", *marks, "_of_batch", "_of_row")
        own = f" OR {alias}.{self.of_batches}" if table == self.info.repeats else ""
        return f"EXISTS (FROM gone g WHERE {gone}) OR EXISTS (FROM heirs h WHERE {heir}){own}"

    def _files(self, table: str) -> list[str]:
        asked = (
            f"SELECT DISTINCT filename FROM lake.{rules.quoted(table)} t"
            f" WHERE {self._touched(table, 't')} ORDER BY 1"
        )
        return [row[0] for row in self._all(asked)]

    def _survivors(self, table: str, name: str) -> list[files.WrittenFile]:
        """Write the rows of a file that stay; none, no file."""
        asked = self._stay_repeats() if table == self.info.repeats else self._stay(table)
        rows = self.cursor.execute(asked, [name]).to_arrow_table()
        if not rows.num_rows:
            return []
        part = _PART.search(name) if table == self.info.table and self.info.is_partitioned else None
        month = f"{int(part[1])}-{int(part[2]):02}" if part else None
        return [files.write(table, rows, month=month)]

    def _stay(self, table: str) -> str:
        columns = rules.listed(self.info.names, "t.")
        heir = self._same("t", "h", "_batch", "_row", "_of_batch", "_of_row")
        return (
            f"SELECT {columns}, coalesce(h.heir[1], t._batch) AS _batch,"
            f" coalesce(h.heir[2], t._row) AS _row FROM lake.{rules.quoted(table)} t"
            f" LEFT JOIN heirs h ON {heir}"
            " WHERE t.filename = ? AND NOT EXISTS (FROM gone g WHERE"
            f" {self._same('t', 'g', '_batch', '_row', '_batch', '_row')})"
            " ORDER BY t.file_row_number"
        )

    def _stay_repeats(self) -> str:
        key = rules.listed(self.info.key, "t.")
        of = self._same("t", "h", "_of_batch", "_of_row", "_of_batch", "_of_row")
        return (
            f"SELECT {key}, t._batch, t._row, coalesce(h.heir[1], t._of_batch) AS _of_batch,"
            f" coalesce(h.heir[2], t._of_row) AS _of_row"
            f" FROM lake.{rules.quoted(self.info.repeats)} t LEFT JOIN heirs h ON {of}"
            f" WHERE t.filename = ? AND NOT t.{self.of_batches}"
            " AND (h.heir IS NULL OR h.heir <> [t._batch, t._row])"
            " AND NOT EXISTS (FROM gone g WHERE"
            f" {self._same('t', 'g', '_of_batch', '_of_row', '_batch', '_row')})"
            " ORDER BY t.file_row_number"
        )

    def _concerned(self) -> list[tuple[Any, ...]]:
        """Return every batch that brought such a row, once or again."""
        return self._all(
            "SELECT DISTINCT _batch FROM (SELECT _batch FROM gone UNION ALL"
            f" SELECT r._batch FROM lake.{rules.quoted(self.info.repeats)} r"
            f" WHERE EXISTS (FROM gone g WHERE"
            f" {self._same('r', 'g', '_of_batch', '_of_row', '_batch', '_row')})) ORDER BY 1"
        )

    def _same(self, one: str, other: str, *marks: str) -> str:
        """Return the condition of equal keys and marks: (batch, row) of one, then of the other."""
        keys = [f"{one}.{name} = {other}.{name}" for name in map(rules.quoted, self.info.key)]
        pairs = zip(marks[:2], marks[2:], strict=True)
        return " AND ".join([*keys, *(f"{one}.{a} = {other}.{b}" for a, b in pairs)])

    def _make(self, name: str, query: str) -> None:
        self.cursor.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")

    def _all(self, query: str) -> list[tuple[Any, ...]]:
        return list(self.cursor.execute(query).fetchall())


def _forget(held: control.Control, info: rules.TableInfo, doomed: Doomed) -> None:
    """Delete last readings of what went; the next look at the lake brings those that are left."""
    found = held.raw.execute(
        "SELECT id, device, metric, time, value, status, unit, batch FROM warehouse_lastreading"
        " WHERE dataset = %s",
        [info.dataset],
    ).fetchall()
    names = ("device", "metric", "time", "value", "status", "unit")
    gone = [
        row[0]
        for row in found
        if row[7] in doomed.batches
        or (doomed.before is not None and row[3] < doomed.before)
        or any(
            set(group) <= set(names)
            and doomed.matches([row[1 + names.index(name)] for name in group])
            for group in doomed.groups
        )
    ]
    if gone:
        held.raw.execute("DELETE FROM warehouse_lastreading WHERE id = ANY(%s)", [gone])
        held.raw.execute(
            "UPDATE warehouse_laketable SET refreshed_snapshot = 0 WHERE dataset = %s",
            [info.dataset],
        )
