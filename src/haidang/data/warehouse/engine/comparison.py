"""Telling new rows from repeated and revised ones, against what the lake holds.

Every row that ever landed asserts a value for its key; assertions are ordered by batch and row.
One that says the same as the one before it is a duplicate and only remembered (`__repeats`); any
other is kept. A key with more than one kept assertion is *revised*: its whole history lies in
`__revisions`, and its row in the base table counts no more. So the newest value of a key is the
same in whatever order batches arrive.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from haidang.data.warehouse import rules
from haidang.data.warehouse.engine import instances

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
        said = ", ".join(f"v{i} := {rules.quoted(name)}" for i, name in enumerate(info.values))
        self.says = f"struct_pack({said})" if said else "0"

    def result(self, incoming: "pa.Table") -> Compared:
        self._find_contested(incoming.num_rows)
        if not self._count("contested"):
            return Compared(self._sorted("incoming"), None, None, {}, {})
        self._judge()
        return Compared(
            base=self._sorted("to_base"),
            revisions=self._fetch(f"SELECT {self.columns} FROM to_revisions"),
            repeats=self._fetch("SELECT * FROM to_repeats"),
            duplicates=self._counts("kind = 'i' AND NOT is_kept"),
            revised=self._counts("kind = 'i' AND is_kept AND is_revision"),
        )

    def _find_contested(self, count: int) -> None:
        """Name the keys that the lake holds already, or that come more than once."""
        self._make("stored", self._stored())
        contested = f"SELECT DISTINCT {self.key} FROM stored"
        if self._has_repeated_keys(count):
            repeated = f"SELECT {self.key} FROM incoming GROUP BY ALL HAVING count(*) > 1"
            contested = f"{contested} UNION {repeated}"
        self._make("contested", contested)

    def _has_repeated_keys(self, count: int) -> bool:
        distinct = f"SELECT count(*) FROM (SELECT DISTINCT {self.key} FROM incoming)"
        return self._one(distinct) < count

    def _stored(self) -> str:
        """Kept assertions of the incoming keys; `is_base` marks a row not yet in revisions."""
        limits = self._limits()
        info = self.info
        base = f"lake.{rules.quoted(info.table)}"
        revisions = f"lake.{rules.quoted(info.revisions)}"
        fresh = f"SELECT {self.columns}, true AS is_base FROM {base} WHERE {limits}"
        if not info.revised:
            return f"FROM ({fresh}) SEMI JOIN incoming USING ({self.key})"
        old = f"SELECT {self.columns}, false AS is_base FROM {revisions} WHERE {limits}"
        return (
            f"WITH old AS (FROM ({old}) SEMI JOIN incoming USING ({self.key})),"
            f" fresh AS (FROM ({fresh}) SEMI JOIN incoming USING ({self.key}))"
            f" FROM old UNION ALL FROM fresh ANTI JOIN old USING ({self.key})"
        )

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

    def _judge(self) -> None:
        self._make("judged", self._judged())
        self._make(
            "to_base",
            f"SELECT {self.columns} FROM incoming ANTI JOIN contested USING ({self.key})"
            f" UNION ALL SELECT {self.columns} FROM judged"
            " WHERE kind = 'i' AND is_kept AND kept_of_key = 1",
        )
        self._make(
            "to_revisions",
            f"SELECT {self.columns} FROM judged WHERE kept_of_key > 1 AND is_kept"
            " AND (kind <> 's' OR is_base)",
        )
        self._make(
            "to_repeats",
            f"SELECT {self.key}, _batch, _row, of.b AS _of_batch, of.r AS _of_row FROM judged"
            " WHERE kind = 'i' AND NOT is_kept AND of.b <> _batch",
        )

    def _judged(self) -> str:
        """Every assertion of the contested keys in order, each kept or not.

        kind: s kept in the lake, r remembered as a repeat there, i incoming. A row that nothing
        precedes repeats the first one kept in the lake if it says the same (it came late).
        """
        columns = ", ".join(f"e.{rules.quoted(name)}" for name in self.info.values)
        values = f"{columns}, " if columns else ""
        key = self.key
        return f"""
WITH everything AS (
    SELECT {self.columns}, 's' AS kind, 1 AS place, is_base FROM stored
    UNION ALL
    SELECT {self.columns}, 'i', 3, false FROM incoming SEMI JOIN contested USING ({key})
    UNION ALL BY NAME
    SELECT {rules.listed(self.info.key, "r.")}, {values}r._batch, r._row, 'r' AS kind,
        2 AS place, false AS is_base
    FROM (SELECT * FROM lake.{rules.quoted(self.info.repeats)} WHERE {self._repeat_limits()}) r
    JOIN stored e ON {self._same_key("r", "e")}
        AND e._batch = r._of_batch AND e._row = r._of_row
),
said AS (
    SELECT *, {self.says} AS says, {{b: _batch, r: _row}} AS id FROM everything
),
beside AS (
    SELECT *, lag(says) OVER ordered AS said_before, lag(_batch) OVER ordered IS NULL AS is_first,
        min(id) FILTER (kind = 's') OVER whole AS first_id,
        arg_min(says, id) FILTER (kind = 's') OVER whole AS first_says
    FROM said
    WINDOW ordered AS (PARTITION BY {key} ORDER BY _batch, _row, place),
        whole AS (PARTITION BY {key})
),
decided AS (
    SELECT *, kind = 's' OR CASE WHEN is_first
        THEN first_id IS NULL OR says IS DISTINCT FROM first_says
        ELSE says IS DISTINCT FROM said_before END AS is_kept
    FROM beside
)
SELECT *, count(*) FILTER (is_kept) OVER (PARTITION BY {key}) AS kept_of_key,
    NOT is_first OR first_id IS NOT NULL AS is_revision,
    coalesce(last_value(CASE WHEN is_kept THEN id END IGNORE NULLS) OVER (
        PARTITION BY {key} ORDER BY _batch, _row, place
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), first_id) AS of
FROM decided"""

    def _same_key(self, one: str, other: str) -> str:
        names = map(rules.quoted, self.info.key)
        return " AND ".join(f"{one}.{name} = {other}.{name}" for name in names)

    def _repeat_limits(self) -> str:
        if not self.info.repeated:
            return "false"
        return f"{self._limits()} AND _batch > (SELECT min(_batch) FROM incoming)"

    def _sorted(self, table: str) -> "pa.Table":
        time = [self.info.time_field] if self.info.time_field in self.info.names else []
        order = rules.listed([*time, *(name for name in self.info.key if name not in time)])
        return self._fetch(f"SELECT {self.columns} FROM {table} ORDER BY {order}")

    def _counts(self, condition: str) -> dict[int, int]:
        asked = f"SELECT _batch, count(*) FROM judged WHERE {condition} GROUP BY 1"
        return dict(self.cursor.execute(asked).fetchall())

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
