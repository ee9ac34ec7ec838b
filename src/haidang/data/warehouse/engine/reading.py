"""Reading the lake: within a scope, through few cursors, fetched before leaving."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from django.db import connection

from haidang.data.warehouse import errors, rules
from haidang.data.warehouse.engine import aggregates, control, filters, instances, newest, store
from haidang.data.warehouse.engine.rollups import asking, listing

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
        return self.visible(newest.relation(self.info, self.hidden))

    def visible(self, query: str) -> tuple[str, list[Any]]:
        """Return the query of those rows of another whose unit may be seen."""
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


def count(view: View, where: Sequence[filters.Condition], most: int | None = None) -> int:
    """Return how many rows there are: all where the catalogue tells, else `most` at most."""
    if not where and view.counted is not None:
        return view.counted
    source, values = view.source()
    builder = view.builder(values)
    bound = "" if most is None else f" LIMIT {int(most)}"
    query = f"SELECT count(*) FROM (SELECT 1 FROM ({source}) WHERE {builder.where(where)}{bound})"
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
    question = aggregates.Question(measures, group, bucket, where, order, limit)
    if question.counts_everything and view.counted is not None:
        return Rows(("count",), [(view.counted,)])
    found = _rolled_up(view, question)
    if found is None:
        source, values = view.source()
        builder = view.builder(values)
        found = fetch(question.sql(builder, source, builder.measure), builder.values)
    if view.glass is not None:
        view.glass.note(question.columns, len(found.rows), view.way)
    return found


def _rolled_up(view: View, question: aggregates.Question) -> Rows | None:
    """Answer with roll-ups; None where they cannot, or none is there."""
    whole = asking.span(question)
    if whole is None or view.hidden or view.closed or not listing.is_served(view.info):
        return None
    return _ask(lambda cursor: _of_cells(cursor, view, question, whole))


def _of_cells(
    cursor: "duckdb.DuckDBPyConnection",
    view: View,
    question: aggregates.Question,
    whole: asking.Span,
) -> Rows | None:
    cursor.execute("BEGIN")
    try:
        snapshots = cursor.execute("SELECT id FROM ducklake_current_snapshot('lake')").fetchall()
        with connection.cursor() as catalogue:
            now = listing.listing(catalogue, view.info, snapshots[0][0])
        revised = _revised(cursor, view, question, whole) if view.info.revised else None
        cells = asking.cells(view.info, whole, now, revised)
        if cells is None:
            return None
        source, values = view.visible(cells)
        builder = view.builder(values)
        return _fetched(cursor, question.sql(builder, source, asking.measure), builder.values)
    except asking.TooManyRevisedError:
        return None
    finally:
        cursor.execute("ROLLBACK")


def _revised(
    cursor: "duckdb.DuckDBPyConnection",
    view: View,
    question: aggregates.Question,
    whole: asking.Span,
) -> asking.Revised | None:
    builder = view.builder([])
    query = asking.revised_cells(view.info, whole, builder, question)
    found = cursor.execute(query, builder.values).to_arrow_table()
    cursor.register("revised", found)
    return asking.revised(found)


def _page(limit: int | None, offset: int) -> str:
    return (f" LIMIT {int(limit)}" if limit is not None else "") + (
        f" OFFSET {int(offset)}" if offset else ""
    )


def fetch(query: str, values: Sequence[Any] = ()) -> Rows:
    """Run a query under the readers' role and fetch all its rows. Raises BadQueryError."""
    return _ask(lambda cursor: _fetched(cursor, query, values))


def fetch_arrow(query: str, values: Sequence[Any] = ()) -> "pa.Table":
    """Run a query under the readers' role and fetch an Arrow table."""
    return _ask(lambda cursor: cursor.execute(query, list(values)).to_arrow_table())


def _fetched(cursor: "duckdb.DuckDBPyConnection", query: str, values: Sequence[Any]) -> Rows:
    found = cursor.execute(query, list(values))
    return Rows(tuple(one[0] for one in found.description or ()), found.fetchall())


def _ask(work: "Callable[[duckdb.DuckDBPyConnection], T]") -> T:
    """Ask once more through a new instance when the database has gone and come back, or of the
    files that are there now when a removal took one away while it was read.
    """
    import duckdb

    control.prepare()
    try:
        return _once(work)
    except duckdb.Error as error:
        is_taken = isinstance(error, duckdb.IOException) and store.is_missing(error)
        if not is_taken and not instances.is_lost(error):
            raise
    if not is_taken:
        instances.close()
    return _once(work)


def _once(work: "Callable[[duckdb.DuckDBPyConnection], T]") -> T:
    import duckdb

    with instances.reading() as cursor:
        try:
            return work(cursor)
        except (
            duckdb.BinderException,
            duckdb.ConversionException,
            duckdb.InvalidInputException,
            duckdb.OutOfRangeException,
        ) as error:
            raise errors.BadQueryError("Giá trị không đúng kiểu của cột.") from error
