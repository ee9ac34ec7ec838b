"""Pages of the lake: a dataset's rows within the reader's scope, and its newest batches."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render

from haidang.data.catalogue import api as catalogue
from haidang.data.warehouse import errors, forms, queries, rules
from haidang.data.warehouse.engine import reading
from haidang.data.warehouse.permissions import QUERY
from haidang.foundation.access import api as access
from haidang.foundation.access.api import ScopedRequest
from haidang.foundation.core import spreadsheet
from haidang.foundation.org import api as org
from haidang.foundation.ui import formats
from haidang.foundation.ui.lists import Bounded

PER_PAGE = 50
_EXPORTED_AT_ONCE, _EXPORTED_AT_MOST = 10_000, 1_000_000
_RESERVED = ("page", "sort", "column", "comparison", "value", "unapproved", "purpose")
_NUMERIC = ("integer", "number")
COMPARISONS = {
    "": "bằng",
    "ne": "khác",
    "gte": "từ",
    "lte": "đến",
    "contains": "chứa",
}


@access.requires(QUERY)
def rows_page(request: ScopedRequest, code: str) -> HttpResponse:
    """Show rows, filtered, sorted and paged in the lake."""
    contract = catalogue.contract(code)
    asked = request.GET.dict()
    where, order = forms.conditions(_narrowed(asked, contract), _RESERVED), _order(asked, contract)
    withheld = queries.withheld(code)
    without = frozenset[int]() if _wants_all(asked) else withheld
    found = _LakeRows(contract, request.scope, where, order, without, purpose=_purpose(asked))
    page = Bounded(found, PER_PAGE).get_page(asked.get("page"))
    shown = [field for field in contract.fields if field.name in found.columns]
    names = _unit_names(shown, list(page))
    context = {
        "contract": contract,
        "fields": shown,
        "masked": found.seen.closed,
        "glass": found.seen.glass,
        "withheld": len(withheld),
        "page": page,
        "rows": [
            {"cells": _cells(contract, row, shown, names), "batch": row[-2], "line": row[-1]}
            for row in page
        ],
        "asked": asked,
        "comparisons": COMPARISONS,
    }
    return render(request, "warehouse/rows.html", context)


@access.requires(QUERY)
def export(request: ScopedRequest, code: str) -> StreamingHttpResponse:
    """Send the rows that the page would list as CSV, at most a million."""
    contract = catalogue.contract(code)
    asked = request.GET.dict()
    where, order = forms.conditions(_narrowed(asked, contract), _RESERVED), _order(asked, contract)
    without = frozenset[int]() if _wants_all(asked) else queries.withheld(code)
    found = _LakeRows(
        contract, request.scope, where, order, without, purpose=_purpose(asked), way="export"
    )
    # Asked for here, so that what is wrong with the question is said instead of half a file.
    first = found[0:_EXPORTED_AT_ONCE]
    return spreadsheet.csv_response(f"{code}.csv", found.columns, _lines(found, first))


@access.requires(QUERY)
def batches(request: ScopedRequest, code: str) -> HttpResponse:
    """Show the newest batches: as a page, or as a part of the dataset's page."""
    contract = catalogue.contract(code)
    context = {"contract": contract, "batches": _batches(request.scope, code)}
    is_part = request.headers.get("HX-Request") == "true"
    return render(request, f"warehouse/{'_batches' if is_part else 'batches'}.html", context)


@access.requires(QUERY)
def batch_page(request: ScopedRequest, code: str, batch: int) -> HttpResponse:
    """Show where the rows of one batch come from."""
    contract = catalogue.contract(code)
    found = queries.batch_seen(code, batch, scope=request.scope)
    context = {"contract": contract, "batch": found, "erased": queries.erased_rows([batch])}
    return render(request, "warehouse/batch.html", context)


def _batches(scope: access.Scope, code: str) -> list[rules.Landed]:
    try:
        return queries.batches_seen(code, scope=scope)
    except errors.UnknownTableError:
        return []  # a dataset without any row yet


def _wants_all(asked: Mapping[str, str]) -> bool:
    """Tell whether also the batches are asked for that nobody has approved."""
    return asked.get("unapproved") == "1"


def _purpose(asked: Mapping[str, str]) -> str:
    """Return what somebody says to want personal data for."""
    return asked.get("purpose", "")


class _LakeRows:
    """The rows of a question, counted and sliced in the lake as a paginator asks."""

    def __init__(
        self,
        contract: catalogue.ContractSpec,
        scope: access.Scope,
        where: list[Any],
        order: list[str],
        without: frozenset[int],
        *,
        purpose: str,
        way: str = "rows",
    ) -> None:
        self.seen = queries.view(contract.dataset, scope, None, without, purpose=purpose, way=way)
        self.where = where
        closed = self.seen.closed
        self.order = [name for name in order if name.lstrip("-") not in closed]
        self.columns = (*contract.names, "_batch", "_row")

    def counted(self, most: int) -> int:
        return reading.count(self.seen, self.where, most)

    def __getitem__(self, part: slice) -> list[tuple[Any, ...]]:
        start, stop = part.start or 0, part.stop
        return reading.rows(
            self.seen,
            columns=self.columns,
            where=self.where,
            order=self.order,
            limit=None if stop is None else stop - start,
            offset=start,
        ).rows


def _unit_names(
    shown: Sequence[catalogue.FieldSpec], rows: Sequence[tuple[Any, ...]]
) -> dict[str, str]:
    """Return the names of the units that the rows speak of, by code."""
    places = [place for place, field in enumerate(shown) if field.type == "unit"]
    written = {str(row[place]) for row in rows for place in places}
    if not written:
        return {}
    codes = org.codes()
    ids = {code: codes[code] for code in written if code in codes}
    units = org.units(ids.values())
    return {code: units[unit_id].name for code, unit_id in ids.items()}


def _cells(
    contract: catalogue.ContractSpec,
    row: tuple[Any, ...],
    shown: Sequence[catalogue.FieldSpec],
    names: Mapping[str, str],
) -> list[tuple[str, str]]:
    """Return the text of each column and its class; units by their `names`, codes in words."""
    found = []
    for field, value in zip(shown, row, strict=False):
        said = _written(field.type, value, names)
        if contract.kind == "readings":
            said = catalogue.word_of(field.name, said)
        found.append((said, "num" if field.type in _NUMERIC else ""))
    return found


def _written(kind: str, value: Any, names: Mapping[str, str]) -> str:
    """Write a value of the lake as an official reads it: a unit by its name."""
    if value is None:
        return formats.NOTHING
    if kind in _NUMERIC and not isinstance(value, str):  # a masked number is a text
        return formats.number(value)
    if kind == "unit":
        return names.get(str(value), str(value))
    if isinstance(value, datetime):
        return f"{formats.clock_time(value)} {formats.day(value)}"
    return formats.day(value) if isinstance(value, date) else str(value)


def _lines(found: _LakeRows, part: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    yield from part
    for start in range(_EXPORTED_AT_ONCE, _EXPORTED_AT_MOST, _EXPORTED_AT_ONCE):
        if len(part) < _EXPORTED_AT_ONCE:
            return
        part = found[start : start + _EXPORTED_AT_ONCE]
        yield from part


def _narrowed(asked: Mapping[str, str], contract: catalogue.ContractSpec) -> dict[str, str]:
    """Return the conditions of an address, with the one that the page's form wrote."""
    found = dict(asked)
    if asked.get("column") and asked.get("value"):
        suffix = asked.get("comparison", "")
        value = asked["value"]
        if contract.kind == "readings":
            value = catalogue.code_of(asked["column"], value)
        found[f"{asked['column']}__{suffix}" if suffix else asked["column"]] = value
    return found


def _order(asked: Mapping[str, str], contract: catalogue.ContractSpec) -> list[str]:
    """Return a total order: what is asked, then newest first, then the key."""
    first = [asked["sort"]] if asked.get("sort") else []
    newest = [f"-{contract.time_field}"] if contract.time_field else []
    names = [name.lstrip("-") for name in first]
    rest = [name for name in [*newest, *contract.key_fields] if name.lstrip("-") not in names]
    return [*first, *dict.fromkeys(rest)]
