"""Running a quality rule over the typed rows of a load: a mask, and a sentence for each failure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from haidang.data.ingest.rules.cells.column import mask_of
from haidang.data.ingest.rules.judging.jumps import jumps
from haidang.data.ingest.rules.judging.specs import (
    OPERATORS,
    Codes,
    Compare,
    Jump,
    Reference,
    Spec,
    Sum,
    Total,
)

Says = Callable[[int], str]
_COMPARED = {
    "<=": pc.less_equal,
    "<": pc.less,
    "=": pc.equal,
    "!=": pc.not_equal,
    ">=": pc.greater_equal,
    ">": pc.greater,
}


@dataclass(frozen=True)
class Known:
    """What a rule must know besides the rows: of the other dataset, or of the lake's history.

    `values`: those of the rows' values that the other dataset has. `totals`: its sum of each
    group. `history`: rows that may come before the load's.
    """

    values: frozenset[Any] = frozenset()
    totals: Mapping[tuple[Any, ...], float] = field(default_factory=dict)
    history: pa.Table | None = None


def judge(
    spec: Spec, rows: pa.Table, known: Known, titles: Mapping[str, str]
) -> tuple[np.ndarray, Says]:
    """Return which rows break the rule (a mask), and what says of a row why.

    An empty value breaks no rule of this kind: that a field is needed is the contract's word.
    """
    match spec:
        case Compare():
            return _compare(spec, rows, titles)
        case Sum():
            return _sum(spec, rows, titles)
        case Codes():
            bad = ~mask_of(pc.is_in(rows.column(spec.field), value_set=_list(spec.codes)))
            say = f"“{titles[spec.field]}” là “{{}}”, ngoài danh mục"
            return _filled(rows, spec.field, bad), _quoting(rows, spec.field, say)
        case Reference():
            column = rows.column(spec.field)
            there = pa.array(sorted(known.values), column.type)
            bad = ~mask_of(pc.is_in(column, value_set=there))
            say = f"“{titles[spec.field]}” là “{{}}”, không có trong bộ dữ liệu đối chiếu"
            return _filled(rows, spec.field, bad), _quoting(rows, spec.field, say)
        case Total():
            return _total(spec, rows, known.totals, titles)
        case Jump():
            return _jump(spec, rows, known.history, titles)


def _compare(spec: Compare, rows: pa.Table, titles: Mapping[str, str]) -> tuple[np.ndarray, Says]:
    left, right = rows.column(spec.left), rows.column(spec.right)
    fits = _COMPARED[spec.operator](left, right)  # null where a side is empty
    bad = mask_of(pc.invert(fits))
    sign = OPERATORS[spec.operator]

    def say(place: int) -> str:
        said = f"“{titles[spec.left]}” ({_shown(left[place])}) phải {sign} "
        return said + f"“{titles[spec.right]}” ({_shown(right[place])})"

    return bad, say


def _sum(spec: Sum, rows: pa.Table, titles: Mapping[str, str]) -> tuple[np.ndarray, Says]:
    parts = np.stack([numbers(rows.column(name)) for name in spec.parts])
    told = ~np.isnan(parts)
    added = np.where(told, parts, 0).sum(axis=0)
    total = numbers(rows.column(spec.total))
    with np.errstate(invalid="ignore"):
        off = np.abs(added - total) > spec.tolerance + 1e-9 * np.abs(total)
    bad = off & told.any(axis=0) & ~np.isnan(total)

    def say(place: int) -> str:
        return (
            f"tổng {_names(spec.parts, titles)} là {number(added[place])}, "
            f"“{titles[spec.total]}” ghi {number(total[place])}"
        )

    return bad, say


def _total(
    spec: Total,
    rows: pa.Table,
    totals: Mapping[tuple[Any, ...], float],
    titles: Mapping[str, str],
) -> tuple[np.ndarray, Says]:
    values = numbers(rows.column(spec.field))
    group, keys = groups(rows, spec.by)
    filled = ~np.isnan(values)
    sums = np.bincount(group[filled], values[filled], minlength=len(keys))
    there = np.array([totals.get(key, np.nan) for key in keys], dtype=np.float64)
    room = np.maximum(spec.tolerance, spec.percent / 100 * np.abs(there))
    with np.errstate(invalid="ignore"):
        off = np.abs(sums - there) > room + 1e-9 * np.abs(there)
    bad = off[group] & filled if len(keys) else np.zeros(rows.num_rows, dtype=bool)

    def say(place: int) -> str:
        at = group[place]
        return (
            f"tổng “{titles[spec.field]}” của nhóm là {number(sums[at])}, "
            f"bộ dữ liệu đối chiếu ghi {number(there[at])}"
        )

    return bad, say


def _jump(
    spec: Jump, rows: pa.Table, history: pa.Table | None, titles: Mapping[str, str]
) -> tuple[np.ndarray, Says]:
    nothing = rows.slice(0, 0)
    bad, median = jumps(spec, rows, nothing if history is None else history)
    column = rows.column(spec.field)

    def say(place: int) -> str:
        said = f"“{titles[spec.field]}” là {_shown(column[place])}, lệch xa trung vị "
        return said + f"{number(median[place])} của {spec.last} giá trị gần nhất"

    return bad, say


def groups(rows: pa.Table, names: tuple[str, ...]) -> tuple[np.ndarray, list[tuple[Any, ...]]]:
    """Return each row's group, and the key of each group."""
    coded = [rows.column(name).combine_chunks().dictionary_encode() for name in names]
    words = [[*one.dictionary.to_pylist(), None] for one in coded]
    places = [
        np.asarray(pc.fill_null(one.indices, len(one.dictionary)).to_numpy(zero_copy_only=False))
        for one in coded
    ]
    if not rows.num_rows:
        return np.zeros(0, dtype=np.int64), []
    kinds, group = np.unique(np.stack(places), axis=1, return_inverse=True)
    keys = [tuple(words[at][int(place)] for at, place in enumerate(column)) for column in kinds.T]
    return np.asarray(group).reshape(-1), keys


def numbers(column: pa.ChunkedArray) -> np.ndarray:
    """Return a column as floats; NaN where nothing stands."""
    found = column.cast(pa.float64()).combine_chunks().to_numpy(zero_copy_only=False)
    return np.asarray(found, dtype=np.float64)


def number(value: float) -> str:
    """Return a number as Vietnam writes it."""
    whole, _, part = f"{value:,.4f}".rstrip("0").rstrip(".").partition(".")
    return whole.replace(",", ".") + (f",{part}" if part else "")


def _filled(rows: pa.Table, name: str, bad: np.ndarray) -> np.ndarray:
    found: np.ndarray = bad & mask_of(pc.is_valid(rows.column(name)))
    return found


def _quoting(rows: pa.Table, name: str, say: str) -> Says:
    column = rows.column(name)
    return lambda place: say.format(_shown(column[place]))


def _list(codes: tuple[str, ...]) -> pa.Array:
    return pa.array(codes, pa.string())


def _names(names: tuple[str, ...], titles: Mapping[str, str]) -> str:
    return " + ".join(f"“{titles[name]}”" for name in names)


def _shown(scalar: pa.Scalar) -> str:
    value = scalar.as_py()
    if isinstance(value, bool) or value is None:
        return {True: "có", False: "không"}.get(value, "trống")  # type: ignore[arg-type]
    if isinstance(value, int | float):
        return number(value)
    shown = value.strftime("%d/%m/%Y") if hasattr(value, "strftime") else str(value)
    return shown if len(shown) <= 80 else shown[:80] + "…"
