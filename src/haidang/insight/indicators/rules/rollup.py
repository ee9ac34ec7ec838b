"""From the cells of reporting units to those of every unit above: sums of parts, in arrays."""

import itertools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Cells:
    """One row per unit and period. `denominator` is NaN where the measure has none."""

    unit: Ints
    period: Ints
    numerator: Floats
    denominator: Floats
    as_of: Ints
    batch: Ints
    reported: Ints
    estimated: Ints  # 1 where a unit had to be divided for it

    def __len__(self) -> int:
        return len(self.unit)

    def take(self, rows: npt.NDArray[Any]) -> "Cells":
        """Return the chosen rows."""
        return Cells(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def fold(cells: Cells, *, how: str = "sum") -> Cells:
    """Return one cell per unit and period; "last" takes the parts of the newest."""
    if how == "last":
        ordered = cells.take(np.lexsort((cells.as_of, cells.period, cells.unit)))
        changes = (np.diff(ordered.unit) != 0) | (np.diff(ordered.period) != 0)
        folded = ordered.take(np.flatnonzero(np.r_[changes, True])) if len(cells) else cells
    else:
        folded = merged(cells, how)
    return replace(folded, reported=np.ones(len(folded), dtype=np.int64))


def roll_up(leaves: Cells, ancestors: Ints, *, rollup: str = "sum") -> Cells:
    """Return the cells of every unit on the way up, the leaves' own included.

    `leaves.unit` are row numbers of `ancestors`, whose columns are the ids of the unit itself, its
    parent, and so on (-1 where there is none). The cells that come back carry unit ids.
    """
    spread = [_lifted(leaves, ancestors[:, column]) for column in range(ancestors.shape[1])]
    return merged(_stacked(spread), rollup)


def _lifted(leaves: Cells, ids: Ints) -> Cells:
    lifted = Cells(ids[leaves.unit], *list(leaves.__dict__.values())[1:])
    return lifted.take(lifted.unit >= 0)


def _stacked(parts: list[Cells]) -> Cells:
    names = Cells.__dataclass_fields__
    return Cells(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def merged(cells: Cells, rollup: str) -> Cells:
    """Return one cell per unit and period from the parts of several."""
    if not len(cells):
        return cells
    cells = cells.take(np.lexsort((cells.period, cells.unit)))
    new = np.flatnonzero(np.r_[True, (np.diff(cells.unit) != 0) | (np.diff(cells.period) != 0)])
    parts: np.ufunc = {"sum": np.add, "max": np.fmax, "min": np.fmin}[rollup]
    return Cells(
        unit=cells.unit[new],
        period=cells.period[new],
        numerator=parts.reduceat(cells.numerator, new),
        denominator=np.add.reduceat(cells.denominator, new),
        as_of=np.maximum.reduceat(cells.as_of, new),
        batch=np.maximum.reduceat(cells.batch, new),
        reported=np.add.reduceat(cells.reported, new),
        estimated=np.maximum.reduceat(cells.estimated, new),
    )


def accumulate(cells: Cells, years: Ints) -> Cells:
    """Return running sums from the start of each year; `years` gives the year of every cell."""
    if not len(cells):
        return cells
    order = np.lexsort((cells.period, cells.unit))
    cells, years = cells.take(order), years[order]
    starts = np.r_[True, (np.diff(cells.unit) != 0) | (np.diff(years) != 0)]
    return Cells(
        unit=cells.unit,
        period=cells.period,
        numerator=_running(cells.numerator, starts),
        denominator=_running(cells.denominator, starts),
        as_of=cells.as_of,
        batch=cells.batch,
        reported=cells.reported,
        estimated=cells.estimated,
    )


def _running(values: Floats, starts: npt.NDArray[np.bool_]) -> Floats:
    """Return the running sum that begins anew at every start, exact within each run."""
    result = np.empty_like(values)
    edges = np.r_[np.flatnonzero(starts), len(values)]
    for first, last in itertools.pairwise(edges):
        np.cumsum(values[first:last], out=result[first:last])
    return result


def values(cells: Cells, *, scale: float, quotient: bool) -> Floats:
    """Return the value of every cell; NaN where it has none."""
    if not quotient:
        return cells.numerator * scale
    with np.errstate(divide="ignore", invalid="ignore"):
        result = cells.numerator / cells.denominator * scale
    return np.where(np.isfinite(result), result, np.nan)
