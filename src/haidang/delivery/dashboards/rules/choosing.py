"""Which figures a board shows for a unit and a sector."""

from collections.abc import Iterable, Mapping

DEPTH = {"province": 0, "district": 1, "commune": 2}


def has_figures(reporting_level: str, unit_level: str) -> bool:
    """Tell whether a unit has figures of what is reported at a level: its own or from below."""
    return DEPTH.get(reporting_level, 0) >= DEPTH.get(unit_level, 0)


def order(
    wanted: Iterable[str], has_value: Mapping[str, bool], *, most: int, fills: bool
) -> list[str]:
    """Return the codes to show: those wanted, then (where it `fills`) others that have a value.

    `has_value` holds all that may be shown, in the order of the dictionary.
    """
    first = [code for code in dict.fromkeys(wanted) if code in has_value]
    rest = [code for code, known in has_value.items() if known and code not in set(first)]
    return (first + rest if fills else first)[:most]
