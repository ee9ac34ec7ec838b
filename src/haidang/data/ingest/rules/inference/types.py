"""The type that a column's cells share, read by the same readers that check a load."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from haidang.data.ingest.rules import cells
from haidang.data.ingest.rules.cells.column import Column, mask_of, matches
from haidang.data.ingest.rules.cells.numbers import style_of
from haidang.data.ingest.rules.inference.values import Sampled
from haidang.foundation.core.text import fold

_MOST_WRONG = 0.05  # of the filled cells: they will wait, the rest keeps its type
_MANY = 50
_CODES_MOST = 12
_CODE_LETTERS = 60
_YES_NO = {"true", "false", "có", "không", "yes", "no", "đúng", "sai"}
_TIMELY = re.compile(r"\b(ngay|gio|date|time|created|modified|dt|thoi (?:gian|diem)|luc|at)\b")
_YEARLY = re.compile(r"\b(nam|year|jahr)\b")
_PLACED = re.compile(
    r"\b(xa|phuong|thi tran|huyen|quan|dia ban|don vi|unit|ward|commune|ma dvhc)\b"
)
_LATITUDE = re.compile(r"\b(lat|latitude|vi do)\b")
_LONGITUDE = re.compile(r"\b(lon|lng|long|longitude|kinh do)\b")
_PERSONAL = re.compile(
    r"\b(ho (?:va )?ten|cccd|cmnd|can cuoc|so dien thoai|dien thoai|e?-?mail|ngay sinh|phone)\b"
)


@dataclass(frozen=True)
class Kind:
    """A type with the limits that the cells keep, and why it was chosen, for a person to read."""

    type: str
    why: str
    codes: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    unit_of_measure: str = ""
    personal_data: str = ""


def kind_of(column: Sampled, style: str, is_unit: Callable[[str], bool]) -> Kind:
    """Return the narrowest type that all but a few cells keep; text when none does.

    `style` is the file's decimal sign; `is_unit` says whether a word names a unit of the province.
    """
    said = _said(column.heading)
    personal = "basic" if _PERSONAL.search(said) else ""
    text = column.text
    if not column.filled:
        return Kind("string", "cột trống trong tệp mẫu", personal_data=personal)
    if _PLACED.search(said) and _all(text, is_unit):
        return Kind("unit", "mọi ô là mã hoặc tên đơn vị của tỉnh")
    if found := _yes_no(text) or _timely(column, said) or _numeric(column, said, style):
        return found
    for name, read, why in (
        ("date", cells.dates, "mọi ô là ngày"),
        ("datetime", cells.datetimes, "mọi ô là ngày giờ"),
    ):
        if _fits(read(text), column):
            return Kind(name, why, personal_data=personal)
    codes = _codes(text)
    why = f"chỉ có {len(codes)} giá trị khác nhau" if codes else "chữ"
    return Kind("string", why, codes=codes, personal_data=personal)


def _said(heading: str) -> str:
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", heading)
    return fold(parted)


def _all(text: pa.Array, is_known: Callable[[str], bool]) -> bool:
    words = [word for word in pc.unique(text).to_pylist() if word is not None]
    return bool(words) and all(map(is_known, words))


def _fits(read: Column, column: Sampled) -> bool:
    """A typo among many rows does not make a column text; in a short sample nothing is excused."""
    good = column.filled - sum(int(fault.rows.sum()) for fault in read.faults)
    few = column.filled * _MOST_WRONG if column.filled >= _MANY else 0
    return good > 0 and column.filled - good <= few


def _yes_no(text: pa.Array) -> Kind | None:
    words = {word.casefold() for word in pc.unique(text).to_pylist() if word is not None}
    return Kind("boolean", "chỉ có hoặc không") if words <= _YES_NO else None


def _timely(column: Sampled, said: str) -> Kind | None:
    """Numbers under a heading of time are years, seconds since 1970, or Excel's days."""
    text = column.text
    numeric = pc.all(matches(text, r"\d+(?:\.\d+)?")).as_py()
    if not numeric:
        return None
    if _YEARLY.search(said) and _fits(cells.years(text), column):
        return Kind("year", "năm, bốn chữ số")
    if not _TIMELY.search(said):
        return None
    if pc.all(matches(text, r"1\d{9}(?:\.\d+)?")).as_py():
        return Kind("datetime", "số giây từ năm 1970")
    serial = pc.all(matches(text, r"[2-7]\d{4}(?:\.\d+)?")).as_py()
    if serial and _fits(cells.dates(text), column):
        return Kind("date", "số ngày của Excel")
    return Kind("datetime", "số ngày giờ của Excel") if serial else None


def _numeric(column: Sampled, said: str, style: str) -> Kind | None:
    text, plain = column.text, column.plain
    if _is_code(text) and plain is None:
        return None
    percent = bool(pc.any(pc.match_substring_regex(text, r"\d\s*%$")).as_py())
    bare = pc.replace_substring_regex(text, r"\s*%$", "") if percent else text
    own = style_of(bare if plain is None else pc.if_else(plain, None, bare)) or style
    unit = "%" if percent else ""
    if not percent and _is_whole(text) and _fits(cells.integers(text, plain, own), column):
        values = cells.integers(text, plain, own).values
        low = Decimal(0) if pc.min(values).as_py() >= 0 else None
        return Kind("integer", "mọi ô là số nguyên", minimum=low)
    if _fits(read := cells.numbers(bare, plain, own), column):
        low, high = _limits(said, read.values, percent)
        return Kind("number", "mọi ô là số", minimum=low, maximum=high, unit_of_measure=unit)
    return None


def _is_code(text: pa.Array) -> bool:
    """Numbers that begin with 0 and have one more digit behind are codes: 01, 00004."""
    return bool(pc.any(matches(text, r"0\d+")).as_py())


def _is_whole(text: pa.Array) -> bool:
    few = mask_of(matches(text, r"[+-]?\d*[.,]\d{1,2}|[+-]?\d*[.,]\d{4,}|.*[eE].*")).any()
    longest = pc.max(pc.utf8_length(text)).as_py() or 0
    return not few and longest <= 18


def _limits(said: str, values: pa.Array, percent: bool) -> tuple[Decimal | None, Decimal | None]:
    low, high = pc.min(values).as_py(), pc.max(values).as_py()
    if _LATITUDE.search(said) and low >= -90 and high <= 90:
        return Decimal(-90), Decimal(90)
    if _LONGITUDE.search(said) and low >= -180 and high <= 180:
        return Decimal(-180), Decimal(180)
    return (Decimal(0), Decimal(100)) if percent and low >= 0 and high <= 100 else (None, None)


def _codes(text: pa.Array) -> tuple[str, ...]:
    """A list of codes is proposed where few words stand again and again."""
    counted = pc.value_counts(text.drop_null())
    words = [str(one["values"]) for one in counted.to_pylist()]
    filled = len(text) - text.null_count
    if not 1 < len(words) <= _CODES_MOST or filled < _MANY or len(words) * 4 > filled:
        return ()
    if max(map(len, words)) > _CODE_LETTERS or len({fold(word) for word in words}) < len(words):
        return ()
    return tuple(sorted(words, key=fold))
