"""From the columns of a file to the fields of a contract: straight, unpivoted, or melted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from haidang.data.ingest.errors import UnreadableFileError
from haidang.data.ingest.rules.chunk import Chunk, Lines
from haidang.data.ingest.rules.layout import MISSING, Layout
from haidang.foundation.core.text import fold

if TYPE_CHECKING:
    from haidang.data.catalogue.api import FieldSpec

_SHOWN = 12


@dataclass(frozen=True)
class Plan:
    """Which column feeds which field; for wide files, what each value column stands for."""

    fields: Mapping[str, int]
    labels: Mapping[str, str]
    constants: Mapping[str, str]
    value: str = ""
    spread: Sequence[tuple[int, str, Mapping[str, str]]] = ()
    notes: Sequence[str] = field(default=())
    missing: frozenset[str] = frozenset(MISSING)
    row_number: str = ""


def known_headings(fields: Sequence[FieldSpec], layout: Layout) -> Callable[[str], bool]:
    """Return what says whether a heading is one that the source's files should have."""
    names = _field_of(fields, layout)
    melt = layout.readings
    melted = {melt.time, melt.device_column, *melt.metrics} if melt else set()

    def known(heading: str) -> bool:
        folded = fold(heading)
        if not folded:
            return False
        spread = layout.unpivot is not None and layout.unpivot.heading.fullmatch(heading.strip())
        return folded in names or folded in melted or bool(spread)

    return known


def plan(headings: Sequence[str], fields: Sequence[FieldSpec], layout: Layout) -> Plan:
    """Return the plan for a file with these headings.

    Raises UnreadableFileError naming the columns that miss or stand twice.
    """
    made = draft(headings, fields, layout)
    refuse_lacking(headings, lacking(made, fields, layout))
    return made


def draft(headings: Sequence[str], fields: Sequence[FieldSpec], layout: Layout) -> Plan:
    """Return the plan for a file that may lack columns. Raises UnreadableFileError for others."""
    made = (_melted if _is_wide(headings, layout) else _straight)(headings, fields, layout)
    return replace(made, row_number="" if layout.row_number in made.fields else layout.row_number)


def lacking(made: Plan, fields: Sequence[FieldSpec], layout: Layout) -> list[FieldSpec]:
    """Return the needed fields that no column and no constant gives."""
    if layout.readings is not None:
        return []
    found = set(made.fields) | set(made.constants) | {made.value, made.row_number}
    found |= {name for _, _, given in made.spread for name in given}
    return [each for each in fields if each.name not in found and _needed(each)]


def refuse_lacking(headings: Sequence[str], missing: Sequence[FieldSpec]) -> None:
    """Raise UnreadableFileError that names the missing columns."""
    if missing:
        raise UnreadableFileError(
            f"Tệp thiếu cột {_quoted([each.title for each in missing])}. "
            f"Các cột đọc được: {_quoted(headings)}. "
            "Thêm cột còn thiếu vào tệp, hoặc khai tên cột của nguồn."
        )


def apply(made: Plan, lines: Lines) -> Chunk:
    """Return the rows of the file by field."""
    if made.spread:
        return _unpivoted(made, lines)
    count = len(lines.rows)
    columns = {name: lines.columns[place] for name, place in made.fields.items()}
    columns |= {name: _same(text, count) for name, text in made.constants.items()}
    columns |= _numbered(made, lines.rows)
    plain = {name: lines.plain[place] for name, place in made.fields.items()}
    return Chunk(lines.rows, columns, plain, made.labels, lines.broken)


def _numbered(made: Plan, rows: pa.Array) -> dict[str, pa.Array]:
    return {made.row_number: pc.cast(rows, pa.string())} if made.row_number else {}


def _needed(each: FieldSpec) -> bool:
    return each.required or each.key


def _field_of(fields: Sequence[FieldSpec], layout: Layout) -> dict[str, str]:
    """Return the field of each folded heading; "" for one that is declared not to be loaded."""
    names = {fold(each.title): each.name for each in fields}
    names |= {fold(each.name): each.name for each in fields}
    return names | dict(layout.columns)


def _is_wide(headings: Sequence[str], layout: Layout) -> bool:
    """Readings come wide (a column for each metric) or long (device, metric, time, value)."""
    found = {fold(heading) for heading in headings}
    return layout.readings is not None and not {"metric", "value"} <= found


def _straight(headings: Sequence[str], fields: Sequence[FieldSpec], layout: Layout) -> Plan:
    names = _field_of(fields, layout)
    taken: dict[str, int] = {}
    spread: list[tuple[int, str, Mapping[str, str]]] = []
    strange: list[str] = []
    for place, heading in enumerate(headings):
        name = names.get(fold(heading))
        if name:
            _take(taken, name, place, headings)
        elif given := _spread_of(heading, layout):
            spread.append((place, heading.strip(), given))
        elif heading.strip():
            strange.append(heading.strip())
    is_long = layout.unpivot is not None and layout.unpivot.value in taken
    if layout.unpivot and not spread and not is_long:
        raise UnreadableFileError(
            f"Không cột nào của tệp khớp mẫu tiêu đề của nguồn. Các cột: {_quoted(headings)}."
        )
    return Plan(
        fields=taken,
        labels={name: headings[place].strip() for name, place in taken.items()},
        constants=layout.constants,
        value=layout.unpivot.value if layout.unpivot and spread else "",
        spread=spread,
        notes=_note(strange),
        missing=layout.missing,
    )


def _take(taken: dict[str, int], name: str, place: int, headings: Sequence[str]) -> None:
    if name in taken:
        raise UnreadableFileError(
            f"Hai cột “{headings[taken[name]].strip()}” (cột {taken[name] + 1}) và "
            f"“{headings[place].strip()}” (cột {place + 1}) là cùng một trường. Bỏ bớt một cột."
        )
    taken[name] = place


def _spread_of(heading: str, layout: Layout) -> dict[str, str]:
    if layout.unpivot is None:
        return {}
    match = layout.unpivot.heading.fullmatch(heading.strip())
    if match is None:
        return {}
    given = {name: (text or "").strip() for name, text in match.groupdict().items()}
    words = layout.unpivot.words
    return {name: words.get(name, {}).get(text, text) for name, text in given.items()}


def _melted(headings: Sequence[str], fields: Sequence[FieldSpec], layout: Layout) -> Plan:
    melt = layout.readings
    assert melt is not None
    places = {fold(heading): place for place, heading in enumerate(headings)}
    wanted = [melt.time] + ([melt.device_column] if melt.device_column else [])
    if lacking := [name for name in wanted if name not in places]:
        raise UnreadableFileError(
            f"Tệp thiếu cột {_quoted(lacking)}. Các cột đọc được: {_quoted(headings)}."
        )
    spread = [
        (places[heading], headings[places[heading]].strip(), {"metric": metric})
        for heading, metric in melt.metrics.items()
        if heading in places
    ]
    if not spread:
        raise UnreadableFileError(
            f"Tệp không có cột thông số nào của nguồn. Các cột đọc được: {_quoted(headings)}."
        )
    taken = {"time": places[melt.time]}
    if melt.device_column:
        taken["device"] = places[melt.device_column]
    constants = dict(layout.constants) | ({"device": melt.device} if melt.device else {})
    labels = {name: headings[place].strip() for name, place in taken.items()}
    used = {*taken.values(), *(place for place, _, _ in spread)}
    strange = [text for place, text in enumerate(headings) if place not in used and text.strip()]
    return Plan(taken, labels, constants, "value", spread, _note(strange), layout.missing)


def _unpivoted(made: Plan, lines: Lines) -> Chunk:
    """One row for each filled cell of a value column; empty ones are counted, not kept."""
    parts = [_part(made, lines, *each) for each in made.spread]
    rows = pa.concat_arrays([part.rows for part in parts])
    names = parts[0].columns
    return Chunk(
        rows,
        {name: pa.concat_arrays([part.columns[name] for part in parts]) for name in names},
        {name: _joined([part.plain[name] for part in parts], parts) for name in parts[0].plain},
        {
            **made.labels,
            made.value: pa.concat_arrays(
                [_same(str(part.labels[made.value]), len(part)) for part in parts]
            ),
        },
        lines.broken,
        empty_cells=sum(part.empty_cells for part in parts),
    )


def _part(made: Plan, lines: Lines, place: int, heading: str, given: Mapping[str, str]) -> Chunk:
    filled = is_filled(lines.columns[place], made.missing)
    keep = pa.array(filled)
    count = int(filled.sum())
    columns = {name: lines.columns[at].filter(keep) for name, at in made.fields.items()}
    columns |= {name: _same(text, count) for name, text in made.constants.items()}
    columns |= {name: _same(text, count) for name, text in given.items()}
    columns |= _numbered(made, lines.rows.filter(keep))
    columns[made.value] = lines.columns[place].filter(keep)
    plain = {name: _kept(lines.plain[at], keep) for name, at in made.fields.items()}
    plain[made.value] = _kept(lines.plain[place], keep)
    return Chunk(
        lines.rows.filter(keep),
        columns,
        plain,
        {made.value: heading},
        empty_cells=len(filled) - count,
    )


def is_filled(text: pa.Array, missing: frozenset[str]) -> np.ndarray:
    """Return which cells say something."""
    trimmed = pc.utf8_trim_whitespace(pc.fill_null(text, ""))
    nothing = pa.array(sorted(missing))
    empty: np.ndarray = pc.is_in(trimmed, value_set=nothing).to_numpy(zero_copy_only=False)
    return ~empty


def _kept(mask: pa.Array | None, keep: pa.Array) -> pa.Array | None:
    return None if mask is None else mask.filter(keep)


def _joined(masks: Sequence[pa.Array | None], parts: Sequence[Chunk]) -> pa.Array | None:
    if all(mask is None for mask in masks):
        return None
    whole = [
        pa.array(np.zeros(len(part), dtype=bool)) if mask is None else mask
        for mask, part in zip(masks, parts, strict=True)
    ]
    return pa.concat_arrays(whole)


def _same(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), count)


def _note(strange: Sequence[str]) -> list[str]:
    return [f"Cột không có trong hợp đồng, không nạp: {_quoted(strange)}."] if strange else []


def _quoted(names: Sequence[str]) -> str:
    shown = [f"“{name.strip()}”" for name in names if name.strip()]
    more = f" và {len(shown) - _SHOWN} cột khác" if len(shown) > _SHOWN else ""
    return ", ".join(shown[:_SHOWN]) + more
