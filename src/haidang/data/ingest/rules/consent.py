"""What a person may answer to a changed structure, and what the answers make of it.

Answers by kind of difference: new: "skip", "add" or "is:<field>"; gone: "moved" (another column is
said to be it), "absent" or "optional"; type: "keep", "widen" or "apart".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from haidang.data.ingest.errors import IngestError
from haidang.data.ingest.rules.structure import Difference, Heading
from haidang.foundation.core.text import fold

if TYPE_CHECKING:
    from haidang.data.catalogue.api import FieldSpec

Answers = Sequence[str]


@dataclass(frozen=True)
class Agreement:
    """What consent makes: the fields of the contract, new headings of fields, the columns."""

    fields: tuple[FieldSpec, ...]
    headings: Mapping[str, str]
    columns: tuple[Heading, ...]


def choices(
    one: Difference,
    fields: Sequence[FieldSpec],
    free: Collection[str],
    is_wider: Callable[[str, str], bool],
) -> list[str]:
    """Return the possible answers, the likeliest first; `free` are fields without a column."""
    by_name = {each.name: each for each in fields}
    if one.kind == "new":
        return ["skip", "add", *(f"is:{name}" for name in free)]
    field = by_name.get(one.field)
    if one.kind == "type":
        widens = field is not None and is_wider(field.type, one.found)
        apart = [] if field is None or field.key else ["apart"]
        return ["keep", *(["widen"] if widens else []), *apart]
    if field is None or not (field.required or field.key):
        return ["absent", "moved"]
    return ["moved"] if field.key else ["moved", "optional"]


def agree(
    found: Sequence[Difference],
    answers: Answers,
    fields: Sequence[FieldSpec],
    columns: Sequence[Heading],
    *,
    is_wider: Callable[[str, str], bool],
    name_of: Callable[[str, Collection[str]], str],
    field_of: Callable[..., FieldSpec],
) -> Agreement:
    """Return what the answers make. Raises IngestError naming the answer that does not fit."""
    if len(answers) != len(found):
        raise IngestError("Cần trả lời từng khác biệt.")
    own = {each.name: each for each in fields}
    fed = {one.field for one in columns}
    free = [name for name in own if name not in fed]
    headings: dict[str, str] = {}
    kept = {fold(one.heading): one for one in columns}
    for one, said in zip(found, answers, strict=True):
        if said not in choices(one, list(own.values()), free, is_wider):
            raise IngestError(f"Chọn cách xử lý cho {_named(one)}.")
        key = fold(one.heading)
        if said.startswith("is:"):
            name = said.removeprefix("is:")
            if name in headings.values():
                raise IngestError(f"Hai cột được nhận là cùng trường “{own[name].title}”.")
            headings[one.heading] = name
            kept[key] = Heading(one.heading, name)
        elif said == "add":
            name = name_of(one.heading, own)
            own[name] = field_of(name=name, title=one.heading, type=one.found or "string")
            kept[key] = Heading(one.heading, name)
        elif said == "optional":
            own[one.field] = replace(own[one.field], required=False)
        elif said == "widen":
            own[one.field] = replace(own[one.field], type=one.found)  # type: ignore[arg-type]
        elif said == "keep":
            kept[key] = Heading(one.heading, one.field, one.found)
        elif said == "apart":
            name = name_of(f"{one.heading} {one.found}", own)
            title = f"{one.heading} (kiểu mới)"
            own[name] = field_of(name=name, title=title, type=one.found)
            own[one.field] = replace(own[one.field], required=False)
            headings[one.heading] = name
            kept[key] = Heading(one.heading, name)
    for one, said in zip(found, answers, strict=True):
        if said == "moved" and one.field not in headings.values():
            raise IngestError(
                f"Chưa chọn cột nào thay {_named(one)}. Chọn ở dòng của cột mới, hoặc từ chối tệp."
            )
    return Agreement(tuple(own.values()), headings, tuple(kept.values()))


def suggested(one: Difference, found: Sequence[Difference], offered: Sequence[str]) -> str:
    """Return the answer to show first: what looks renamed is taken as renamed."""
    if one.kind == "new":
        for other in found:
            if other.kind == "gone" and other.like == one.heading:
                return f"is:{other.field}"
    if one.kind == "gone" and one.like:
        return "moved"
    return offered[0] if offered else ""


def _named(one: Difference) -> str:
    return f"cột “{one.heading}”"
