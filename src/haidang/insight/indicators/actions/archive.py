"""All revisions in the lake. What is at hand is copied there; what is older lives there alone."""

import io
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from haidang.data.catalogue import api as catalogue
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access import api as access
from haidang.foundation.core import audit
from haidang.foundation.org import api as org
from haidang.insight.indicators.models import Indicator

if TYPE_CHECKING:
    import pyarrow as pa

DATASET = "indicator-values"
SOURCE = "indicators"
_AT_ONCE = 1_000_000
_FIELDS = (
    ("indicator", "Chỉ tiêu", "string"),
    ("unit", "Đơn vị", "unit"),
    ("period_start", "Đầu kỳ", "datetime"),
    ("revision", "Lần sửa", "integer"),
    ("period_end", "Cuối kỳ", "datetime"),
    ("value", "Giá trị", "number"),
    ("numerator", "Tử số", "number"),
    ("denominator", "Mẫu số", "number"),
    ("as_of", "Đến thời điểm", "datetime"),
    ("reported", "Số đơn vị đã có số liệu", "integer"),
    ("expected", "Số đơn vị phải có", "integer"),
    ("status", "Tính chất", "string"),
    ("source_type", "Loại nguồn", "string"),
    ("batch", "Lô mới nhất", "integer"),
    ("lineage", "Nguồn gốc", "string"),
    ("known_at", "Ghi nhận lúc", "datetime"),
)
_KEY = ("indicator", "unit", "period_start", "revision")
_CONTENT = ("value", "numerator", "denominator", "reported", "status", "source_type")


def prepare() -> None:
    """Define the dataset of revisions and make its table, once."""
    contract = catalogue.define(
        dataset=DATASET,
        title="Giá trị chỉ tiêu, mọi lần sửa",
        fields=tuple(
            catalogue.FieldSpec(name, title, type_, required=name in _KEY, key=name in _KEY)  # type: ignore[arg-type]
            for name, title, type_ in _FIELDS
        ),
        unit_field="unit",
        time_field="period_start",
        new_version=True,
        by=audit.SYSTEM,
    )
    warehouse.ensure_table(contract)


def send(*, now: datetime) -> int:
    """Copy the revisions that the lake does not have yet; return how many.

    Hours of live indicators wait until they are over. Sending twice changes nothing.
    """
    sent = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            # Left by an earlier round, or by another job of the same transaction.
            cursor.execute("DROP TABLE IF EXISTS chosen")
            cursor.execute(_CHOOSE, [now, _AT_ONCE])
            found = int(cursor.rowcount)
            if found:
                _commit(_chosen(cursor), now)
                cursor.execute(_MARK)
        sent += found
        if not found:
            return sent


_CHOOSE = """
CREATE TEMP TABLE chosen ON COMMIT DROP AS
SELECT v.id, v.revision FROM indicators_value v JOIN indicators_indicator i ON i.id = v.indicator_id
WHERE NOT v.in_lake AND (i.method <> 'live' OR v.period_end <= %s) ORDER BY v.id LIMIT %s
"""
# A value that was revised meanwhile has another revision and waits for the next time.
_MARK = """
UPDATE indicators_value v SET in_lake = true FROM chosen c
WHERE v.id = c.id AND v.revision = c.revision
"""


def _chosen(cursor: Any) -> "pa.Table":
    """Return the chosen values in the lake's columns; read by COPY, a million at a time."""
    import pyarrow as pa
    from pyarrow import csv

    moments = {name for name, _, type_ in _FIELDS if type_ == "datetime"}
    said = {"indicator": "i.code", "unit": "v.unit_id", "known_at": "v.computed_at"}
    columns = {name: said.get(name, f"v.{name}") for name, _, _ in _FIELDS}
    for name in moments:
        columns[name] = f"(extract(epoch from {columns[name]}) * 1000000)::bigint"
    listed = ", ".join(f"{what} AS {name}" for name, what in columns.items())
    source = "chosen c JOIN indicators_value v USING (id) JOIN indicators_indicator i"
    text = io.BytesIO()
    with cursor.copy(
        f"COPY (SELECT {listed} FROM {source} ON i.id = v.indicator_id)"  # noqa: S608 - constants
        " TO STDOUT (FORMAT csv, HEADER)"
    ) as copy:
        for piece in copy:
            text.write(piece)
    text.seek(0)
    types = {
        name: pa.int64() if name in moments or name == "unit" else _arrow(type_)
        for name, _, type_ in _FIELDS
    }
    options = csv.ConvertOptions(
        column_types=types, strings_can_be_null=True, quoted_strings_can_be_null=False
    )
    read = csv.read_csv(text, convert_options=options)
    own = {"unit": _codes(read["unit"])}
    return pa.table(
        {
            name: (own[name] if name in own else read[name]).cast(_arrow(type_))
            for name, _, type_ in _FIELDS
        }
    )


def _codes(ids: "pa.ChunkedArray") -> "pa.Array":
    """Return the codes of units by id."""
    import pyarrow as pa
    import pyarrow.compute as pc

    distinct = pc.unique(ids)
    codes_of = org.codes_of(distinct.to_pylist())
    codes = pa.array([codes_of[one] for one in distinct.to_pylist()], pa.string())
    return codes.take(pc.index_in(ids.combine_chunks(), value_set=distinct))


def _arrow(type_: str) -> "pa.DataType":
    import pyarrow as pa

    return {
        "string": pa.string(),
        "unit": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "datetime": pa.timestamp("us", "UTC"),
    }[type_]


def _commit(table: "pa.Table", now: datetime) -> None:
    if not len(table):
        return
    batch = warehouse.Batch(
        id=warehouse.next_batch(), dataset=DATASET, source=SOURCE, rows=table, received_at=now
    )
    try:
        warehouse.commit([batch])
    except warehouse.UnknownTableError:
        prepare()
        warehouse.commit([batch])


def restate(indicator: Indicator, table: "pa.Table", *, now: datetime) -> int:
    """Keep cells that are too old to be at hand: new revisions where they differ; say how many."""
    if not len(table):
        return 0
    known = _known(indicator, table)
    if not known:  # the first history: nothing to compare, and it may be millions
        _commit(_old_table(indicator, table, [1] * len(table)), now)
        return len(table)
    rows, revisions = [], []
    content = list(zip(*(table[name].to_pylist() for name in _CONTENT), strict=True))
    places = zip(table["unit_id"].to_pylist(), table["period_start"].to_pylist(), strict=True)
    for number, place in enumerate(places):
        revision, before = known.get(place, (0, None))
        if before != content[number]:
            rows.append(number)
            revisions.append(revision + 1)
    if rows:
        _commit(_old_table(indicator, table.take(rows), revisions), now)
    return len(rows)


def _known(
    indicator: Indicator, table: "pa.Table"
) -> Mapping[tuple[int, datetime], tuple[int, tuple[Any, ...]]]:
    """Return the newest revision and content of each period that the lake has."""
    import pyarrow.compute as pc

    first, last = pc.min(table["period_start"]).as_py(), pc.max(table["period_start"]).as_py()
    try:
        kept = revisions_table()
    except warehouse.UnknownTableError:
        return {}
    found = warehouse.execute(
        kept.filter(
            (kept["indicator"] == indicator.code)
            & (kept["period_start"] >= first)
            & (kept["period_start"] <= last)
        ).select("unit", "period_start", "revision", *_CONTENT)
    )
    units = org.codes()
    newest: dict[tuple[int, datetime], tuple[int, tuple[Any, ...]]] = {}
    for row in found.to_pylist():
        place = units.get(row["unit"], 0), row["period_start"]
        if place not in newest or newest[place][0] < row["revision"]:
            newest[place] = row["revision"], tuple(row[name] for name in _CONTENT)
    return newest


def revisions_table(as_known_on: datetime | None = None) -> Any:
    """Return the lake's table of all revisions, for the domain's own use: the caller asks scope."""
    return warehouse.table(DATASET, scope=access.EVERYTHING, as_known_on=as_known_on)


def _old_table(indicator: Indicator, table: "pa.Table", revisions: list[int]) -> "pa.Table":
    import pyarrow as pa

    own = {
        "indicator": pa.array([indicator.code] * len(table), pa.string()),
        "unit": _codes(table["unit_id"]),
        "revision": pa.array(revisions, pa.int64()),
        "known_at": table["computed_at"],
    }
    return pa.table(
        {
            name: (own[name] if name in own else table[name]).cast(_arrow(type_))
            for name, _, type_ in _FIELDS
        }
    )
