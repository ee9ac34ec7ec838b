"""The lists of all pages: sorted, paged within bounds, and taken away as a table, in one way.

A list of a million rows is looked at by its first pages; whoever wants others narrows it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy

from haidang.foundation.core import spreadsheet
from haidang.foundation.ui import formats

LOOKED_AT = 10_000
EXPORTED = 100_000
_AT_ONCE = 2_000
_TOO_LONG = gettext_lazy(
    "Danh sách quá dài để sắp theo cột này, nên vẫn theo thứ tự thường lệ. Lọc bớt rồi sắp lại."
)


@runtime_checkable
class Countable(Protocol):
    """Rows elsewhere than in the database or memory, which are counted no further than asked."""

    def counted(self, most: int) -> int:
        """Return how many there are: all where that is known, else `most` at most."""

    def __getitem__(self, part: slice) -> Sequence[Any]: ...


Rows = QuerySet[Any] | Sequence[Any] | Countable
Cell = Callable[[Any], Any]
Dress = Callable[[Sequence[Any]], Iterable[Any]]
"""Turns rows into what a page's lines and the cells of a table read, several at once."""


if TYPE_CHECKING:
    AnyPaginator = Paginator[Any]
else:
    AnyPaginator = Paginator


def _looked_at(rows: Any) -> int:
    if isinstance(rows, QuerySet):
        return rows.order_by()[: LOOKED_AT + 1].count()
    return rows.counted(LOOKED_AT + 1) if isinstance(rows, Countable) else len(rows)


class Bounded(AnyPaginator):
    """Pages of the first rows only: neither counting nor leafing ever walks through a table."""

    def __init__(self, rows: Rows, per_page: int) -> None:
        super().__init__(cast(Any, rows), per_page)

    @cached_property
    def _found(self) -> int:
        return _looked_at(self.object_list)

    @cached_property
    def count(self) -> int:
        return LOOKED_AT if self.is_cut else self._found

    @property
    def is_cut(self) -> bool:
        """Tell whether there are more rows than were counted, and can be leafed through."""
        is_counted_on = isinstance(self.object_list, QuerySet | Countable)
        return is_counted_on and self._found == LOOKED_AT + 1


@dataclass(frozen=True)
class Listing:
    """A list: its file's name, its columns as a table, and by what it can be sorted.

    A sort names fields of the database, or for rows in memory one function of a row. A `costly`
    one has no index: it is refused where there are more rows than can be leafed through.
    """

    file: str
    columns: Mapping[str, Cell]
    sorts: Mapping[str, Sequence[str] | Cell] = field(default_factory=dict)
    default: str = ""
    costly: frozenset[str] = frozenset()
    per_page: int = 50

    def sorted(self, request: HttpRequest, rows: Rows) -> Any:
        """Return rows in the order that was asked for by `?sort=`, else in their usual one."""
        asked = request.GET.get("sort", "")
        if (
            asked.removeprefix("-") in self.costly
            and isinstance(rows, QuerySet)
            and _looked_at(rows) > LOOKED_AT
        ):
            messages.info(request, _TOO_LONG, fail_silently=True)
            asked = ""
        return self.ordered(asked, rows)

    def ordered(self, asked: str, rows: Rows) -> Any:
        """Return rows in an order: "name", or "-name" for the other way round."""
        asked = asked if asked.removeprefix("-") in self.sorts else self.default
        by, is_down = self.sorts.get(asked.removeprefix("-")), asked.startswith("-")
        if by is None:
            return rows
        if isinstance(rows, QuerySet):
            return rows.order_by(*_order(rows, by, is_down))
        return sorted(rows, key=by, reverse=is_down)  # type: ignore[arg-type]

    def page(self, request: HttpRequest, rows: Rows) -> "Page[Any]":
        """Return the page that was asked for."""
        return Bounded(rows, self.per_page).get_page(request.GET.get("page"))

    def export(
        self, request: HttpRequest, rows: Rows, dress: Dress = iter
    ) -> HttpResponseBase | None:
        """Return all rows as the table that `?format=` asks for; None where a page is wanted."""
        kind = request.GET.get("format", "")
        return self.table(kind, rows, dress) if kind in spreadsheet.FORMATS else None

    def table(self, kind: str, rows: Rows, dress: Dress = iter) -> HttpResponseBase:
        """Return all rows as "csv" or "xlsx"."""
        return spreadsheet.response(kind, self.file, list(self.columns), self._lines(rows, dress))

    def _lines(self, rows: Rows, dress: Dress) -> Iterator[list[Any]]:
        cells = list(self.columns.values())
        told = rows[: EXPORTED + 1]
        many = told.iterator(_AT_ONCE) if isinstance(told, QuerySet) else told
        left = EXPORTED
        for part in _parts(many):
            for one in dress(part[:left]):
                yield [_shown(cell(one)) for cell in cells]
            left -= len(part)
        if left < 0:
            said = f"{EXPORTED:,}".replace(",", ".")
            yield [f"Tệp dừng ở {said} dòng. Thu hẹp bộ lọc để lấy các dòng còn lại."]


def _parts(rows: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(rows)
    while part := list(islice(left, _AT_ONCE)):
        yield part


def _order(rows: QuerySet[Any], by: Any, is_down: bool) -> list[Any]:
    """Return the order by fields, what has no value last; "-name" turns a field round."""
    found = []
    for said in (*by, "pk"):
        name, down = said.removeprefix("-"), said.startswith("-") != is_down
        if down and _may_lack(rows, name):
            found.append(F(name).desc(nulls_last=True))
        else:
            found.append(F(name).desc() if down else F(name).asc())
    return found


def _may_lack(rows: QuerySet[Any], name: str) -> bool:
    """Tell whether a field may be empty: an index serves only an order that does not say so."""
    fields = rows.model._meta.concrete_fields
    own = {said: one.null for one in fields for said in (one.name, one.attname)}
    return bool(own.get(name, name != "pk"))


def _shown(value: Any) -> Any:
    match value:
        case None:
            return ""
        case bool():
            return "có" if value else "không"
        case int() | float() | Decimal() | str():
            return value
        case datetime():
            return formats.stamp(value)
        case date():
            return formats.day(value)
        case list() | tuple():
            return ", ".join(map(str, value))
    return str(value)
