"""Tables that are wide: a column for each year, or for each of many series, become rows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from haidang.data.ingest.rules.inference.values import Proposed, Sampled

_YEARS_AT_LEAST = 3
_SERIES_AT_LEAST = 40
_EARLY = r"Prel|Pre|Sơ bộ|So bo|Ước|Est"
_MARK = rf"(?:(?P<so_bo>{_EARLY})[\s._]*)?"
_NO_MARK = r""
_YEAR = r"X?(?P<nam>(?:19|20)\d{2})"
_STARS = r"(?:\s*\(\*+\))?"
_BEHIND = rf"\s*{{mark}}{_YEAR}{_STARS}[\s.:_-]*(?P<nhom>.*?)\s*"
_BEFORE = rf"\s*(?P<nhom>.*?)[\s.:_-]*{{mark}}{_YEAR}{_STARS}\s*"
_BARE = rf"\s*{{mark}}{_YEAR}{_STARS}\s*"
_NUMBERED = re.compile(r"([A-Za-z_]+?)\d+")


@dataclass(frozen=True)
class Spread:
    """Columns that become rows: their places, the declared unpivot, and the fields it gives."""

    places: tuple[int, ...]
    unpivot: dict[str, Any]
    fields: tuple[Proposed, ...]
    note: str


def find(columns: Sequence[Sampled], is_number: Sequence[bool]) -> Spread | None:
    """Return how the table is spread over columns, or None."""
    measured = [one for one, good in zip(columns, is_number, strict=True) if good]
    return _years(measured) or _series(measured)


def _years(columns: Sequence[Sampled]) -> Spread | None:
    found = [one for one in columns if re.search(r"(?:19|20)\d{2}", one.heading)]
    if len(found) < _YEARS_AT_LEAST:
        return None
    marked = any(re.search(rf"(?:{_EARLY})[\s._]*X?(?:19|20)\d{{2}}", one.heading) for one in found)
    mark = _MARK if marked else _NO_MARK
    for shape, labelled in ((_BARE, False), (_BEHIND, True), (_BEFORE, True)):
        pattern = re.compile(shape.replace("{mark}", mark))
        matched = {one.place: pattern.fullmatch(one.heading) for one in found}
        good = {place: match for place, match in matched.items() if match}
        said = {tuple(sorted(match.groupdict().items(), key=str)) for match in good.values()}
        if len(good) >= max(_YEARS_AT_LEAST, len(found) - 1) and len(said) == len(good):
            return _yearly(good, pattern.pattern, labelled, marked)
    return None


def _yearly(found: dict[int, re.Match[str]], heading: str, labelled: bool, marked: bool) -> Spread:
    years = sorted({match["nam"] for match in found.values()})
    unpivot: dict[str, Any] = {"heading": heading, "value": "gia_tri"}
    fields = []
    if labelled:
        whole = all(match["nhom"] for match in found.values())
        fields.append(
            Proposed("nhom", "Nhóm", key=True, required=whole, why="phần chữ của tiêu đề cột")
        )
    fields.append(Proposed("nam", "Năm", type="year", key=True, required=True, why="tiêu đề cột"))
    if marked:
        words = dict.fromkeys(_EARLY.split("|"), "sơ bộ")
        unpivot["words"] = {"so_bo": words}
        fields.append(Proposed("so_bo", "Tính chất số liệu", why="“Prel”, “Sơ bộ” ở tiêu đề cột"))
    fields.append(
        Proposed("gia_tri", "Giá trị", type="number", required=True, why="ô của các cột năm")
    )
    span = years[0] if len(years) == 1 else f"{years[0]} đến {years[-1]}"
    note = f"{len(found)} cột của các năm {span} được xoay: mỗi ô có số thành một dòng."
    return Spread(tuple(found), unpivot, tuple(fields), note)


def _series(columns: Sequence[Sampled]) -> Spread | None:
    stems: dict[str, list[Sampled]] = {}
    for one in columns:
        if found := _NUMBERED.fullmatch(one.heading):
            stems.setdefault(found[1], []).append(one)
    stem, some = max(stems.items(), key=lambda each: len(each[1]), default=("", []))
    if len(some) < _SERIES_AT_LEAST:
        return None
    fields = (
        Proposed("chuoi", "Chuỗi", key=True, required=True, why="tiêu đề cột"),
        Proposed("gia_tri", "Giá trị", type="number", required=True, why="ô của các cột chuỗi"),
    )
    unpivot = {"heading": rf"(?P<chuoi>{re.escape(stem)}\d+)", "value": "gia_tri"}
    note = (
        f"{len(some)} cột {some[0].heading} … {some[-1].heading} được xoay: mỗi ô thành một dòng."
    )
    return Spread(tuple(one.place for one in some), unpivot, fields, note)
