"""Answers of several engines made comparable: moments in UTC, floats with a tolerance."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

TOLERANCE = 1e-9  # relative; sums of floats differ in their last digits with their order
Answer = list[tuple[Any, ...]]


def plain(rows: Iterable[Sequence[Any]], *, is_ordered: bool) -> Answer:
    """Return rows whose last column is the value: moments in UTC, in order of the other columns."""
    found = [tuple(_plain(value) for value in row) for row in rows]
    return found if is_ordered else sorted(found, key=lambda row: row[:-1])


def _plain(value: Any) -> Any:
    if isinstance(value, str) and len(value) > 18 and value[10] == "T":
        value = datetime.fromisoformat(value)
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def must_be_equal(question: str, answers: Mapping[str, Answer]) -> None:
    """Raise RuntimeError with the first difference when a side answers otherwise than the first."""
    (first, expected), *others = answers.items()
    for name, found in others:
        if len(found) != len(expected):
            raise RuntimeError(
                f"{question}: {first} answers {len(expected)} rows, {name} {len(found)}"
            )
        for ours, theirs in zip(expected, found, strict=True):
            if not _equal(ours, theirs):
                raise RuntimeError(f"{question}: {first} answers {ours}, {name} {theirs}")


def _equal(ours: Sequence[Any], theirs: Sequence[Any]) -> bool:
    return len(ours) == len(theirs) and all(map(_same, ours, theirs))


def _same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, float) and isinstance(theirs, float):
        return math.isclose(ours, theirs, rel_tol=TOLERANCE)
    return bool(ours == theirs)
