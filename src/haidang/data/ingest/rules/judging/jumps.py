"""Jumps against history: each value beside the median of the last ones of its series."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from haidang.data.ingest.rules.judging.specs import Jump

_AT_ONCE = 200_000  # windows, so that the memory of a judgement has a bound


@dataclass(frozen=True)
class History:
    """Rows of the lake that may come before a load's: columns of the series, time and value."""

    table: pa.Table


def jumps(spec: Jump, rows: pa.Table, history: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows jump, and the median that each was held against (NaN: too few before).

    Only values of an earlier time count as before; of equal times none is before the other.
    """
    count = rows.num_rows
    names = [*spec.series, spec.time, spec.field]
    both = pa.concat_tables(
        [rows.select(names), history.select(names).cast(rows.select(names).schema)]
    )
    series = _series(both, spec.series)
    moments = _ranks(both.column(spec.time))
    values = _numbers(both.column(spec.field))
    keys = series * (int(moments.max(initial=0)) + 1) + moments
    values[count:][np.isin(keys[count:], keys[:count])] = np.nan  # the load's own say comes instead
    median, spread, known = _before(series, moments, values, spec.last)
    median, spread, known = median[:count], spread[:count], known[:count]
    own = values[:count]
    limit = np.maximum(spec.times * spread, spec.percent / 100 * np.abs(median))
    with np.errstate(invalid="ignore"):
        beyond = np.abs(own - median) > limit + 1e-9 * np.abs(median)
    return beyond & (known >= spec.least) & ~np.isnan(own), median


def _before(
    series: np.ndarray, moments: np.ndarray, values: np.ndarray, last: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return of every row the median, the MAD and the number of the `last` values before it."""
    order = np.lexsort((moments, series))
    full = order[~np.isnan(values[order])]
    size = len(values)
    median, spread = np.full(size, np.nan), np.full(size, np.nan)
    known = np.zeros(size, dtype=np.int64)
    keys = series[full] * (int(moments.max(initial=0)) + 1) + moments[full]
    starts = np.searchsorted(series[full], series)
    # The place among the filled values of the first that is not before a row.
    ends = np.searchsorted(keys, series * (int(moments.max(initial=0)) + 1) + moments)
    known = np.minimum(ends - starts, last)
    padded = np.concatenate([np.full(last, np.nan), values[full]])
    steps = np.arange(last)
    for first in range(0, size, max(1, _AT_ONCE * 12 // last)):
        at = slice(first, first + max(1, _AT_ONCE * 12 // last))
        places = ends[at, None] + steps[None, :]  # the `last` values up to each row's end
        window = padded[places]
        window[steps[None, :] < last - known[at, None]] = np.nan
        median[at], spread[at] = _middle(window, known[at])
    return median, spread, known


def _middle(window: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return median and MAD of each row of a window; NaN where nothing is known."""
    median = _median(window, known)
    return median, _median(np.abs(window - median[:, None]), known)


def _median(window: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The median of the filled cells of each row: sorting leaves NaN at the end."""
    ranked = np.sort(window, axis=1)
    rows = np.arange(len(window))
    some = np.maximum(known, 1)
    low, high = ranked[rows, (some - 1) // 2], ranked[rows, some // 2]
    return np.where(known > 0, (low + high) / 2, np.nan)


def _series(table: pa.Table, names: tuple[str, ...]) -> np.ndarray:
    found = np.zeros(table.num_rows, dtype=np.int64)
    for name in names:
        ranks = _ranks(table.column(name))
        found = found * (int(ranks.max(initial=0)) + 1) + ranks
        found = np.unique(found, return_inverse=True)[1].astype(np.int64)
    return found


def _ranks(column: Any) -> np.ndarray:
    """Return each value's place among the distinct values in order; nothing comes first."""
    coded = column.combine_chunks().dictionary_encode()
    order = pc.sort_indices(coded.dictionary).to_numpy()
    ranks = np.empty(len(order) + 1, dtype=np.int64)
    ranks[order] = np.arange(1, len(order) + 1)
    ranks[-1] = 0
    places = pc.fill_null(coded.indices, len(order)).to_numpy(zero_copy_only=False)
    found: np.ndarray = ranks[places]
    return found


def _numbers(column: Any) -> np.ndarray:
    found = column.cast(pa.float64()).combine_chunks().to_numpy(zero_copy_only=False)
    return np.array(found, dtype=np.float64)
