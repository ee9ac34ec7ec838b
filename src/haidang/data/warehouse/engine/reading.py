"""Reading the lake: within a scope, through few cursors, fetched before leaving."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from haidang.data.warehouse import errors, rules
from haidang.data.warehouse.engine import control, filters, instances, newest, store

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

T = TypeVar("T")


@dataclass(frozen=True)
class Rows:
    """Fetched rows with the names of their columns."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    def dicts(self) -> list[dict[str, Any]]:
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


class Glass(Protocol):
    """How a reader sees personal data: which columns masked, and whom to tell of the others."""

    @property
    def masked(self) -> Mapping[str, Any]: ...

    @property
    def clear(self) -> frozenset[str]: ...

    def cell(self, column: str, value: Any) -> Any: ...

    def note(self, columns: Iterable[str], rows: int, way: str) -> None: ...


@dataclass(frozen=True)
class View:
    """What of a table may be seen: units (None: all), batches left out, through which glass."""

    info: rules.TableInfo
    units: frozenset[str] | None
    hidden: newest.Hidden
    glass: Glass | None = None
    way: str = ""

    @property
    def closed(self) -> frozenset[str]:
        """Return the columns that are shown masked, and cannot be asked about."""
        return frozenset(self.glass.masked) if self.glass is not None else frozenset()

    @property
    def personal(self) -> frozenset[str]:
        """Return the columns that an expression never holds: nobody could note who sees them."""
        return self.closed | (self.glass.clear if self.glass is not None else frozenset())

    @property
    def counted(self) -> int | None:
        """Return how many rows may be seen, where the catalogue tells."""
        return self.info.keys if self.units is None and not self.hidden else None

    @property
    def names(self) -> tuple[str, ...]:
        """Return the columns that may be listed, masked ones among them."""
        return self.info.names

    def column(self, builder: filters.Builder, name: str) -> str:
        """Return the SQL name of a column that is listed; a masked one may be."""
        return rules.quoted(name) if name in self.closed else builder.column(name)

    def masked(self, found: "Rows", columns: Sequence[str]) -> "Rows":
        """Return rows as they may be shown; tell who is shown personal data as it is."""
        if self.glass is None:
            return found
        self.glass.note(columns, len(found.rows), self.way)
        places = [at for at, name in enumerate(columns) if name in self.glass.masked]
        if not places:
            return found
        cell = self.glass.cell
        shown = [list(row) for row in found.rows]
        for row in shown:
            for at in places:
                row[at] = cell(columns[at], row[at])
        return Rows(found.columns, [tuple(row) for row in shown])

    def builder(self, values: list[Any]) -> filters.Builder:
        """Return what makes SQL of questions about the columns that may be seen."""
        return filters.Builder(self.info, values, self.closed)

    def source(self) -> tuple[str, list[Any]]:
        """Return the query of the visible newest rows and its bound values."""
        query = newest.relation(self.info, self.hidden)
        if self.units is None:
            return query, []
        if not self.info.unit_field:
            return f"SELECT * FROM ({query}) WHERE false", []
        unit = rules.quoted(self.info.unit_field)
        return f"SELECT * FROM ({query}) WHERE list_contains(?, {unit})", [sorted(self.units)]


def rows(
    view: View,
    *,
    columns: Sequence[str],
    where: Sequence[filters.Condition],
    order: Sequence[str],
    limit: int | None,
    offset: int,
) -> Rows:
    source, values = view.source()
    builder = view.builder(values)
    names = ", ".join(view.column(builder, name) for name in columns)
    query = f"SELECT {names} FROM ({source}) WHERE {builder.where(where)}{builder.order(order)}"
    return view.masked(fetch(query + _page(limit, offset), builder.values), columns)


def count(view: View, where: Sequence[filters.Condition]) -> int:
    if not where and view.counted is not None:
        return view.counted
    source, values = view.source()
    builder = view.builder(values)
    query = f"SELECT count(*) FROM ({source}) WHERE {builder.where(where)}"
    return int(fetch(query, builder.values).rows[0][0])


def aggregate(
    view: View,
    *,
    measures: Sequence[tuple[str, str]],
    group: Sequence[str],
    bucket: str | None,
    where: Sequence[filters.Condition],
    order: Sequence[str],
    limit: int | None,
) -> Rows:
    if list(measures) == [("count", "*")] and not (group or bucket or where or order):
        return Rows(("count",), [(count(view, where),)])
    source, values = view.source()
    builder = view.builder(values)
    groups = [f"{builder.column(name)} AS {builder.column(name)}" for name in group]
    if bucket:
        groups.append(f'{builder.bucket(bucket)} AS "bucket"')
    asked = [
        f"{builder.measure(function, name)} AS {rules.quoted(_label(function, name))}"
        for function, name in measures
    ]
    labels = [*group, *(["bucket"] if bucket else []), *(_label(*one) for one in measures)]
    query = (
        f"SELECT {', '.join([*groups, *asked])} FROM ({source})"
        f" WHERE {builder.where(where)}{_grouped(len(groups))}{_ordered(order, labels)}"
    )
    found = fetch(query + _page(limit, 0), builder.values)
    if view.glass is not None:
        view.glass.note([*group, *(name for _, name in measures)], len(found.rows), view.way)
    return found


def _label(function: str, name: str) -> str:
    return function if name == "*" else f"{function}_{name}"


def _grouped(count: int) -> str:
    return f" GROUP BY {', '.join(str(place + 1) for place in range(count))}" if count else ""


def _ordered(order: Sequence[str], labels: Sequence[str]) -> str:
    parts = []
    for name in order:
        if name.lstrip("-") not in labels:
            raise errors.BadQueryError(f"Không sắp xếp được theo “{name.lstrip('-')}”.")
        direction = "DESC" if name.startswith("-") else "ASC"
        parts.append(f"{rules.quoted(name.lstrip('-'))} {direction} NULLS LAST")
    return f" ORDER BY {', '.join(parts)}" if parts else ""


def _page(limit: int | None, offset: int) -> str:
    return (f" LIMIT {int(limit)}" if limit is not None else "") + (
        f" OFFSET {int(offset)}" if offset else ""
    )


def fetch(query: str, values: Sequence[Any] = ()) -> Rows:
    """Run a query under the readers' role and fetch all its rows. Raises BadQueryError."""
    return _ask(
        query,
        values,
        lambda cursor: Rows(tuple(one[0] for one in cursor.description or ()), cursor.fetchall()),
    )


def fetch_arrow(query: str) -> "pa.Table":
    """Run a query under the readers' role and fetch an Arrow table."""
    return _ask(query, (), lambda cursor: cursor.to_arrow_table())


def _ask(query: str, values: Sequence[Any], take: "Callable[[duckdb.DuckDBPyConnection], T]") -> T:
    """Ask once more through a new instance when the database has gone and come back, or of the
    files that are there now when a removal took one away while it was read.
    """
    import duckdb

    control.prepare()
    try:
        return _once(query, values, take)
    except duckdb.Error as error:
        is_taken = isinstance(error, duckdb.IOException) and store.is_missing(error)
        if not is_taken and not instances.is_lost(error):
            raise
    if not is_taken:
        instances.close()
    return _once(query, values, take)


def _once(query: str, values: Sequence[Any], take: "Callable[[duckdb.DuckDBPyConnection], T]") -> T:
    import duckdb

    with instances.reading() as cursor:
        try:
            return take(cursor.execute(query, list(values)))
        except (
            duckdb.BinderException,
            duckdb.ConversionException,
            duckdb.InvalidInputException,
            duckdb.OutOfRangeException,
        ) as error:
            raise errors.BadQueryError("Giá trị không đúng kiểu của cột.") from error
