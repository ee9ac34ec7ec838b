"""Many waiting rows mended at once: what each becomes, and whether it would pass. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from haidang.foundation.core.text import fold, normal

if TYPE_CHECKING:
    from haidang.data.catalogue.api import FieldSpec

READY, WRONG, SAME, STRANGE = "ready", "wrong", "same", "strange"
WORDS = {
    READY: "Sửa được",
    WRONG: "Vẫn chưa đúng",
    STRANGE: "Không khớp dòng nào",
    SAME: "Không đổi",
}
KEY, RUN, LINE, WHY = "Mã dòng chờ", "Lượt nạp", "Dòng trong tệp", "Lý do phải chờ"
_NUMERIC = {"integer", "number"}


@dataclass(frozen=True)
class Change:
    """One field of a row, before and after."""

    field: str
    title: str
    before: str
    after: str


@dataclass(frozen=True)
class Amended:
    """What a row becomes. `reasons` say why it would wait again; `number` is its file's line."""

    row: int
    run: int
    line: int
    dataset: str
    verdict: str
    changes: tuple[Change, ...] = ()
    reasons: tuple[Mapping[str, str], ...] = ()
    number: int = 0

    @property
    def word(self) -> str:
        return WORDS[self.verdict]

    @property
    def values(self) -> dict[str, str]:
        return {one.field: one.after for one in self.changes}


@dataclass(frozen=True)
class Sent:
    """A line of a corrected file: which waiting row it says it is, and its cells by heading."""

    number: int
    cells: Mapping[str, str]
    plain: Container[str] = frozenset()
    fault: str = ""

    def whole(self, heading: str) -> int | None:
        """Return a whole number, whatever a spreadsheet made of it."""
        found = re.fullmatch(r"(\d{1,18})([.,]0+)?", self.cells.get(heading, "").strip())
        return int(found[1]) if found else None


def changes(
    before: Mapping[str, str], after: Mapping[str, str], fields: Sequence[FieldSpec]
) -> tuple[Change, ...]:
    """Return the fields whose text differs, blanks around it apart."""
    return tuple(
        Change(one.name, one.title, before.get(one.name, ""), after[one.name])
        for one in fields
        if one.name in after and normal(after[one.name]) != normal(before.get(one.name, ""))
    )


def headings(fields: Sequence[FieldSpec]) -> dict[str, str]:
    """Return the heading of each field in a file of waiting rows; no two are alike."""
    taken = Counter(fold(title) for title in (KEY, RUN, LINE, WHY))
    taken.update(fold(one.title) for one in fields)
    return {
        one.name: one.title if taken[fold(one.title)] == 1 else f"{one.title} ({one.name})"
        for one in fields
    }


def values_of(
    sent: Sent, fields: Sequence[FieldSpec], closed: Container[str] = ()
) -> dict[str, str]:
    """Return the open fields that a line says, as they are typed in Vietnam.

    A number that a program stored has a point; the typed one a comma.
    """
    under = {fold(heading): (heading, text) for heading, text in sent.cells.items()}
    names = headings(fields)
    said: dict[str, str] = {}
    for one in fields:
        heading, text = under.get(fold(names[one.name]), ("", ""))
        if not heading or one.name in closed:
            continue
        is_stored = heading in sent.plain and one.type in _NUMERIC
        said[one.name] = normal(text.replace(".", ",") if is_stored else text)
    return said


def one_field(
    rows: Iterable[tuple[int, Mapping[str, str]]], field: str, value: str, was: str | None
) -> dict[int, dict[str, str]]:
    """Return what gives one field of many rows a value; `was`: only where this stood."""
    return {
        row: {field: value.strip()}
        for row, said in rows
        if was is None or said.get(field, "").strip() == was.strip()
    }


def counts(judged: Iterable[Amended]) -> list[tuple[str, str, int]]:
    """Return (verdict, word, how many) for every verdict."""
    found = Counter(one.verdict for one in judged)
    return [(verdict, word, found[verdict]) for verdict, word in WORDS.items()]
