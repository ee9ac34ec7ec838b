"""Pipelines written in code as Ibis expressions: compiled once into the same kind of version."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from haidang.data.catalogue import api as catalogue
from haidang.data.pipelines.actions.writing import Text
from haidang.data.warehouse import api as warehouse

if TYPE_CHECKING:
    import ibis

Build = Callable[[Mapping[str, "ibis.Table"]], "ibis.Table"]


def text_of(
    build: Build,
    *,
    inputs: Sequence[str],
    tests: Sequence[Mapping[str, str]] = (),
    engine: str = "duckdb",
) -> Text:
    """Return the text of a version that an expression stands for.

    `build` is given the inputs by their codes, and "ky": one row with tu_ngay, den_ngay (dates),
    tu_luc, den_luc (moments) of the period. The text goes the way of every version: it is drafted,
    tried and switched on by a second person.
    """
    tables = {code: _table(code) for code in inputs} | {"ky": _period()}
    sql = warehouse.sql_of(build(tables))
    origin = f"{build.__module__}.{build.__qualname__}"
    return Text(sql=sql, inputs=inputs, tests=tests, origin=origin, engine=engine)


def _table(code: str) -> "ibis.Table":
    import ibis

    contract = catalogue.contract(code)
    closed = catalogue.personal_fields(code)
    types = {one.name: warehouse.IBIS_TYPES[one.type] for one in contract.fields}
    shown = {name: kind for name, kind in types.items() if name not in closed}
    return ibis.table(shown, name=warehouse.input_name(code))


def _period() -> "ibis.Table":
    import ibis

    moment = warehouse.IBIS_TYPES["datetime"]
    types = {"tu_ngay": "date", "den_ngay": "date", "tu_luc": moment, "den_luc": moment}
    return ibis.table(types, name="ky")
