"""A waiting row on its way back: by field, and written as Vietnam writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from haidang.data.ingest.rules.cells.numbers import COMMA, POINT
from haidang.data.ingest.rules.check import Checker, Facts, shown
from haidang.data.ingest.rules.chunk import Chunk
from haidang.data.ingest.rules.layout import Layout

if TYPE_CHECKING:
    from haidang.data.catalogue.api import FieldSpec

_NUMERIC = {"integer", "number"}


def layout_for(declared: Layout) -> Layout:
    """Return the layout of mended rows: named by field, decimal comma, nothing spread."""
    return replace(
        declared,
        columns={},
        decimal=COMMA,
        header_row=None,
        header_rows=1,
        sheet="",
        constants={},
        unpivot=None,
        readings=None,
        row_number="",
        records="",
        format="",
    )


def as_written_here(
    raw: Mapping[str, str], fields: Sequence[FieldSpec], styles: Mapping[str, str]
) -> dict[str, str]:
    """Return a row as it came, its numbers with a decimal comma."""
    turned = {each.name: raw.get(each.name, "") for each in fields if each.name in raw}
    for each in fields:
        if each.type in _NUMERIC and styles.get(each.name) == POINT and each.name in turned:
            turned[each.name] = turned[each.name].replace(",", "").replace(".", ",")
    return turned


def written(row: Mapping[str, Any], styles: Mapping[str, str]) -> dict[str, str]:
    """Return a row of values as its file would have them, to be mended like those that came."""
    return {name: _written(value, styles.get(name, COMMA)) for name, value in row.items()}


def _written(value: Any, decimal: str) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "có" if value else "không"
        case float():
            text = format(Decimal(repr(value)), "f").removesuffix(".0")
            return text if decimal == POINT else text.replace(".", ",")
        case dt.date() if not isinstance(value, dt.datetime):
            return f"{value:%d/%m/%Y}"
    return shown(str(value))


def faults_of(
    values: Mapping[str, str], fields: Sequence[FieldSpec], facts: Facts
) -> list[Mapping[str, str]]:
    """Return why a mended row would still wait: the same check that files pass."""
    return faults_of_all([values], fields, facts).get(0, [])


def faults_of_all(
    rows: Sequence[Mapping[str, str]], fields: Sequence[FieldSpec], facts: Facts
) -> dict[int, list[Mapping[str, str]]]:
    """Return why which of many mended rows would still wait, by its place among them."""
    names = dict.fromkeys(name for row in rows for name in row)
    chunk = Chunk(
        rows=pa.array(range(len(rows)), pa.int64()),
        columns={
            name: pa.array([row.get(name, "") for row in rows], pa.string()) for name in names
        },
        plain={},
        labels={},
    )
    checked = Checker(fields, replace(facts, decimal=COMMA)).check(chunk)
    return {
        place: [{**one, "message": without_place(one["message"])} for one in reasons]
        for place, _, reasons in checked.rejected
    }


def without_place(message: str) -> str:
    """Return a reason for a form, where the field is the place already."""
    sentence = message.partition("”: ")[2] or message
    return sentence[:1].upper() + sentence[1:]
