"""A register as a table: its rows read, and set beside what is registered already. Pure.

Used for devices and for cameras: what would a file add, change or leave, and what is wrong with
which row.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from haidang.foundation.core.text import fold, normal

NEW, CHANGED, SAME, REFUSED = "new", "changed", "same", "refused"
WORDS = {NEW: "Thêm mới", CHANGED: "Thay đổi", SAME: "Giữ nguyên", REFUSED: "Không nhận"}

_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


@dataclass(frozen=True)
class Column:
    """One column of a register's file. `read` raises ValueError with a sentence."""

    name: str
    title: str
    read: Callable[[str], Any]
    required: bool = False
    also: tuple[str, ...] = ()  # other headings under which it comes

    def is_headed(self, heading: str) -> bool:
        return fold(heading) in {fold(one) for one in (self.name, self.title, *self.also)}


@dataclass(frozen=True)
class Line:
    """A row of the file: its values by column, and what is wrong with it."""

    number: int
    values: Mapping[str, Any]
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judged:
    """What a row of the file would do. `changes` are (title, before, after)."""

    number: int
    key: str
    verdict: str
    values: Mapping[str, Any]
    changes: tuple[tuple[str, str, str], ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        return WORDS[self.verdict]


def missing(columns: Sequence[Column], headings: Sequence[str]) -> list[str]:
    """Return the titles of required columns that no heading names."""
    return [
        one.title
        for one in columns
        if one.required and not any(one.is_headed(heading) for heading in headings)
    ]


def read(
    columns: Sequence[Column], headings: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]]
) -> list[Line]:
    """Read rows under their headings; a column that the file does not have is not in `values`."""
    at = {
        one: place
        for one in columns
        for place, heading in reversed(list(enumerate(headings)))
        if one.is_headed(heading)
    }
    return [_line(at, number, cells) for number, cells in rows if any(map(normal, cells))]


def _line(at: Mapping[Column, int], number: int, cells: Sequence[str]) -> Line:
    values: dict[str, Any] = {}
    faults: list[str] = []
    for column, place in at.items():
        text = normal(cells[place]) if place < len(cells) and cells[place] else ""
        if not text and column.required:
            faults.append(f"Cột “{column.title}” để trống.")
            continue
        try:
            values[column.name] = column.read(text)
        except ValueError as error:
            faults.append(f"Cột “{column.title}”: {error}")
    return Line(number, values, tuple(faults))


def compare(
    lines: Iterable[Line],
    *,
    key: str,
    columns: Sequence[Column],
    known: Mapping[str, Mapping[str, Any]],
    refuse: Callable[[Mapping[str, Any], bool], Iterable[str]],
) -> list[Judged]:
    """Set rows beside what is known by key. `refuse(values, is new)` says what else is wrong.

    The second row of a key is refused: nobody can say which of two is meant.
    """
    seen: dict[str, int] = {}
    judged = []
    for line in lines:
        code = str(line.values.get(key, ""))
        faults = list(line.faults)
        if code and code in seen:
            faults.append(f"Mã “{code}” đã có ở dòng {seen[code]} của tệp.")
        seen.setdefault(code, line.number)
        before = known.get(code)
        faults += refuse(line.values, before is None) if not faults else ()
        judged.append(_judged(line, code, columns, before, tuple(faults)))
    return judged


def _judged(
    line: Line,
    code: str,
    columns: Sequence[Column],
    before: Mapping[str, Any] | None,
    faults: tuple[str, ...],
) -> Judged:
    if faults:
        return Judged(line.number, code, REFUSED, line.values, faults=faults)
    if before is None:
        return Judged(line.number, code, NEW, line.values)
    changes = tuple(
        (one.title, shown(before.get(one.name)), shown(line.values[one.name]))
        for one in columns
        if one.name in line.values and line.values[one.name] != before.get(one.name)
    )
    return Judged(line.number, code, CHANGED if changes else SAME, line.values, changes)


def counts(judged: Iterable[Judged]) -> dict[str, int]:
    """Return how many rows have which verdict."""
    found = dict.fromkeys(WORDS, 0)
    for one in judged:
        found[one.verdict] += 1
    return found


def lines_of(judged: Iterable[Judged]) -> list[Line]:
    """Return the rows as they were read, with all that was wrong with them."""
    rows = sorted(judged, key=lambda one: one.number)
    return [Line(one.number, one.values, one.faults) for one in rows]


def shown(value: Any) -> str:
    """Return a value as the register's file writes it."""
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".").replace(".", ",")
    return str(value)


def text(cell: str) -> str:
    return cell


def names(cell: str) -> list[str]:
    """Read "pm25, pm10; co" as a list without repeats."""
    parts = (part.strip() for part in re.split(r"[,;]", cell))
    return list(dict.fromkeys(part for part in parts if part))


def number(cell: str) -> float | None:
    """Read "10,98" and "10.98"; nothing is None."""
    if not cell:
        return None
    try:
        found = float(cell.replace(" ", "").replace(",", "."))
    except ValueError:
        raise ValueError(f"“{cell}” không phải là số.") from None
    if found != found or abs(found) == float("inf"):
        raise ValueError(f"“{cell}” không phải là số.")
    return found


def whole(cell: str) -> int | None:
    """Read a positive whole number; nothing is None."""
    found = number(cell)
    if found is None:
        return None
    if found != int(found) or not 0 < found < 2**31:
        raise ValueError(f"“{cell}” phải là số nguyên lớn hơn 0.")
    return int(found)


def day(cell: str) -> dt.date | None:
    """Read dd/mm/yyyy or yyyy-mm-dd; nothing is None."""
    if not cell:
        return None
    try:
        if found := _DAY.fullmatch(cell):
            date, month, year = map(int, found.groups())
            return dt.date(year, month, date)
        return dt.date.fromisoformat(cell[:10])
    except ValueError:
        raise ValueError(f"“{cell}” không phải là ngày (viết ngày/tháng/năm).") from None


def one_of(words: Mapping[str, str]) -> Callable[[str], str]:
    """Return a reader of a code or its word, whatever its accents; nothing is ""."""
    known = {fold(said): code for code, word in words.items() for said in (code, word)}

    def read_word(cell: str) -> str:
        if not cell:
            return ""
        if fold(cell) not in known:
            raise ValueError(f"“{cell}” không có; chọn một trong: {', '.join(words.values())}.")
        return known[fold(cell)]

    return read_word


def place_faults(latitude: float | None, longitude: float | None) -> list[str]:
    """Return what is wrong with a place."""
    if (latitude is None) != (longitude is None):
        return ["Cần ghi cả vĩ độ và kinh độ, hoặc để trống cả hai."]
    if latitude is None or longitude is None:
        return []
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return ["Tọa độ nằm ngoài phạm vi: vĩ độ −90 đến 90, kinh độ −180 đến 180."]
    if latitude > 60 and longitude < 60:
        return ["Có lẽ vĩ độ và kinh độ bị đổi chỗ cho nhau."]
    return []
