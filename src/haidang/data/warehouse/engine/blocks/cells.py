"""Aggregates of blocks: rows become cells (one per series or group and time bucket), cells add up.

Hours of a block are rolled up once and kept with it; a block never changes, so neither do they.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from haidang.data.warehouse.engine.blocks import rows
from haidang.data.warehouse.engine.blocks.questions import Wanted
from haidang.data.warehouse.engine.blocks.rows import Block, Ints, Slices

Floats = NDArray[np.float64]
MINUTE, HOUR, DAY = 60_000_000, 3_600_000_000, 86_400_000_000
_SIZES = {"minute": MINUTE, "minute5": 5 * MINUTE, "hour": HOUR, "day": DAY}
_VIETNAM = 7 * HOUR
_WORTH = 20_000  # rows; fewer are added up faster than hours are found
_COMPARE: Any = {
    "=": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal,
    ">": np.greater, ">=": np.greater_equal,
}  # fmt: skip


@dataclass(frozen=True)
class Cells:
    """Columns of cells; `time` of a cell lies in its bucket, `key` is its group's number."""

    series: Ints
    time: Ints
    count: Ints
    total: Floats
    low: Floats
    high: Floats
    first: Floats
    last: Floats

    def __len__(self) -> int:
        return len(self.time)

    def take(self, places: Any) -> "Cells":
        return Cells(*(getattr(self, name)[places] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class _Hours:
    """The hours of a block's series, in order: those of `series[i]` from `starts[i]` on."""

    starts: Ints
    cells: Cells


def bucket_numbers(bucket: str | None, times: Ints) -> Ints:
    """Return the number of the bucket of each moment; days and months are Vietnam's."""
    if bucket is None:
        return np.zeros(len(times), np.int64)
    if bucket == "month":
        local: Any = (times + _VIETNAM).astype("M8[us]").astype("M8[M]")
        return local.astype(np.int64)  # type: ignore[no-any-return]
    shift = _VIETNAM if bucket == "day" else 0
    return (times + shift) // _SIZES[bucket]


def bucket_starts(bucket: str, numbers: Ints) -> Ints:
    """Return the first moment of buckets."""
    if bucket == "month":
        local: Any = numbers.astype("M8[M]").astype("M8[us]").astype(np.int64)
        return local - _VIETNAM  # type: ignore[no-any-return]
    return numbers * _SIZES[bucket] - (_VIETNAM if bucket == "day" else 0)


def cells_of(
    block: Block,
    series: Ints | None,
    wanted: Wanted,
    bucket: str | None,
    units: NDArray[np.bool_] | None,
) -> Cells:
    """Return what is wanted of a block: whole hours where they do, else one cell per row."""
    found = block.slices(series, wanted.start, wanted.end)
    if not len(found.low):
        return none()
    is_whole = not wanted.values and units is None and bucket in ("hour", "day", "month", None)
    if is_whole and found.count > _WORTH and _is_even(block, wanted):
        return _of_hours(block, series, wanted)
    return _of_rows(block, found, wanted, units)


def _is_even(block: Block, wanted: Wanted) -> bool:
    return (wanted.start <= block.first or wanted.start % HOUR == 0) and (
        wanted.end > block.last or wanted.end % HOUR == 0
    )


def kept_places(
    block: Block, found: Slices, wanted: Wanted, units: NDArray[np.bool_] | None
) -> tuple[Any, Ints]:
    """Return the places and series of the rows that also meet the conditions on their cells."""
    places, series = found.places(), found.series_of_rows()
    if not wanted.values and units is None:
        return places, series
    passed = np.ones(len(series), np.bool_)
    for operator, limit in wanted.values:
        passed &= _COMPARE[operator](block.rows.value[places], limit)
    if units is not None:
        passed &= units[block.rows.unit[places]]
    if isinstance(places, slice):
        places = np.arange(places.start, places.stop)
    return places[passed], series[passed]


def _of_rows(block: Block, found: Slices, wanted: Wanted, units: NDArray[np.bool_] | None) -> Cells:
    places, series = kept_places(block, found, wanted, units)
    value = block.rows.value[places]
    ones = np.ones(len(value), np.int64)
    return Cells(series, block.rows.time[places], ones, value, value, value, value, value)


def _of_hours(block: Block, series: Ints | None, wanted: Wanted) -> Cells:
    hours = block.kept.get("hours")
    if hours is None:
        hours = block.kept["hours"] = _hours(block)
    times = hours.cells.time
    start, end = max(wanted.start, block.first) // HOUR * HOUR, wanted.end
    bounds = (block.first // HOUR * HOUR, block.last // HOUR * HOUR)
    found = rows.sliced(block.series, hours.starts, times, bounds, series, start, end)
    return hours.cells.take(found.places())


def _hours(block: Block) -> _Hours:
    series = block.series_of_rows()
    hour = block.rows.time // HOUR
    edge = (np.diff(series) != 0) | (np.diff(hour) != 0)
    starts = np.concatenate([[0], np.flatnonzero(edge) + 1])
    value = block.rows.value
    cells = _reduced(
        Cells(series, hour * HOUR, np.ones(len(value), np.int64), *([value] * 5)), starts
    )
    return _Hours(np.searchsorted(starts, block.starts), cells)


def _reduced(cells: Cells, starts: Ints) -> Cells:
    """Add up runs of cells; the earliest of a run stands first in it."""
    ends = np.append(starts[1:], len(cells)) - 1
    return Cells(
        cells.series[starts],
        cells.time[starts],
        np.add.reduceat(cells.count, starts),
        np.add.reduceat(cells.total, starts),
        np.minimum.reduceat(cells.low, starts),
        np.maximum.reduceat(cells.high, starts),
        cells.first[starts],
        cells.last[ends],
    )


def added_up(cells: Cells, keys: Ints, *, is_timed: bool = False) -> tuple[Cells, Ints]:
    """Add up cells of one key; return them in order of their keys, which are none twice.

    `is_timed` puts the cells of a key in order of time first, for first and last values.
    """
    if not len(cells):
        return cells, keys
    if not is_timed:
        cells, keys = _runs(cells, keys)
        if (np.diff(keys) > 0).all():
            return cells, keys
    order = np.lexsort((cells.time, keys)) if is_timed else np.argsort(keys, kind="stable")
    return _runs(cells.take(order), keys[order])


def _runs(cells: Cells, keys: Ints) -> tuple[Cells, Ints]:
    starts = np.concatenate([[0], np.flatnonzero(np.diff(keys)) + 1])
    return (_reduced(cells, starts), keys[starts]) if len(starts) < len(keys) else (cells, keys)


def together(parts: list[Cells]) -> Cells:
    """Return the cells of several blocks, one after the other."""
    if len(parts) == 1:
        return parts[0]
    names = Cells.__dataclass_fields__
    return Cells(*(np.concatenate([getattr(one, name) for one in parts]) for name in names))


def none() -> Cells:
    """Return no cells."""
    whole, broken = np.empty(0, np.int64), np.empty(0)
    return Cells(whole, whole, whole, broken, broken, broken, broken, broken)
