"""Units named in rows: by code, old code or full name; in force on the row's own day."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from haidang.data.ingest.rules.cells.column import Column, Fault, fault, mask_of
from haidang.foundation.core.text import fold

Span = tuple[datetime.date, datetime.date | None]
"""[from, to) of a unit's life; None is open."""

_UNKNOWN = "không có đơn vị nào mang mã hoặc tên “{value}”. Ghi mã đơn vị, ví dụ 25747."
_NOT_IN_FORCE = (
    "đơn vị “{value}” không tồn tại vào thời điểm của dòng số liệu. Kiểm tra mã và ngày."
)
_OUTSIDE = "đơn vị “{value}” không thuộc phạm vi của đơn vị cung cấp số liệu."


@dataclass(frozen=True)
class UnitBook:
    """All units by code, alias and unambiguous name; when each was in force; who may be named."""

    codes: Mapping[str, str]
    spans: Mapping[str, Sequence[Span]] = field(default_factory=dict)
    allowed: frozenset[str] | None = None

    def code(self, said: str) -> str | None:
        """Return the lasting code of a unit that a row names."""
        return self.codes.get(said) or self.codes.get(fold(said))

    def in_force(self, code: str, day: datetime.date) -> bool:
        spans = self.spans.get(code)
        if spans is None:
            return True
        return any(start <= day and (end is None or day < end) for start, end in spans)


def units_of(text: pa.Array, book: UnitBook) -> Column:
    """Read units: codes, old codes, names."""
    words = text.dictionary_encode()
    codes = pa.array([book.code(word.as_py()) for word in words.dictionary], pa.string())
    values = codes.take(words.indices)
    strange = mask_of(pc.is_valid(text)) & mask_of(pc.is_null(values))
    return Column(values, fault("unknown_unit", _UNKNOWN, strange))


def unit_faults(values: pa.Array, times: pa.Array | None, book: UnitBook) -> list[Fault]:
    """Return rows whose unit was not in force on their day, or is not the supplier's to name."""
    outside = np.zeros(len(values), dtype=bool)
    if book.allowed is not None:
        mine = pa.array(sorted(book.allowed), pa.string())
        outside = mask_of(pc.and_(pc.is_valid(values), pc.invert(pc.is_in(values, value_set=mine))))
    found = fault("unit_outside", _OUTSIDE, outside)
    if times is not None and book.spans:
        found += fault("unit_not_in_force", _NOT_IN_FORCE, _out_of_force(values, times, book))
    return found


def _out_of_force(values: pa.Array, times: pa.Array, book: UnitBook) -> np.ndarray:
    starts, ends = period_days(times)
    result = np.zeros(len(values), dtype=bool)
    coded = values.dictionary_encode()
    places = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    for at, word in enumerate(coded.dictionary):
        rows = places == at
        alive = np.isnat(starts[rows])
        for start, end in book.spans.get(word.as_py(), [(datetime.date.min, None)]):
            alive |= (ends[rows] >= np.datetime64(start)) & (
                starts[rows] < np.datetime64(end or datetime.date.max)
            )
        result[rows] = ~alive
    return result


def period_days(times: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Return first and last day that a time stands for: a day, a month or a year of days."""
    if pa.types.is_int32(times.type):
        months = (_ints(times) - 1970) * 12
        return _span(months, 12, times)
    if pa.types.is_string(times.type):
        text = pc.fill_null(times, "1970-01")
        year = pc.cast(pc.utf8_slice_codeunits(text, 0, 4), pa.int64())
        month = pc.cast(pc.utf8_slice_codeunits(text, 5, 7), pa.int64())
        return _span((_ints(year) - 1970) * 12 + _ints(month) - 1, 1, times)
    local = times.cast(pa.timestamp("us")).to_numpy(zero_copy_only=False).astype("M8[us]")
    shift = np.timedelta64(7 if pa.types.is_timestamp(times.type) else 0, "h")
    days = (local + shift).astype("M8[D]")
    return days, days


def _span(months: np.ndarray, length: int, times: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    start = months.astype("M8[M]").astype("M8[D]")
    end = (months + length).astype("M8[M]").astype("M8[D]") - 1
    empty = mask_of(pc.is_null(times))
    nothing = np.datetime64("NaT", "D")
    return np.where(empty, nothing, start), np.where(empty, nothing, end)


def _ints(values: pa.Array) -> np.ndarray:
    filled: np.ndarray = pc.fill_null(values, 1970).to_numpy(zero_copy_only=False)
    return filled.astype(np.int64)
