"""The rows of the lake that a figure was computed from, and the batches that brought them."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api as ingest
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access import api as access
from haidang.foundation.calendar import periods
from haidang.foundation.org import api as org
from haidang.insight.indicators.models import Indicator
from haidang.insight.indicators.queries.bounds import in_words
from haidang.insight.indicators.rules import specs
from haidang.insight.indicators.rules.lineage import Part, SourceRows

if TYPE_CHECKING:
    from haidang.foundation.access.api import Scope

QUERY = "warehouse.query"
_READING = ("device", "metric", "time")
Condition = tuple[str, str, Any]


def parts(
    indicator: Indicator,
    contract: catalogue.ContractSpec,
    unit_id: int,
    span: tuple[datetime, datetime],
    scope: "Scope",
    *,
    limit: int,
    offset: int = 0,
) -> tuple[list[Part], bool]:
    """Return the batches below a figure, newest first, and whether there are more.

    Who may see the figure may know how many rows of its own it rests on; where they came from is
    told within the scope.
    """
    try:
        counted = warehouse.aggregate(
            contract.dataset,
            scope=access.EVERYTHING,
            measures=[("count", "*")],
            group=["_batch"],
            where=conditions(indicator, contract, unit_id, span),
            order=["-_batch"],
            limit=offset + limit + 1,
            without=ingest.pending_batches(contract.dataset),
        ).rows
    except warehouse.UnknownTableError:
        return [], False
    found = counted[offset : offset + limit]
    landed = warehouse.landed([batch for batch, _ in found])
    sources = {batch: landed[batch].source for batch, _ in found if batch in landed}
    origins = ingest.origins(contract.dataset, sources, scope)
    listed = [Part(batch, rows, origins.get(batch)) for batch, rows in found]
    return listed, len(counted) > offset + limit


def rows(
    indicator: Indicator,
    contract: catalogue.ContractSpec,
    unit_id: int,
    span: tuple[datetime, datetime],
    part: Part,
    scope: "Scope",
    *,
    limit: int,
    offset: int = 0,
) -> SourceRows:
    """Return the rows of one batch below a figure.

    Their content for who may query the dataset there; else the line of the file, or device and
    time, for who may see the batch's source; else nothing.
    """
    may_read = scope.allows(QUERY, unit_id, contract.sector)
    if not may_read and part.origin is None:
        return SourceRows((), (), part.rows)
    names = _columns(contract, may_read=may_read)
    found = warehouse.rows(
        contract.dataset,
        scope=scope if may_read else access.EVERYTHING,
        columns=names,
        where=[*conditions(indicator, contract, unit_id, span), ("_batch", "=", part.batch)],
        order=["-time", "device"] if contract.kind == "readings" else ["_row"],
        limit=limit,
        offset=offset,
        without=ingest.pending_batches(contract.dataset),
    )
    titles = tuple((name, _title(contract, name)) for name in names)
    return SourceRows(titles, tuple(found.rows), part.rows)


def _columns(contract: catalogue.ContractSpec, *, may_read: bool) -> tuple[str, ...]:
    if may_read:
        closed = catalogue.personal_fields(contract.dataset)
        own = tuple(name for name in contract.names if name not in closed)
        return own if contract.kind == "readings" else ("_row", *own)
    return _READING if contract.kind == "readings" else ("_row",)


def _title(contract: catalogue.ContractSpec, name: str) -> str:
    return "Dòng trong tệp" if name == "_row" else contract.field(name).title


def conditions(
    indicator: Indicator,
    contract: catalogue.ContractSpec,
    unit_id: int,
    span: tuple[datetime, datetime],
) -> list[Condition]:
    """Return what rows must be to count in a figure: its period, its units, its measure."""
    measure = specs.measure(indicator.spec)
    found = [*_within(contract, measure, span), *_units(contract, unit_id)]
    found += [(one.field, "in", one.values) for one in measure.filters]
    if contract.kind == "readings":
        return [*found, ("metric", "=", measure.metric), ("value", "empty", False), _MEASURING]
    counted = (measure.field, measure.numerator, measure.denominator)
    return found + [(name, "empty", False) for name in counted if name]


_MEASURING: Condition = ("status", "in", ("measuring",))


def _within(
    contract: catalogue.ContractSpec, measure: specs.Measure, span: tuple[datetime, datetime]
) -> Sequence[Condition]:
    name = contract.time_field
    if name is None:
        return []
    start, end = span
    if measure.cumulative:
        start = periods.of("year", start).start
    type_ = contract.field(name).type
    return [(name, ">=", in_words(start, type_)), (name, "<", in_words(end, type_))]


def _units(contract: catalogue.ContractSpec, unit_id: int) -> Sequence[Condition]:
    if contract.unit_field is None or unit_id == org.root().id:
        return []
    codes = sorted(unit.code for unit in org.units(org.subtree(unit_id)).values())
    return [(contract.unit_field, "in", codes)]
