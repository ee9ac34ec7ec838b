"""Which column of a file is which field, guessed from their names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from haidang.data.ingest.rules.layout import Layout
from haidang.foundation.core.text import fold

if TYPE_CHECKING:
    from haidang.data.catalogue.api import FieldSpec

_ENOUGH = 4  # letters of a name that may stand inside another


def match(headings: Sequence[str], fields: Sequence[FieldSpec], declared: Layout) -> list[str]:
    """Return for each heading the name of its field, or "".

    What was declared comes first, then equal names and titles (accents and signs apart), then a
    name inside the other. A field is given once.
    """
    found = [""] * len(headings)
    left = {each.name: each for each in fields}
    said = [fold(heading) for heading in headings]
    for place, heading in enumerate(said):
        if heading in declared.columns and (name := declared.columns[heading]) in left:
            found[place] = name
            del left[name]
    for is_same in (_equal, _inside):
        for place, heading in enumerate(said):
            if found[place] or heading in declared.columns or not heading:
                continue
            names = [name for name, each in left.items() if is_same(heading, each)]
            if len(names) == 1:
                found[place] = names[0]
                del left[names[0]]
    return found


def columns(
    headings: Sequence[str],
    chosen: Sequence[str],
    fields: Sequence[FieldSpec],
    before: Mapping[str, str],
) -> dict[str, str]:
    """Return the "columns" of a mapping: only what the names do not say by themselves.

    What was declared for headings that this file does not have stays.
    """
    known = {fold(text): each.name for each in fields for text in (each.name, each.title)}
    here = {fold(heading) for heading in headings}
    kept = {heading: name for heading, name in before.items() if fold(heading) not in here}
    return kept | {
        heading.strip(): name
        for heading, name in zip(headings, chosen, strict=True)
        if heading.strip() and known.get(fold(heading), "") != name
    }


def mapping(before: Mapping[str, Any], **said: Any) -> dict[str, Any]:
    """Return the mapping with these parts replaced; a part that says nothing falls away."""
    whole = {**before, **said}
    return {name: part for name, part in whole.items() if part not in ("", None, {}, [], False)}


def _bare(text: str) -> str:
    return re.sub(r"\W|_", "", fold(text))


def _equal(heading: str, each: FieldSpec) -> bool:
    return _bare(heading) in {_bare(each.title), _bare(each.name)}


def _inside(heading: str, each: FieldSpec) -> bool:
    said = _bare(heading)
    return any(
        min(len(said), len(name)) >= _ENOUGH and (name in said or said in name)
        for name in (_bare(each.title), _bare(each.name))
    )
