"""Measures as Ibis expressions over a dataset: parts per reporting unit and smallest time bucket.

One expression serves every indicator that reads the same dataset with the same rhythm. Ibis is
imported by the warehouse when a table is asked for, never by this module.
"""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

from haidang.data.catalogue.api import ContractSpec
from haidang.insight.indicators.queries.bounds import in_words
from haidang.insight.indicators.rules.spans import Span
from haidang.insight.indicators.rules.specs import Measure

_LOCAL_OFFSET = 7 * 3600  # Asia/Ho_Chi_Minh has no summer time
_SECONDS = {"minute5": 300, "hour": 3600}


def bucket_seconds(kind: str) -> int:
    """Return the smallest bucket that a kind of period is made of."""
    return _SECONDS.get(kind, 86400)


def touched(table: Any, contract: ContractSpec, batches: Sequence[int], kind: str) -> Any:
    """Return the buckets that rows of some batches lie in."""
    rows = table.filter(table["_batch"].isin(list(batches)))
    return rows.select(bucket=_bucket(rows, contract, kind)).distinct()


def leaves(
    table: Any,
    contract: ContractSpec,
    measures: Sequence[Measure],
    kind: str,
    spans: Sequence[Span] | None,
    turns: Sequence[int] = (),
) -> Any:
    """Return one row per reporting unit and bucket: n, p and q (parts) of every measure.

    Readings give one row per device and metric, with all their parts, whatever the measures.
    `turns` are the batches with which the map became another: rows of one bucket that were told by
    different maps stay apart, `told` counts the turns before them.
    """
    if spans is not None:
        table = table.filter(reduce(or_, (_within(table, contract, span) for span in spans)))
    if contract.kind == "readings":
        return _readings(table, contract, measures, kind, turns)
    columns: dict[str, Any] = {}
    for index, measure in enumerate(measures):
        columns |= _parts(table, contract, measure, index)
    grouped = table.group_by(
        unit=table[contract.unit_field],
        bucket=_bucket(table, contract, kind),
        **_told(table, turns),
    )
    return grouped.aggregate(batch=table["_batch"].max(), **columns)


def _told(table: Any, turns: Sequence[int]) -> dict[str, Any]:
    if not turns:
        return {}
    return {"told": sum((table["_batch"] > batch).cast("int64") for batch in turns)}


def _readings(
    table: Any,
    contract: ContractSpec,
    measures: Sequence[Measure],
    kind: str,
    turns: Sequence[int],
) -> Any:
    metrics = sorted({measure.metric for measure in measures})
    table = table.filter(
        table["metric"].isin(metrics),
        table["value"].notnull(),
        table["status"].fill_null("measuring") == "measuring",
    )
    value = table["value"]
    grouped = table.group_by(
        device=table["device"],
        unit=table[contract.unit_field],
        metric=table["metric"],
        bucket=_bucket(table, contract, kind),
        **_told(table, turns),
    )
    return grouped.aggregate(
        batch=table["_batch"].max(),
        as_of=table["time"].epoch_seconds().max(),
        n=value.count(),
        total=value.sum(),
        largest=value.max(),
        smallest=value.min(),
        newest=value.argmax(table["time"]),
    )


def _parts(table: Any, contract: ContractSpec, measure: Measure, index: int) -> dict[str, Any]:
    """Return how many rows count (n), the numerator (p) and the denominator (q) of a measure."""
    where = None
    for condition in measure.filters:
        one = table[condition.field].cast("string").isin(list(condition.values))
        where = one if where is None else where & one
    if measure.agg == "count":
        counted = table.count(where=where)
        return {f"n{index}": counted, f"p{index}": counted}
    if measure.agg == "ratio":
        above, below = table[measure.numerator], table[measure.denominator]
        both = above.notnull() & below.notnull()
        where = both if where is None else where & both
        return {
            f"n{index}": above.count(where=where),
            f"p{index}": above.sum(where=where),
            f"q{index}": below.sum(where=where),
        }
    column = table[measure.field]
    parts = {f"n{index}": column.count(where=where)}
    if measure.agg == "mean":
        return parts | {
            f"p{index}": column.sum(where=where),
            f"q{index}": column.count(where=where),
        }
    if measure.agg == "last":
        return parts | {f"p{index}": column.argmax(table[contract.time_field], where=where)}
    return parts | {f"p{index}": getattr(column, measure.agg)(where=where)}


def _bucket(table: Any, contract: ContractSpec, kind: str) -> Any:
    """Return the bucket of a row: whole buckets since 1970 by local time, or the text of a month
    or year as it stands."""
    name = contract.time_field
    column, type_ = table[name], contract.field(name or "").type
    if type_ == "datetime":
        return (column.epoch_seconds() + _LOCAL_OFFSET) // bucket_seconds(kind)
    if type_ == "date":
        days = column.cast("timestamp").epoch_seconds() // 86400
        return days * (86400 // bucket_seconds(kind))
    return column.cast("string")


def _within(table: Any, contract: ContractSpec, span: Span) -> Any:
    name = contract.time_field
    column, type_ = table[name], contract.field(name or "").type
    start, end = (in_words(moment, type_) for moment in span)
    return (column >= start) & (column < end)
