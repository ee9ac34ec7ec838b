"""Whether a file has the columns that were agreed, and if not, in what it differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from haidang.data.ingest.rules import cells
from haidang.data.ingest.rules.cells.numbers import style_of
from haidang.data.ingest.rules.chunk import Chunk, Lines
from haidang.data.ingest.rules.layout import Layout
from haidang.data.ingest.rules.shape import Plan
from haidang.data.ingest.rules.values import Rejected
from haidang.foundation.core.text import fold

if TYPE_CHECKING:
    from haidang.data.catalogue.api import FieldSpec

SPREAD = "*"
_ALIKE = 0.6
_ENOUGH = 5  # filled cells of a column, before its type is judged
_NOT_OF_TYPE = {
    "not_a_number",
    "not_an_integer",
    "not_a_boolean",
    "not_a_date",
    "not_a_time",
    "not_a_year",
    "not_a_month",
}
_READERS: Sequence[tuple[str, Callable[[pa.Array], cells.Column]]] = (
    ("integer", lambda text: cells.integers(text, None, style_of(text))),
    ("number", lambda text: cells.numbers(text, None, style_of(text))),
    ("date", cells.dates),
    ("datetime", lambda text: cells.datetimes(text, "Asia/Ho_Chi_Minh")),
    ("yearmonth", cells.yearmonths),
    ("boolean", cells.booleans),
)


@dataclass(frozen=True)
class Heading:
    """A column of a file: the field it feeds ("" none, "*" several); its type if another."""

    heading: str
    field: str
    type: str = ""


@dataclass(frozen=True)
class Difference:
    """One difference from what was agreed.

    new: a column that nobody spoke of. gone: an agreed column is missing; `like` is a new column
    that may be it under another name. type: most of a column cannot be read as its field's type.
    `found` is what a new or changed column can be read as.
    """

    kind: Literal["new", "gone", "type"]
    heading: str
    field: str = ""
    like: str = ""
    found: str = ""
    is_needed: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def headings_of(headings: Sequence[str], plan: Plan) -> list[Heading]:
    """Return the columns of a file and what they feed."""
    fields = {place: name for name, place in plan.fields.items()}
    fields |= {place: SPREAD for place, _, _ in plan.spread}
    named = ((place, text.strip()) for place, text in enumerate(headings))
    return [Heading(text, fields.get(place, "")) for place, text in named if text]


def differences(
    agreed: Sequence[Heading],
    found: Sequence[Heading],
    lacking: Mapping[str, str],
    declared: Layout,
    *,
    is_table: bool,
) -> list[Difference]:
    """Return in what a file's columns differ from the agreed ones.

    `lacking` are needed fields without a column, with their titles. In a table every column stands
    in every file; objects (JSON, XML) may leave out what is optional.
    """
    known = {fold(one.heading) for one in agreed}
    here = {fold(one.heading) for one in found}
    fed = {one.field for one in found}
    new = [
        one.heading
        for one in found
        if not one.field and fold(one.heading) not in known | set(declared.columns)
    ]
    gone = [
        Difference("gone", one.heading, one.field, is_needed=one.field in lacking)
        for one in agreed
        if one.field not in {"", SPREAD} | fed
        and fold(one.heading) not in here
        and (is_table or one.field in lacking)
    ]
    told = {one.field for one in gone}
    gone += [
        Difference("gone", title, name, is_needed=True)
        for name, title in lacking.items()
        if name not in told
    ]
    return [*_renamed(gone, new), *(Difference("new", heading) for heading in new)]


def _renamed(gone: Sequence[Difference], new: Sequence[str]) -> list[Difference]:
    """Say of each missing column which new one is most like it; each is named once."""
    pairs = sorted(
        (
            (_alike(one.heading, heading), at, heading)
            for at, one in enumerate(gone)
            for heading in new
        ),
        key=lambda pair: -pair[0],
    )
    likes: dict[int, str] = {}
    for alike, at, heading in pairs:
        if alike >= _ALIKE and at not in likes and heading not in likes.values():
            likes[at] = heading
    return [replace(one, like=likes.get(at, "")) for at, one in enumerate(gone)]


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, fold(one), fold(other)).ratio()


def changed_types(
    agreed: Sequence[Heading],
    fields: Sequence[FieldSpec],
    chunk: Chunk,
    rejected: Sequence[Rejected],
    missing: frozenset[str],
) -> list[Difference]:
    """Return the columns most of whose cells cannot be read as their field's type.

    What was agreed to be read so in spite of that is not told again.
    """
    bad = Counter(
        reason["field"]
        for _, _, reasons in rejected
        for reason in reasons
        if reason["code"] in _NOT_OF_TYPE
    )
    known = {one.field: one.type for one in agreed}
    told: list[Difference] = []
    for each in fields:
        if not bad[each.name]:
            continue
        text = _filled(chunk.columns[each.name], missing)
        if len(text) < _ENOUGH or bad[each.name] * 2 <= len(text):
            continue
        label = chunk.labels.get(each.name)
        found = type_of(text)
        if found not in {known.get(each.name), each.type}:
            heading = label if isinstance(label, str) else each.title
            told.append(Difference("type", heading, each.name, found=found))
    return told


def with_types(
    told: Sequence[Difference], headings: Sequence[str], lines: Lines, missing: frozenset[str]
) -> list[Difference]:
    """Say of new columns what their first cells can be read as."""
    at = {text.strip(): place for place, text in enumerate(headings)}
    found = []
    for one in told:
        if one.kind == "new":
            text = _filled(lines.columns[at[one.heading]], missing)
            one = replace(one, found=type_of(text) if len(text) else "string")
        found.append(one)
    return found


def type_of(text: pa.Array) -> str:
    """Return the narrowest type that all of a column's filled cells can be read as."""
    return next((name for name, read in _READERS if not read(text).faults), "string")


def _filled(column: pa.Array, missing: frozenset[str]) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(pc.fill_null(column, ""))
    empty = pc.is_in(trimmed, value_set=pa.array(sorted(missing | {""})))
    return trimmed.filter(pc.invert(empty))
