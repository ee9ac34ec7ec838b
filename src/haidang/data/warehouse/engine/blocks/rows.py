"""One block: rows of readings by series and time, as columns."""

from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from haidang.data.warehouse.engine.blocks.names import Names

if TYPE_CHECKING:
    import pyarrow as pa

Ints = NDArray[np.int64]
NAMES = ("device", "metric", "time", "value", "status", "unit", "_batch", "_row")
_NEVER_EMPTY = ("time", "value", "_batch", "_row")
BYTES_PER_ROW = 29  # of the columns below


class NotPlainError(Exception):
    """Rows hold what a block cannot (empty cells, numbers that are none): ask the lake."""


@dataclass(frozen=True)
class Rows:
    """Columns of rows; `time` in µs since 1970, the others as numbers of `Names`."""

    time: Ints
    value: NDArray[np.float64]
    status: NDArray[np.uint8]
    unit: NDArray[np.int32]
    batch: NDArray[np.int32]
    row: NDArray[np.int32]

    def take(self, places: Any) -> "Rows":
        """Return the rows at places (numbers, a mask or a slice)."""
        return Rows(*(getattr(self, one.name)[places] for one in fields(self)))


@dataclass(frozen=True)
class Block:
    """Rows by series, then time: rows of `series[i]` are `starts[i]` to `starts[i + 1]`."""

    series: Ints
    starts: Ints
    rows: Rows
    # What was computed of this block and stays true, by its name.
    kept: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def __len__(self) -> int:
        return len(self.rows.time)

    @cached_property
    def first(self) -> int:
        """Return the earliest moment."""
        return int(self.rows.time[self.starts[:-1]].min()) if len(self) else 0

    @cached_property
    def last(self) -> int:
        """Return the latest moment."""
        return int(self.rows.time[self.starts[1:] - 1].max()) if len(self) else 0

    def series_of_rows(self) -> Ints:
        return np.repeat(self.series, np.diff(self.starts))

    def slices(self, series: Ints | None, start: int, end: int) -> "Slices":
        """Return where rows of the chosen series (None: all) lie within [start, end)."""
        bounds = (self.first, self.last)
        return sliced(self.series, self.starts, self.rows.time, bounds, series, start, end)


@dataclass(frozen=True)
class Slices:
    """Ranges of rows, none empty: those of `series[i]` go from `low[i]` to `high[i]`."""

    series: Ints
    low: Ints
    high: Ints

    @property
    def count(self) -> int:
        return int((self.high - self.low).sum())

    def places(self) -> Any:
        """Return the places of all rows, one range after the other; a slice where they touch."""
        if not len(self.low):
            return slice(0, 0)
        if (self.low[1:] == self.high[:-1]).all():
            return slice(int(self.low[0]), int(self.high[-1]))
        lengths = self.high - self.low
        before = np.cumsum(lengths) - lengths
        return np.arange(int(lengths.sum())) + np.repeat(self.low - before, lengths)

    def series_of_rows(self) -> Ints:
        return np.repeat(self.series, self.high - self.low)


def sliced(
    known: Ints,
    starts: Ints,
    times: Ints,
    bounds: tuple[int, int],
    series: Ints | None,
    start: int,
    end: int,
) -> Slices:
    """Return the slices of sorted rows, whose times lie within `bounds`."""
    if series is None:
        slots = np.arange(len(known))
    else:
        slots = np.searchsorted(known, series)
        is_inside = slots < len(known)
        slots, series = slots[is_inside], series[is_inside]
        slots = slots[known[slots] == series]
    low, high = starts[slots], starts[slots + 1]
    if start > bounds[0]:
        low = bisect(times, low, high, start)
    if end <= bounds[1]:
        high = bisect(times, low, high, end)
    if (filled := low < high).all():
        return Slices(known[slots], low, high)
    return Slices(known[slots[filled]], low[filled], high[filled])


def bisect(times: Ints, low: Ints, high: Ints, moments: Any) -> Ints:
    """Return for each range the first place whose time is not before its moment (or the end)."""
    if len(low) == 1 and np.ndim(moments) == 0:
        return low + int(np.searchsorted(times[low[0] : high[0]], moments))
    low, high = low.copy(), high.copy()
    while (is_open := low < high).any():
        middle = (low + high) >> 1
        before = is_open & (times[np.minimum(middle, len(times) - 1)] < moments)
        low = np.where(before, middle + 1, low)
        high = np.where(is_open & ~before, middle, high)
    return low


def blocked(series: Ints, rows: Rows) -> Block:
    """Return rows in any order as a block; `series` says whose each is."""
    places = np.flatnonzero(np.diff(series)) + 1
    is_sorted = bool((np.diff(series) >= 0).all()) and bool(
        (np.delete(np.diff(rows.time), places - 1) >= 0).all()
    )
    if not is_sorted:
        order = np.lexsort((rows.time, series))
        series, rows = series[order], rows.take(order)
        places = np.flatnonzero(np.diff(series)) + 1
    starts = np.concatenate([[0], places, [len(series)]]).astype(np.int64)
    found = series[starts[:-1]] if len(series) else series
    return Block(found, starts if len(series) else np.zeros(1, np.int64), rows)


def joined(blocks: list[Block]) -> Block:
    """Return the rows of several blocks as one."""
    if len(blocks) == 1:
        return blocks[0]
    columns = (
        np.concatenate([getattr(block.rows, one.name) for block in blocks]) for one in fields(Rows)
    )
    return blocked(np.concatenate([block.series_of_rows() for block in blocks]), Rows(*columns))


def without(block: Block, gone: NDArray[np.bool_]) -> Block:
    """Return a block less some of its rows; the block itself when none goes."""
    if not gone.any():
        return block
    left = ~gone
    return blocked(block.series_of_rows()[left], block.rows.take(left))


def empty() -> Block:
    """Return a block without rows."""
    kinds = (np.int64, np.float64, np.uint8, np.int32, np.int32, np.int32)
    rows = Rows(*(np.empty(0, kind) for kind in kinds))  # type: ignore[arg-type]  # as listed
    return Block(np.empty(0, np.int64), np.zeros(1, np.int64), rows)


def decoded(table: "pa.Table", names: Names, since: int) -> Block:
    """Return the rows of an Arrow table from a moment on. Raises NotPlainError."""
    import pyarrow as pa

    if any(table.column(name).null_count for name in _NEVER_EMPTY):
        raise NotPlainError
    time = table.column("time").cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy()
    rows = Rows(
        time,
        _finite(table.column("value").to_numpy()),
        _small(names.statuses.coded(table.column("status")), np.uint8),
        _small(names.units.coded(table.column("unit")), np.int32),
        _small(table.column("_batch").to_numpy(), np.int32),
        _small(table.column("_row").to_numpy(), np.int32),
    )
    device = names.devices.coded(table.column("device"))
    metric = names.metrics.coded(table.column("metric"))
    if len(time) and int(time.min()) < since:
        late = time >= since
        rows, device, metric = rows.take(late), device[late], metric[late]
    return blocked(_series(names, device, metric), rows)


def _series(names: Names, device: Ints, metric: Ints) -> Ints:
    """Number the pairs where they change, since rows of a series lie together in a file."""
    if not len(device):
        return device
    changes = np.flatnonzero((np.diff(device) != 0) | (np.diff(metric) != 0)) + 1
    firsts = np.concatenate([[0], changes])
    found = names.series(device[firsts], metric[firsts])
    return np.repeat(found, np.diff(np.append(firsts, len(device))))


def _finite(values: NDArray[np.float64]) -> NDArray[np.float64]:
    if not np.isfinite(values).all():
        raise NotPlainError
    return values


def _small(numbers: Any, kind: Any) -> Any:
    if len(numbers) and int(numbers.max()) > np.iinfo(kind).max:
        raise NotPlainError
    return numbers.astype(kind)
