"""A grid of cells in which rows of a contract are typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict

from haidang.data.catalogue.api import FieldSpec
from haidang.data.ingest.forms.rows import HINTS


@dataclass(frozen=True)
class Cell:
    """One cell: its name in the form, what stands in it, and what is wrong."""

    name: str
    field: FieldSpec
    value: str
    errors: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One row of the grid; `errors` belong to no single cell."""

    number: int
    cells: tuple[Cell, ...]
    errors: tuple[str, ...]


def heads(fields: Sequence[FieldSpec]) -> list[tuple[str, str, bool]]:
    """Return title, hint and whether it must be filled, of every column."""
    return [(_titled(one), str(HINTS.get(one.type, "")), one.required or one.key) for one in fields]


def _titled(one: FieldSpec) -> str:
    return f"{one.title} ({one.unit_of_measure})" if one.unit_of_measure else one.title


def typed(data: QueryDict, fields: Sequence[FieldSpec], most: int) -> dict[int, dict[str, str]]:
    """Return the rows that hold anything, by their number in the grid."""
    found: dict[int, dict[str, str]] = {}
    for number in range(1, most + 1):
        row = {one.name: data.get(f"r{number}-{one.name}", "").strip() for one in fields}
        if any(row.values()):
            found[number] = row
    return found


def grid(
    fields: Sequence[FieldSpec],
    rows: Mapping[int, Mapping[str, str]],
    faults: Mapping[int, Sequence[Mapping[str, str]]],
    count: int,
) -> list[Line]:
    """Return the lines to show, with what was typed and what is wrong with it."""
    names = {one.name for one in fields}
    lines = []
    for number in range(1, max([count, *rows]) + 1):
        said, wrong = rows.get(number, {}), faults.get(number, ())
        cells = tuple(
            Cell(
                f"r{number}-{one.name}",
                one,
                said.get(one.name, ""),
                tuple(why["message"] for why in wrong if why["field"] == one.name),
            )
            for one in fields
        )
        rest = tuple(why["message"] for why in wrong if why["field"] not in names)
        lines.append(Line(number, cells, rest))
    return lines
