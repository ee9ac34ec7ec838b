"""The first of a list, and how many there are in all."""

from typing import TypeVar

from django.db.models import Model, QuerySet

_M = TypeVar("_M", bound=Model)


def part(rows: QuerySet[_M], limit: int, offset: int = 0) -> tuple[list[_M], int]:
    """Return `limit` rows from `offset` on and the number of all; counts only what is not seen."""
    found = list(rows[offset : offset + limit])
    is_end_seen = len(found) < limit and (found or not offset)
    return found, offset + len(found) if is_end_seen else rows.count()
