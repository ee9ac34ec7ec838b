"""The lake as Ibis expressions. Ibis is heavy: it is imported when the first one is asked for."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from haidang.data.warehouse import rules
from haidang.data.warehouse.engine import newest, reading

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

TYPES = {
    "string": "string",
    "integer": "int64",
    "number": "float64",
    "boolean": "boolean",
    "date": "date",
    "datetime": "timestamp('UTC', 6)",
    "year": "int32",
    "yearmonth": "string",
    "unit": "string",
}
_MARKS = {"_batch": "int64", "_row": "int64"}


def table(view: reading.View) -> "ibis.Table":
    """Return the visible newest rows as an unbound expression; `execute` runs what grows of it."""
    import ibis

    found = newest_rows(view.info, view.hidden)
    if view.units is not None and not view.info.unit_field:
        found = found.filter(ibis.literal(False))
    elif view.units is not None:
        found = found.filter(found[view.info.unit_field].isin(sorted(view.units)))
    return found.drop(*view.personal) if view.personal else found


def newest_rows(info: rules.TableInfo, hidden: newest.Hidden) -> "ibis.Table":
    """Return the newest value of every key: the contract's columns, `_batch` and `_row`."""
    import ibis

    base = _table(info, info.table)
    if not hidden and not info.revised:
        return base
    revisions = _table(info, info.revisions)
    alone = _shown(base, hidden).anti_join(revisions, list(info.key))
    candidates = _shown(revisions, hidden)
    if hidden and info.repeated:
        candidates = candidates.union(_brought_again(info, hidden))
    place = ibis.row_number().over(
        group_by=list(info.key), order_by=[ibis.desc("_batch"), ibis.desc("_row")]
    )
    last = candidates.mutate(_place=place).filter(ibis._["_place"] == 0).drop("_place")
    return alone.union(last)


def _brought_again(info: rules.TableInfo, hidden: newest.Hidden) -> "ibis.Table":
    repeats = _shown(_repeats(info), hidden).rename(_again_batch="_batch", _again_row="_row")
    stored = _hidden(_table(info, info.table), hidden).union(
        _hidden(_table(info, info.revisions), hidden)
    )
    joined = stored.join(
        repeats,
        [*info.key, stored["_batch"] == repeats["_of_batch"], stored["_row"] == repeats["_of_row"]],
    )
    return joined.select(*info.names, _batch=joined["_again_batch"], _row=joined["_again_row"])


def _hidden(table: "ibis.Table", hidden: newest.Hidden) -> "ibis.Table":
    return table.filter(_condition(table, hidden))


def _shown(table: "ibis.Table", hidden: newest.Hidden) -> "ibis.Table":
    return table.filter(~_condition(table, hidden)) if hidden else table


def _condition(table: "ibis.Table", hidden: newest.Hidden) -> Any:
    import ibis

    condition = ibis.literal(False)
    if hidden.after is not None:
        condition = condition | (table["_batch"] > hidden.after)
    if hidden.batches:
        condition = condition | table["_batch"].isin(sorted(hidden.batches))
    return condition


def _table(info: rules.TableInfo, name: str) -> "ibis.Table":
    types = {column: TYPES[kind] for column, kind in info.columns}
    return _named(name, types | _MARKS)


def _repeats(info: rules.TableInfo) -> "ibis.Table":
    types = {name: TYPES[kind] for name, kind in info.columns if name in info.key}
    return _named(info.repeats, types | _MARKS | {"_of_batch": "int64", "_of_row": "int64"})


def _named(name: str, types: dict[str, str]) -> "ibis.Table":
    import ibis

    return ibis.table(types, name=name, catalog="lake", database="main")


def bare_name(table: str) -> str:
    """Return the name under which `bare` asks for a table of the lake."""
    return f"lake__{table}"


def bare(expression: "ibis.Table") -> "ibis.Table":
    """Return an expression whose tables stand in no catalogue, for an engine without ours."""
    from ibis.expr import operations as ops

    def bared(node: Any, changed: dict[str, Any] | None) -> Any:
        if isinstance(node, ops.UnboundTable):
            return ops.UnboundTable(name=bare_name(node.name), schema=node.schema)
        return node.__recreate__(changed) if changed else node

    return expression.op().replace(bared).to_expr()


def execute(expression: "ibis.Expr") -> "pa.Table":
    """Run an expression under the readers' role and return its rows."""
    return reading.fetch_arrow(_compiled(expression.op()))


def sql_of(expression: "ibis.Expr") -> str:
    """Return an expression over unbound tables as a statement of the engine."""
    return _compiled(expression.op())


@lru_cache(maxsize=512)
def _compiled(operation: Any) -> str:
    import ibis

    return str(ibis.to_sql(operation.to_expr(), dialect="duckdb"))
