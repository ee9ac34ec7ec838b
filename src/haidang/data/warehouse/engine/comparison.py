"""Telling new rows from repeated and revised ones, against what the lake holds.

Every row that ever landed asserts a value for its key; assertions are ordered by batch and row.
One that says the same as the one before it is a duplicate and only remembered (`__repeats`); any
other is kept. A key with more than one kept assertion is *revised*: its whole history lies in
`__revisions`, and its row in the base table counts no more. So the newest value of a key is the
same in whatever order batches arrive.

Most keys are simple: at most one row comes and at most one is there, and a join decides. Only
*entangled* keys (several rows of a key, or repeats that a late batch may have to part) are put in
order.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from haidang.data.warehouse import rules
from haidang.data.warehouse.engine import instances, statements

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


@dataclass(frozen=True)
class Compared:
    """What a commit adds to the three tables of a dataset, and each batch's counts."""

    base: "pa.Table"
    revisions: "pa.Table | None"
    repeats: "pa.Table | None"
    duplicates: dict[int, int]
    revised: dict[int, int]


def compare(info: rules.TableInfo, incoming: "pa.Table") -> Compared:
    """Compare rows with the lake. The caller holds the table's lock."""
    cursor = instances.writer().cursor()
    try:
        cursor.register("incoming", incoming)
        return _Comparison(info, cursor).result(incoming)
    finally:
        cursor.close()


class _Comparison:
    def __init__(self, info: rules.TableInfo, cursor: "duckdb.DuckDBPyConnection") -> None:
        self.info = info
        self.cursor = cursor
        self.key = rules.listed(info.key)
        self.columns = rules.listed([*info.names, "_batch", "_row"])
        self.limits = self._limits()

    def result(self, incoming: "pa.Table") -> Compared:
        self._make("stored", self._stored())
        self._make("entangled", self._entangled(incoming.num_rows))
        if not self._count("stored") and not self._count("entangled"):
            return Compared(self._in_order(incoming), None, None, {}, {})
        self._make("judged", self._judged())
        self._make("paired", self._paired())
        return Compared(
            base=self._sorted(f"({self._to_base()})"),
            revisions=self._fetch(self._to_revisions()),
            repeats=self._fetch(self._to_repeats()),
            duplicates=self._counts("kind = 'i' AND NOT is_kept", "is_same"),
            revised=self._counts("kind = 'i' AND is_kept AND is_revision", "NOT is_same"),
        )

    def _stored(self) -> str:
        """Kept assertions of the incoming keys; `is_base` marks a row not yet in revisions."""
        base = f"lake.{rules.quoted(self.info.table)}"
        revisions = f"lake.{rules.quoted(self.info.revisions)}"
        fresh = f"SELECT {self.columns}, true AS is_base FROM {base} WHERE {self.limits}"
        if not self.info.revised:
            return f"FROM ({fresh}) SEMI JOIN incoming USING ({self.key})"
        old = f"SELECT {self.columns}, false AS is_base FROM {revisions} WHERE {self.limits}"
        return (
            f"WITH old AS (FROM ({old}) SEMI JOIN incoming USING ({self.key})),"
            f" fresh AS (FROM ({fresh}) SEMI JOIN incoming USING ({self.key}))"
            f" FROM old UNION ALL FROM fresh ANTI JOIN old USING ({self.key})"
        )

    def _entangled(self, count: int) -> str:
        """Keys of several incoming or stored rows, or with repeats above an incoming batch."""
        self._make("again", self._again())
        parts = [f"SELECT {self.key} FROM again"]
        if self._has_repeated_keys(count):
            parts.append(f"SELECT {self.key} FROM incoming GROUP BY ALL HAVING count(*) > 1")
        if self.info.revised:
            parts.append(f"SELECT {self.key} FROM stored GROUP BY ALL HAVING count(*) > 1")
        return " UNION ".join(parts)

    def _again(self) -> str:
        repeats = f"SELECT * FROM lake.{rules.quoted(self.info.repeats)}"
        if not self.info.repeated:
            return f"{repeats} WHERE false"
        first = self._one("SELECT min(_batch) FROM incoming")
        late = f"{repeats} WHERE _batch > {first} AND {self.limits}"
        return f"FROM ({late}) SEMI JOIN incoming USING ({self.key})"

    def _has_repeated_keys(self, count: int) -> bool:
        distinct = f"SELECT count(*) FROM (SELECT DISTINCT {self.key} FROM incoming)"
        return self._one(distinct) < count

    def _limits(self) -> str:
        """Bounds of the incoming keys as literals, so that files outside them are not opened."""
        asked = ", ".join(
            f"min({rules.quoted(name)})::VARCHAR, max({rules.quoted(name)})::VARCHAR"
            for name in self.info.key
        )
        found = self.cursor.execute(f"SELECT {asked} FROM incoming").fetchone() or ()
        parts = []
        for index, name in enumerate(self.info.key):
            low, high = (_literal(found[2 * index + side]) for side in (0, 1))
            kind = self.info.lake_type(name)
            parts.append(f"{rules.quoted(name)} BETWEEN {low}::{kind} AND {high}::{kind}")
        return " AND ".join(parts)

    def _judged(self) -> str:
        """Every assertion of the entangled keys in order, each kept or not."""
        said = ", ".join(f"v{i} := {rules.quoted(name)}" for i, name in enumerate(self.info.values))
        from_repeat = rules.listed(self.info.key, "r.")
        from_stored = [f"e.{rules.quoted(name)}" for name in self.info.values]
        return statements.named("judged").format(
            columns=self.columns,
            key=self.key,
            repeated_columns=", ".join([from_repeat, *from_stored]),
            same_key=self._same_key("r", "e"),
            says=f"struct_pack({said})" if said else "0",
        )

    def _paired(self) -> str:
        """Incoming rows of simple keys beside the one that is there."""
        same = " AND ".join(
            f"i.{name} IS NOT DISTINCT FROM s.{name}"
            for name in map(rules.quoted, self.info.values)
        )
        incoming = f"SELECT * FROM incoming ANTI JOIN entangled USING ({self.key})"
        return (
            f"SELECT i.*, s._batch AS _of_batch, s._row AS _of_row, {same or 'true'} AS is_same"
            f" FROM ({incoming}) i JOIN stored s ON {self._same_key('i', 's')}"
        )

    def _to_base(self) -> str:
        return (
            f"SELECT {self.columns} FROM incoming ANTI JOIN stored USING ({self.key})"
            f" ANTI JOIN entangled USING ({self.key})"
            f" UNION ALL SELECT {self.columns} FROM judged"
            " WHERE kind = 'i' AND is_kept AND kept_of_key = 1"
        )

    def _to_revisions(self) -> str:
        """New assertions of revised keys; with the first one goes the row of the base table."""
        return (
            f"SELECT {self.columns} FROM judged"
            " WHERE kept_of_key > 1 AND is_kept AND (kind <> 's' OR is_base)"
            f" UNION ALL SELECT {self.columns} FROM paired WHERE NOT is_same"
            f" UNION ALL SELECT {self.columns} FROM stored"
            f" SEMI JOIN (SELECT {self.key} FROM paired WHERE NOT is_same) USING ({self.key})"
            " WHERE is_base"
        )

    def _to_repeats(self) -> str:
        return (
            f"SELECT {self.key}, _batch, _row, of.b AS _of_batch, of.r AS _of_row FROM judged"
            " WHERE kind = 'i' AND NOT is_kept AND of.b <> _batch"
            f" UNION ALL SELECT {self.key}, _batch, _row, _of_batch, _of_row FROM paired"
            " WHERE is_same"
        )

    def _counts(self, judged: str, paired: str) -> dict[int, int]:
        asked = (
            f"SELECT _batch, count(*) FROM (SELECT _batch FROM judged WHERE {judged}"
            f" UNION ALL SELECT _batch FROM paired WHERE {paired}) GROUP BY 1"
        )
        return dict(self.cursor.execute(asked).fetchall())

    def _same_key(self, one: str, other: str) -> str:
        names = map(rules.quoted, self.info.key)
        return " AND ".join(f"{one}.{name} = {other}.{name}" for name in names)

    def _in_order(self, incoming: "pa.Table") -> "pa.Table":
        """Return new rows by time; what comes in order, as devices send it, is not sorted."""
        name = self.info.time_field
        if name in self.info.names and _is_ordered(incoming[name]):
            return incoming.select([*self.info.names, "_batch", "_row"])
        return self._sorted("incoming")

    def _sorted(self, source: str) -> "pa.Table":
        time = [self.info.time_field] if self.info.time_field in self.info.names else []
        order = rules.listed([*time, *(name for name in self.info.key if name not in time)])
        return self._fetch(f"SELECT {self.columns} FROM {source} ORDER BY {order}")

    def _make(self, name: str, query: str) -> None:
        self.cursor.execute(f"CREATE TEMP TABLE {name} AS {query}")

    def _count(self, table: str) -> int:
        return self._one(f"SELECT count(*) FROM {table}")

    def _one(self, query: str) -> int:
        row: Any = self.cursor.execute(query).fetchone()
        return int(row[0])

    def _fetch(self, query: str) -> "pa.Table":
        return self.cursor.execute(query).to_arrow_table()


def _literal(text: object) -> str:
    return "'" + str(text).replace("'", "''") + "'"


def _is_ordered(times: "pa.ChunkedArray") -> bool:
    """Tell whether no time is earlier than the one before it."""
    import numpy as np
    import pyarrow as pa

    if not pa.types.is_timestamp(times.type) or times.null_count:
        return False
    moments = times.combine_chunks().cast(pa.int64()).to_numpy(zero_copy_only=False)
    return bool(np.all(moments[1:] >= moments[:-1]))
