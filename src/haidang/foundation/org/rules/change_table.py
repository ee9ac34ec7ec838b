"""A set of changes as a table: one row per part, so that an official can write it in Excel."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation

from haidang.foundation.org.rules.changes import CHANGES, MEASURES, Change, PartRow
from haidang.foundation.org.rules.values import UnitRef, UnitRow

HEADER = (
    "Mã đơn vị", "Việc", "Thành mã", "Phần chuyển", "Căn cứ chia", "Khu phố, ấp chuyển",
    "Tên đầy đủ mới", "Tên ngắn mới", "Loại hình", "Cấp", "Trực thuộc mã", "Mã khác",
)  # fmt: skip
_SIGNS = re.compile(r"\d{1,3}(\.\d{3})+")


@dataclass
class Read:
    """What a table says, and the lines that say nothing sensible."""

    changes: list[Change] = field(default_factory=list)
    after: list[UnitRow] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read(
    rows: Sequence[Sequence[str]], standing: Mapping[str, UnitRef], levels: Mapping[str, str]
) -> Read:
    """Read a table. `standing` fills in what is not said of units that stay; `levels` are names.

    Lines count as a spreadsheet does, from 1; the first row with a known heading is the header.
    """
    found = Read()
    at = next((n for n, row in enumerate(rows) if _plain(HEADER[0]) in map(_plain, row)), None)
    if at is None:
        found.problems.append(f"Không thấy dòng tiêu đề có cột “{HEADER[0]}”.")
        return found
    columns = {_plain(title): place for place, title in enumerate(rows[at])}
    parts: dict[str, list[tuple[str, PartRow, str]]] = {}
    units: dict[str, UnitRow] = {}
    for number, row in enumerate(rows[at + 1 :], at + 2):
        if not any(cell.strip() for cell in row):
            continue
        line = _Line(number, columns, row, found.problems)
        unit, target = line.cell("Mã đơn vị"), line.cell("Thành mã") or line.cell("Mã đơn vị")
        if unit:
            part = PartRow(target, line.amount(), line.listed("Khu phố, ấp chuyển"))
            kind = line.word("Việc", CHANGES)
            parts.setdefault(unit, []).append((kind, part, line.word("Căn cứ chia", MEASURES)))
        described = _unit(line, target, units.get(target), standing, levels)
        if described is not None:
            units[target] = described
    found.changes = [_change(unit, said) for unit, said in parts.items()]
    found.after = list(units.values())
    return found


def written(
    changes: Iterable[Change], after: Iterable[UnitRow], levels: Mapping[str, str]
) -> list[list[str]]:
    """Return the rows under HEADER that say the same; the name of a unit stands in one of them."""
    waiting = {row.code: row for row in after}
    rows = []
    for change in changes:
        for part in change.parts:
            row = waiting.pop(part.target, None)
            amount = "" if part.amount is None else f"{part.amount.normalize():f}"
            start = [
                *(change.unit, CHANGES[change.kind], part.target, amount.replace(".", ",")),
                *(MEASURES[change.measure], "; ".join(part.places)),
            ]
            rows.append([*start, *_described(row, levels)])
    return rows


class _Line:
    """One line, asked by the titles of its columns."""

    def __init__(
        self, number: int, columns: Mapping[str, int], row: Sequence[str], problems: list[str]
    ) -> None:
        self.number, self._columns, self._row, self._problems = number, columns, row, problems

    def cell(self, title: str) -> str:
        place = self._columns.get(_plain(title))
        if place is None or place >= len(self._row):
            return ""
        return unicodedata.normalize("NFC", self._row[place]).strip()

    def listed(self, title: str) -> tuple[str, ...]:
        return tuple(one.strip() for one in self.cell(title).split(";") if one.strip())

    def amount(self) -> Decimal | None:
        said = self.cell("Phần chuyển").replace(" ", "").replace("%", "")
        if not said:
            return None
        if "," in said or _SIGNS.fullmatch(said):
            said = said.replace(".", "").replace(",", ".")
        try:
            amount = Decimal(said)
        except InvalidOperation:
            self.complain(f"“{self.cell('Phần chuyển')}” không phải là số.")
            return None
        if not amount.is_finite() or amount <= 0:
            self.complain("phần chuyển phải lớn hơn 0.")
            return None
        return amount

    def word(self, title: str, words: Mapping[str, str]) -> str:
        """Return the code of a word; the first code where nothing is said."""
        said = _plain(self.cell(title))
        if not said:
            return next(iter(words)) if words is MEASURES else ""
        for code, name in words.items():
            if said in (code, _plain(name)):
                return code
        self.complain(f"“{self.cell(title)}”: cột {title} chỉ nhận {', '.join(words.values())}.")
        return next(iter(words)) if words is MEASURES else ""

    def complain(self, what: str) -> None:
        self._problems.append(f"Dòng {self.number}: {what}")


def _change(unit: str, said: Sequence[tuple[str, PartRow, str]]) -> Change:
    """Return what is said of a unit in one row or several; a kind not named is told by the form."""
    parts = tuple(part for _, part, _ in said)
    kind = next((kind for kind, _, _ in said if kind), "split" if len(parts) > 1 else "merge")
    return Change(unit, kind, parts, said[0][2])


def _unit(
    line: _Line,
    code: str,
    known: UnitRow | None,
    standing: Mapping[str, UnitRef],
    levels: Mapping[str, str],
) -> UnitRow | None:
    """Return the unit as this line describes it, upon what earlier lines or the register say."""
    said = {
        "name": line.cell("Tên đầy đủ mới"),
        "short_name": line.cell("Tên ngắn mới"),
        "designation": line.cell("Loại hình"),
        "level": _level(line, levels),
        "parent": line.cell("Trực thuộc mã"),
    }
    said = {name: value for name, value in said.items() if value}
    aliases = line.listed("Mã khác")
    if not said and not aliases:
        return known
    row = known or _as_it_stands(code, standing)
    if row is None:
        missing = [title for name, title in _NEEDED.items() if name not in said]
        if missing:
            line.complain(f"đơn vị mới {code} chưa có {', '.join(missing)}.")
            return known
        row = UnitRow(code, "", "", "", "ubnd")
        said.setdefault("short_name", said["name"])
    return replace(row, **said, aliases=row.aliases + aliases)  # type: ignore[arg-type]  # all text


_NEEDED = {"name": "Tên đầy đủ mới", "level": "Cấp", "parent": "Trực thuộc mã"}


def _as_it_stands(code: str, standing: Mapping[str, UnitRef]) -> UnitRow | None:
    ref = standing.get(code)
    if ref is None:
        return None
    parent = next((one.code for one in standing.values() if one.id == ref.parent_id), None)
    return UnitRow(
        code, ref.name, ref.short_name, ref.level, ref.kind, parent, ref.relation, ref.designation
    )


def _level(line: _Line, levels: Mapping[str, str]) -> str:
    said = _plain(line.cell("Cấp"))
    for code, name in levels.items():
        if said in (code, _plain(name)):
            return code
    if said:
        line.complain(f"“{line.cell('Cấp')}”: cột Cấp chỉ nhận {', '.join(levels.values())}.")
    return ""


def _described(row: UnitRow | None, levels: Mapping[str, str]) -> list[str]:
    if row is None:
        return [""] * 6
    level = levels.get(row.level, row.level)
    return [
        *(row.name, row.short_name, row.designation, level, row.parent or ""),
        "; ".join(row.aliases),
    ]


def _plain(words: str) -> str:
    """Return words without accents, case and the signs between them."""
    spread = unicodedata.normalize("NFD", words.lower().replace("đ", "d"))
    letters = "".join(one for one in spread if not unicodedata.combining(one))
    return " ".join(re.findall(r"[a-z0-9]+", letters))
