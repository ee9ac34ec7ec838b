"""A field's own limits: codes, smallest and largest, pattern, and time not yet come."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from haidang.data.ingest.rules.cells.column import Column, Fault, fault, mask_of, only
from haidang.data.ingest.rules.cells.dates import local_day
from haidang.foundation.core.text import fold

if TYPE_CHECKING:
    from haidang.data.catalogue.api import FieldSpec

_PATIENCE = datetime.timedelta(minutes=10)
_NUMERIC = {"integer", "number"}


def coded(each: FieldSpec, column: Column) -> Column:
    """Bring text to the codes of its list, whatever its case and accents."""
    if not each.codes:
        return column
    known = {fold(code): code for code in each.codes}
    words = column.values.dictionary_encode()
    codes = [known.get(fold(word.as_py())) for word in words.dictionary]
    values = pa.array(codes, pa.string()).take(words.indices)
    strange = mask_of(pc.is_valid(column.values)) & mask_of(pc.is_null(values))
    listed = ", ".join(f"“{code}”" for code in each.codes[:12])
    say = f"“{{value}}” không có trong danh mục. Chọn một trong: {listed}."
    return Column(values, column.faults + fault("not_in_codes", say, strange))


def faults(each: FieldSpec, values: pa.Array, text: pa.Array) -> list[Fault]:
    """Return rows beyond the field's limits."""
    found: list[Fault] = []
    if each.type in _NUMERIC:
        found += _beyond(each, values)
    if each.pattern and each.type == "string":
        say = f"“{{value}}” không đúng mẫu quy định ({each.pattern})."
        found += fault("pattern", say, _unlike(values, each.pattern))
    return found


def future(each: FieldSpec, values: pa.Array, now: datetime.datetime, zone: str) -> list[Fault]:
    """Return rows whose time has not come yet."""
    today = local_day(now, zone)
    latest: dict[str, pa.Scalar] = {
        "date": pa.scalar(today, pa.date32()),
        "datetime": pa.scalar(now + _PATIENCE, pa.timestamp("us", tz="UTC")),
        "year": pa.scalar(today.year, pa.int32()),
        "yearmonth": pa.scalar(f"{today:%Y-%m}"),
    }
    if each.type not in latest:
        return []
    say = f"“{{value}}” ở tương lai (hôm nay là {today:%d/%m/%Y}). Kiểm tra lại ngày, tháng, năm."
    return fault("future", say, pc.greater(values, latest[each.type]))


def too_late(values: pa.Array, now: datetime.datetime, days: int) -> list[Fault]:
    """Return readings that are older than a source's are taken."""
    oldest = pa.scalar(now - datetime.timedelta(days=days), values.type)
    say = (
        f"“{{value}}” cũ hơn {days} ngày. Nếu là số liệu lịch sử hợp lệ, nâng tuổi số đo được nhận "
        "ở trang sửa nguồn rồi nạp lại."
    )
    return fault("too_late", say, pc.less(values, oldest))


def _beyond(each: FieldSpec, values: pa.Array) -> list[Fault]:
    found: list[Fault] = []
    if each.minimum is not None:
        say = f"“{{value}}” nhỏ hơn mức thấp nhất cho phép là {_shown(each.minimum)}."
        found += fault("too_small", say, pc.less(values, _limit(each.minimum, values.type)))
    if each.maximum is not None:
        say = f"“{{value}}” lớn hơn mức cao nhất cho phép là {_shown(each.maximum)}."
        found += fault("too_large", say, pc.greater(values, _limit(each.maximum, values.type)))
    return found


def _limit(limit: object, kind: pa.DataType) -> pa.Scalar:
    """A whole column of integers may be compared with a limit that is none."""
    number = float(str(limit))
    whole = pa.types.is_integer(kind) and number.is_integer()
    return pa.scalar(int(number), pa.int64()) if whole else pa.scalar(number, pa.float64())


def _shown(limit: object) -> str:
    whole, _, part = f"{float(str(limit)):,.6f}".rstrip("0").rstrip(".").partition(".")
    return whole.replace(",", ".") + (f",{part}" if part else "")


def _unlike(values: pa.Array, pattern: str) -> np.ndarray:
    """Patterns are Python's; distinct words are few next to rows."""
    compiled = re.compile(pattern)
    words = values.dictionary_encode()
    bad = [compiled.fullmatch(word.as_py()) is None for word in words.dictionary]
    rows = pa.array(bad, pa.bool_()).take(words.indices)
    return mask_of(only(rows, pc.is_valid(values)))
