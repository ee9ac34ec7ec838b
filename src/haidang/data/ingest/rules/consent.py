"""What a person may answer to a changed structure, and what the answers make of it.

Answers by kind of difference: new: "skip", "add" or "is:<field>"; gone: "moved" (another column is
said to be it), "absent" or "optional"; type: "keep", "widen" or "apart".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from haidang.data.ingest.errors import IngestError
from haidang.data.ingest.rules.structure import Difference, Heading
from haidang.foundation.core.text import fold

if TYPE_CHECKING:
    from haidang.data.catalogue.api import FieldSpec

Answers = Sequence[str]
Naming = Callable[[str, Collection[str]], str]
Making = Callable[..., "FieldSpec"]


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
    name_of: Naming,
    field_of: Making,
) -> Agreement:
    """Return what the answers make. Raises IngestError naming the answer that does not fit."""
    if len(answers) != len(found):
        raise IngestError("Cần trả lời từng khác biệt.")
    making = _Making(
        {each.name: each for each in fields}, {fold(one.heading): one for one in columns}
    )
    fed = {one.field for one in columns}
    free = [name for name in making.fields if name not in fed]
    for one, said in zip(found, answers, strict=True):
        if said not in choices(one, list(making.fields.values()), free, is_wider):
            raise IngestError(f"Chọn cách xử lý cho {_named(one)}.")
        if one.kind == "new":
            making.take_new(one, said, name_of, field_of)
        else:
            making.take_changed(one, said, name_of, field_of)
    making.refuse_unmoved(found, answers)
    return Agreement(tuple(making.fields.values()), making.headings, tuple(making.columns.values()))


@dataclass
class _Making:
    """An agreement while its answers are taken one by one: fields by name, columns by heading."""

    fields: dict[str, FieldSpec]
    columns: dict[str, Heading]
    headings: dict[str, str] = field(default_factory=dict)

    def take_new(self, one: Difference, said: str, name_of: Naming, field_of: Making) -> None:
        """A new column is another field's, a field of its own, or left out."""
        if said.startswith("is:"):
            name = said.removeprefix("is:")
            if name in self.headings.values():
                title = self.fields[name].title
                raise IngestError(f"Hai cột được nhận là cùng trường “{title}”.")
            self.headings[one.heading] = name
            self._feed(one, name)
        elif said == "add":
            name = name_of(one.heading, self.fields)
            self.fields[name] = field_of(name=name, title=one.heading, type=one.found or "string")
            self._feed(one, name)

    def take_changed(self, one: Difference, said: str, name_of: Naming, field_of: Making) -> None:
        """A column that is gone may be missed; one of another type stays, widens or is parted."""
        if said == "optional":
            self._change(one.field, required=False)
        elif said == "widen":
            self._change(one.field, type=one.found)
        elif said == "keep":
            self.columns[fold(one.heading)] = Heading(one.heading, one.field, one.found)
        elif said == "apart":
            name = name_of(f"{one.heading} {one.found}", self.fields)
            title = f"{one.heading} (kiểu mới)"
            self.fields[name] = field_of(name=name, title=title, type=one.found)
            self._change(one.field, required=False)
            self.headings[one.heading] = name
            self._feed(one, name)

    def refuse_unmoved(self, found: Sequence[Difference], answers: Answers) -> None:
        """Raise IngestError where a column is said to be another, and none is said to be it."""
        for one, said in zip(found, answers, strict=True):
            if said == "moved" and one.field not in self.headings.values():
                raise IngestError(
                    f"Chưa chọn cột nào thay {_named(one)}. Chọn ở dòng của cột mới, hoặc từ chối "
                    "tệp."
                )

    def _feed(self, one: Difference, name: str) -> None:
        self.columns[fold(one.heading)] = Heading(one.heading, name)

    def _change(self, name: str, **parts: Any) -> None:
        self.fields[name] = replace(self.fields[name], **parts)


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
