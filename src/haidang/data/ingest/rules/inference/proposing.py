"""The proposal: fields, the mapping that feeds them, and what a person should know about it."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from haidang.data.ingest.rules import matching
from haidang.data.ingest.rules.cells.column import only
from haidang.data.ingest.rules.cells.numbers import POINT, style_of
from haidang.data.ingest.rules.inference import keys, names, types, wide
from haidang.data.ingest.rules.inference.values import Proposed, Sampled
from haidang.data.ingest.rules.layout import MISSING
from haidang.foundation.core.text import fold

ROW = Proposed(
    "dong", "Dòng trong tệp", type="integer", required=True, key=True,
    why="không cột nào phân biệt được các dòng",
)  # fmt: skip
# Words of programs and offices for "no value"; they are declared only where they stand.
_NOTHING = ("NA", "N/A", "n/a", "na", "NaN", "nan", "null", "NULL", "None", "#N/A", "*", "--", "x")
_REQUIRED_ROWS = 20


@dataclass(frozen=True)
class Proposal:
    """What the sample suggests. `mapping` is the declared layout of the source to be."""

    fields: tuple[Proposed, ...]
    mapping: dict[str, Any]
    notes: tuple[str, ...]


def propose(
    headings: Sequence[str],
    columns: Sequence[pa.Array],
    plain: Sequence[pa.Array | None],
    *,
    is_unit: Callable[[str], bool] = lambda word: False,
    keep_wide: bool = False,
) -> Proposal:
    """Propose a contract for a table of text.

    `plain` marks the cells that a program stored as numbers; `keep_wide` leaves a column for each
    year as it is.
    """
    sampled, missing = _sampled(headings, columns, plain)
    style = _style(sampled)
    kinds = [types.kind_of(one, style, is_unit) for one in sampled]
    numeric = [
        kind.type in {"integer", "number"} or not one.filled
        for one, kind in zip(sampled, kinds, strict=True)
    ]
    spread = None if keep_wide else wide.find(sampled, numeric)
    kept = [at for at, one in enumerate(sampled) if not (spread and one.place in spread.places)]
    fields = _named([sampled[at] for at in kept], [kinds[at] for at in kept], spread)
    mapping = _declared(headings, fields, missing, style)
    notes = [*_unread(headings), *([spread.note] if spread else [])]
    fields, by_row = _keyed([sampled[at] for at in kept], fields, spread)
    if by_row:
        mapping["row_number"] = ROW.name
        fields = [ROW, *fields]
        notes.append("Khóa gồm số dòng trong tệp: nạp lại tệp có thứ tự khác sẽ thành dòng mới.")
    if spread:
        mapping["unpivot"] = spread.unpivot
    return Proposal((*fields, *(spread.fields if spread else ())), mapping, tuple(notes))


def _unread(headings: Sequence[str]) -> list[str]:
    """Say which columns have no name to be known by."""
    notes = []
    if bare := [str(at) for at, heading in enumerate(headings, 1) if not heading.strip()]:
        notes.append(f"Cột không có tiêu đề, không nạp: cột thứ {', '.join(bare[:12])}.")
    if twice := sorted({one.strip() for one in headings if fold(one) in _twice(headings)}):
        notes.append(f"Tiêu đề đứng ở nhiều cột, không nạp: {', '.join(twice[:12])}.")
    return notes


def _sampled(
    headings: Sequence[str], columns: Sequence[pa.Array], plain: Sequence[pa.Array | None]
) -> tuple[list[Sampled], list[str]]:
    """Return the columns that have a heading, and the words that stand for nothing in them."""
    trimmed = [pc.utf8_trim_whitespace(column) for column in columns]
    keep = _not_the_heading(headings, trimmed)
    missing: set[str] = set()
    twice = _twice(headings)
    found = []
    for place, heading in enumerate(headings):
        if not heading.strip() or fold(heading) in twice:
            continue
        text = trimmed[place].filter(keep)
        text = only(text, pc.invert(pc.is_in(text, value_set=pa.array(list(MISSING)))))
        text, said = _without_words(text)
        missing |= said
        flags = plain[place]
        found.append(
            Sampled(place, heading.strip(), text, None if flags is None else flags.filter(keep))
        )
    return found, sorted(missing)


def _not_the_heading(headings: Sequence[str], columns: Sequence[pa.Array]) -> pa.Array:
    """A heading that stands again as a row says nothing about the columns."""
    same = None
    for heading, column in zip(headings, columns, strict=True):
        if heading.strip():
            equal = pc.fill_null(pc.equal(column, heading.strip()), False)
            same = equal if same is None else pc.and_(same, equal)
    return pc.invert(same)


def _without_words(text: pa.Array) -> tuple[pa.Array, set[str]]:
    """Take out words for "nothing" where all the other cells are numbers."""
    words = pa.array(list(_NOTHING))
    nothing = pc.fill_null(pc.is_in(text, value_set=words), False)
    if not pc.any(nothing).as_py():
        return text, set()
    rest = only(text, pc.invert(nothing))
    is_number = pc.all(pc.match_substring_regex(rest.drop_null(), r"^[\d.,\s%+-]+$")).as_py()
    if not is_number or rest.null_count == len(rest):
        return text, set()
    return rest, set(pc.unique(text.filter(nothing)).to_pylist())


def _style(columns: Sequence[Sampled]) -> str:
    """Return the decimal sign of the file: what its columns that tell agree on, else the point."""
    said = {
        style
        for one in columns
        if (
            style := style_of(
                one.text if one.plain is None else pc.if_else(one.plain, None, one.text)
            )
        )
    }
    return said.pop() if len(said) == 1 else POINT


def _named(
    columns: Sequence[Sampled], kinds: Sequence[types.Kind], spread: wide.Spread | None
) -> list[Proposed]:
    taken = [one.name for one in spread.fields] if spread else []
    given = names.names([*taken, ROW.name, *(one.heading for one in columns)])[len(taken) + 1 :]
    return [
        Proposed(
            name=name,
            title=column.heading[:200],
            heading=column.heading,
            type=kind.type,
            unit_of_measure=kind.unit_of_measure or _unit(column, kind),
            required=column.is_full and len(column.text) >= _REQUIRED_ROWS,
            codes=kind.codes,
            minimum=kind.minimum,
            maximum=kind.maximum,
            personal_data=kind.personal_data,
            why=kind.why,
        )
        for name, column, kind in zip(given, columns, kinds, strict=True)
    ]


def _unit(column: Sampled, kind: types.Kind) -> str:
    return names.unit_of_measure(column.heading) if kind.type in {"integer", "number"} else ""


def _declared(
    headings: Sequence[str], fields: Sequence[Proposed], missing: list[str], style: str
) -> dict[str, Any]:
    """Return what the headings do not say by themselves."""
    names_of = {each.heading: each.name for each in fields}
    chosen = [names_of.get(heading.strip(), "") for heading in headings]
    parts = {
        "columns": matching.columns(headings, chosen, fields, {}),  # type: ignore[arg-type]
        "missing": missing,
        "decimal": style if any(each.type == "number" for each in fields) else "",
    }
    return matching.mapping({}, **parts)


def _twice(headings: Sequence[str]) -> set[str]:
    """Return the folded headings that stand twice: nobody can tell which column is meant."""
    counted = Counter(fold(heading) for heading in headings if heading.strip())
    return {heading for heading, count in counted.items() if count > 1}


def _keyed(
    columns: Sequence[Sampled], fields: Sequence[Proposed], spread: wide.Spread | None
) -> tuple[list[Proposed], bool]:
    """Return the fields with their keys marked, and whether the row's number is needed too."""
    if not columns:
        return list(fields), True
    found = keys.find(columns, fields)
    if found is None:
        return list(fields), True
    return [
        replace(each, key=True, required=True) if at in found else each
        for at, each in enumerate(fields)
    ], False
