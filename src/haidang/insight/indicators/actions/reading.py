"""From the lake's leaves (arrow) to cells (arrays) of every unit and period."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from haidang.foundation.calendar import periods
from haidang.foundation.org import api as org
from haidang.insight.indicators.actions import measures
from haidang.insight.indicators.actions.mapping import Ground
from haidang.insight.indicators.queries import books
from haidang.insight.indicators.rules import rollup
from haidang.insight.indicators.rules.rollup import Cells, Ints
from haidang.insight.indicators.rules.specs import Measure

if TYPE_CHECKING:
    import pyarrow as pa

_LOCAL = timedelta(hours=7)


@dataclass(frozen=True)
class Leaves:
    """The answer of the lake with its units and buckets looked up."""

    table: "pa.Table"
    kind: str
    rows: Ints  # the rows whose unit the register knows
    leaf: Ints  # index into `ground` of the reporting unit (or device) of each of these rows
    ground: Ground
    period: Ints  # index into `found` of each row
    found: Sequence[periods.Period]
    as_of: Ints  # seconds since 1970 at the end of each row's datum


def look_up(table: "pa.Table", kind: str) -> Leaves:
    """Look up the units and periods of the lake's answer; rows of unknown units are left out."""
    units = table["unit"].combine_chunks().dictionary_encode()
    known = org.codes()
    ids = np.array([known.get(code, -1) for code in units.dictionary.to_pylist()], dtype=np.int64)
    index = units.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    unit = np.where(index >= 0, ids[index], -1) if len(ids) else np.full(len(index), -1)
    rows = np.flatnonzero(unit >= 0)
    period, found, ends = _periods(table["bucket"], kind)
    leaf, ground = _ground(table, unit, _told(table, ends), rows, found)
    as_of = ends
    if "as_of" in table.column_names:
        as_of = table["as_of"].to_numpy().astype(np.int64)
    return Leaves(table, kind, rows, leaf, ground, period[rows], found, as_of[rows])


def _told(table: "pa.Table", ends: Ints) -> Ints:
    """Return how many changes of the map were behind what each row says."""
    if "told" not in table.column_names:
        return np.zeros(len(ends), dtype=np.int64)
    days = [books.midnight(change.on).timestamp() for change in org.map_changes()]
    by_day = np.searchsorted(np.array(days), ends, side="left")
    told: Ints = table["told"].to_numpy(zero_copy_only=False).astype(np.int64)
    return np.minimum(by_day.astype(np.int64), told)


def _ground(
    table: "pa.Table", unit: Ints, told: Ints, rows: Ints, found: Sequence[periods.Period]
) -> tuple[Ints, Ground]:
    """Make a leaf of every unit (device) and map that told of it."""
    device = np.zeros(len(unit), dtype=np.int64)
    has_devices = "device" in table.column_names
    if has_devices:
        devices = table["device"].combine_chunks().dictionary_encode()
        device = devices.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    kinds, leaf = np.unique(
        np.stack([unit[rows], told[rows], device[rows]]), axis=1, return_inverse=True
    )
    ground = Ground(kinds[0].tolist(), kinds[1].tolist(), found, has_devices)
    return leaf.reshape(-1), ground


def _periods(bucket: Any, kind: str) -> tuple[Ints, list[periods.Period], Ints]:
    encoded = bucket.combine_chunks().dictionary_encode()
    moments = [_span(value, kind) for value in encoded.dictionary.to_pylist()]
    of_bucket = [periods.of(kind, start) for start, _ in moments]
    found = sorted(set(of_bucket), key=lambda period: period.start)
    index = {period: number for number, period in enumerate(found)}
    numbers = np.array([index[period] for period in of_bucket], dtype=np.int64)
    ends = np.array([int(end.timestamp()) for _, end in moments], dtype=np.int64)
    rows = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers[rows], found, ends[rows]


def _span(bucket: int | str, kind: str) -> tuple[datetime, datetime]:
    """Return the time that a bucket covers: a number of buckets, "2026-11" or "2026"."""
    if isinstance(bucket, str):
        year, _, month = bucket.partition("-")
        first = datetime.combine(date(int(year), int(month or 1), 1), datetime.min.time(), UTC)
        period = periods.of("month" if month else "year", first - _LOCAL)
        return period.start, period.end
    seconds = measures.bucket_seconds(kind)
    start = datetime.fromtimestamp(bucket * seconds, UTC) - _LOCAL
    return start, start + timedelta(seconds=seconds)


def spans_of(buckets: Iterable[int | str], kind: str) -> list[periods.Period]:
    """Return the periods of `kind` that some buckets lie in."""
    return [periods.of(kind, _span(bucket, kind)[0]) for bucket in buckets]


def cells(leaves: Leaves, measure: Measure, index: int) -> Cells:
    """Return the cells of one measure for every unit: folded to periods, rolled up, accumulated."""
    found = _own(leaves, measure, index)
    how = measure.agg if measure.agg in {"max", "min", "last"} else "sum"
    found = rollup.fold(found, how=how)
    if measure.rollup != "sum":
        value = rollup.values(found, scale=1, quotient=measure.has_denominator)
        found = replace(found, numerator=value, denominator=np.full(len(found), np.nan))
    found = leaves.ground.onto(found, how=measure.rollup, quotients=measure.has_denominator)
    found = rollup.roll_up(found, leaves.ground.ancestors, rollup=measure.rollup)
    if found.estimated.any():
        found = replace(found, estimated=found.estimated * leaves.ground.cut(found))
    if measure.cumulative:
        years = np.array([_local_year(period) for period in leaves.found], dtype=np.int64)
        found = rollup.accumulate(found, years[found.period])
    return found


def _local_year(period: periods.Period) -> int:
    return (period.start.astimezone(UTC) + _LOCAL).year


def _own(leaves: Leaves, measure: Measure, index: int) -> Cells:
    """Return the rows of the lake's answer that carry something of the measure."""
    if measure.metric:
        names = _metric_columns(measure)
        is_its_own = np.asarray(
            leaves.table["metric"].to_numpy(zero_copy_only=False) == measure.metric
        )
    else:
        names = f"n{index}", f"p{index}", f"q{index}"
        is_its_own = np.ones(len(leaves.table), dtype=bool)
    count = _floats(leaves.table, names[0])
    rows = np.flatnonzero((count[leaves.rows] > 0) & is_its_own[leaves.rows])
    at = leaves.rows[rows]
    has_quotient = names[2] in leaves.table.column_names
    below = _floats(leaves.table, names[2]) if has_quotient else np.full(len(count), np.nan)
    return Cells(
        unit=leaves.leaf[rows],
        period=leaves.period[rows],
        numerator=_floats(leaves.table, names[1])[at],
        denominator=below[at],
        as_of=_ends(leaves)[leaves.period[rows]] if measure.whole else leaves.as_of[rows],
        batch=_floats(leaves.table, "batch")[at].astype(np.int64),
        reported=np.ones(len(at), dtype=np.int64),
        estimated=np.zeros(len(at), dtype=np.int64),
    )


def _ends(leaves: Leaves) -> Ints:
    return np.array([int(period.end.timestamp()) for period in leaves.found], dtype=np.int64)


def _metric_columns(measure: Measure) -> tuple[str, str, str]:
    parts: Mapping[str, str] = {"max": "largest", "min": "smallest", "last": "newest", "count": "n"}
    return "n", parts.get(measure.agg, "total"), "n" if measure.agg == "mean" else ""


def _floats(table: "pa.Table", name: str) -> Any:
    return table[name].cast("float64").fill_null(0).to_numpy()
