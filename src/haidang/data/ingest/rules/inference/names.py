"""Names of fields from the headings of a file: an identifier, and the unit of measure in it."""

import re
from collections.abc import Sequence

from haidang.foundation.core.text import fold

_MOST = 48  # letters of a name
# What stands in brackets behind a heading, or after a comma, when it is a unit of measure.
_UNIT = re.compile(r"[(\[]\s*(?P<unit>[^()\[\]]{1,24})\s*[)\]]\s*$")
_AFTER = re.compile(r",\s*(?P<unit>%|‰|[^\s,]{1,8}/[^\s,]{1,8}|°[CF])\s*$")
_NO_UNIT = re.compile(r"\*+|\d+|tiếp|.*[.;:?].*", re.IGNORECASE)


def unit_of_measure(heading: str) -> str:
    """Return the unit of measure that a heading states: "Chiều dài (km)" → "km"."""
    found = _UNIT.search(heading) or _AFTER.search(heading)
    if found is None:
        return "%" if heading.strip().endswith("%") else ""
    said = found["unit"].strip()
    return "" if _NO_UNIT.fullmatch(said) else said


def names(headings: Sequence[str]) -> list[str]:
    """Return a name for each heading: small letters, no accents, no name twice."""
    given: list[str] = []
    for place, heading in enumerate(headings, start=1):
        stem = _stem(heading) or f"cot_{place}"
        name, again = stem, 1
        while name in given:
            again += 1
            name = f"{stem[: _MOST - 4].rstrip('_')}_{again}"
        given.append(name)
    return given


def _stem(heading: str) -> str:
    bare = _UNIT.sub("", heading) if unit_of_measure(heading) else heading
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", bare)  # dateObserved → date_observed
    words = re.findall(r"[a-z0-9]+", fold(parted))
    name = "_".join(words)[:_MOST].rstrip("_")
    return f"c_{name}" if name[:1].isdigit() else name
