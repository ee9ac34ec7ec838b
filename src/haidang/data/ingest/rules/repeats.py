"""Rows of one file that share a key: equal ones are repeats, unequal ones wait for a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from haidang.data.ingest.rules.values import Reason

_ROW = "__place"


@dataclass(frozen=True)
class Repeats:
    """Places in the table to keep, how many equal rows fell away, and the places that clash."""

    keep: np.ndarray | None
    repeated: int
    clashing: Mapping[int, int]
    """Place of a row → place of another row with its key and other values."""


def find(table: pa.Table, keys: Sequence[str]) -> Repeats:
    """Return what shares a key; `keep` is None when nothing does."""
    grouped = table.select(list(keys)).group_by(list(keys)).aggregate([([], "count_all")])
    if grouped.num_rows == table.num_rows:
        return Repeats(None, 0, {})
    shared = grouped.filter(pc.greater(grouped["count_all"], 1)).select(list(keys))
    placed = table.append_column(_ROW, pa.array(np.arange(table.num_rows)))
    several = placed.join(shared, keys=list(keys), join_type="left semi").to_pylist()
    return _sorted_out(several, keys, table.num_rows)


def _sorted_out(several: list[dict[str, Any]], keys: Sequence[str], count: int) -> Repeats:
    by_key: dict[tuple[Any, ...], list[tuple[int, tuple[Any, ...]]]] = {}
    for row in sorted(several, key=lambda row: row[_ROW]):
        place = row.pop(_ROW)
        by_key.setdefault(tuple(row[key] for key in keys), []).append((place, tuple(row.values())))
    keep = np.ones(count, dtype=bool)
    clashing: dict[int, int] = {}
    repeated = 0
    for rows in by_key.values():
        if len({values for _, values in rows}) == 1:
            repeated += len(rows) - 1
            keep[[place for place, _ in rows[1:]]] = False
            continue
        keep[[place for place, _ in rows]] = False
        first, second = rows[0][0], rows[1][0]
        clashing |= {place: second if place == first else first for place, _ in rows}
    return Repeats(keep, repeated, clashing)


def reason(line: int, other: int, keys: Sequence[str]) -> Reason:
    """Say that two lines of the file contradict each other."""
    named = ", ".join(f"“{key}”" for key in keys)
    return Reason(
        "",
        "clashing_key",
        f"Dòng {line}: trùng khóa ({named}) với dòng {other} nhưng số liệu khác nhau. "
        "Giữ một dòng đúng, loại bỏ dòng kia.",
    )
