"""Conditions on rows as an address writes them: `column=5`, `column__gte=5`, `column__in=a,b`."""

from collections.abc import Iterable, Mapping
from typing import Any

from haidang.data.warehouse import errors

_SUFFIXES = {
    "ne": "!=",
    "lt": "<",
    "lte": "<=",
    "gt": ">",
    "gte": ">=",
    "in": "in",
    "contains": "contains",
    "empty": "empty",
}


def conditions(
    asked: Mapping[str, str], reserved: Iterable[str] = ()
) -> list[tuple[str, str, Any]]:
    """Return the conditions of an address; blank ones say nothing. Raises BadQueryError."""
    own = set(reserved)
    return [_condition(name, value) for name, value in asked.items() if name not in own and value]


def _condition(name: str, value: str) -> tuple[str, str, Any]:
    column, _, suffix = name.partition("__")
    if not suffix:
        return column, "=", value
    if suffix not in _SUFFIXES:
        raise errors.BadQueryError(f"Không có phép so sánh “{suffix}”.")
    operator = _SUFFIXES[suffix]
    if operator == "in":
        return column, operator, [part for part in value.split(",") if part]
    if operator == "empty":
        return column, operator, value in {"1", "true"}
    return column, operator, value


def words(text: str) -> list[str]:
    """Return the words of a list with commas."""
    return [word.strip() for word in text.split(",") if word.strip()]
