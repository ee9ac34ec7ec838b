"""Pages of the reminders of a year: how often each unit, and every one with its proof."""

from collections.abc import Iterator

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone

from haidang.foundation.access import api as access
from haidang.foundation.core import spreadsheet
from haidang.foundation.obligations.permissions import VIEW
from haidang.foundation.obligations.queries import reminders
from haidang.foundation.org import api as org
from haidang.foundation.ui import formats

PAGE = 50
HEADER = (
    "Mã đơn vị", "Đơn vị", "Năm", "Lần thứ", "Việc", "Hạn", "Đôn đốc lúc", "Gửi ai", "Đọc lúc",
    "Thư gửi lúc", "Số thông báo",
)  # fmt: skip


@access.requires(VIEW)
def index(request: access.ScopedRequest) -> HttpResponse:
    """Show how often each unit was reminded in a year, and who has reached a mark."""
    year = _year(request)
    found = reminders.tallies(request.scope, year)
    context = {
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "year": year,
        "years": sorted({year, *reminders.years(request.scope)}, reverse=True),
        "total": sum(one.count for one in found),
        "marked": [one for one in found if one.mark],
    }
    return render(request, "obligations/reminders.html", context)


@access.requires(VIEW)
def of_unit(request: access.ScopedRequest, code: str) -> HttpResponse:
    """Show every counted reminder of a unit in a year: what, when, to whom, read when."""
    unit, year = org.unit(code), _year(request)
    request.scope.require(VIEW, unit.id)
    found = reminders.of_unit(request.scope, unit.id, year)
    context = {
        "unit": unit,
        "year": year,
        "count": len(found),
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "obligations/unit_reminders.html", context)


@access.requires(VIEW)
def export(request: access.ScopedRequest) -> StreamingHttpResponse:
    """Send the reminders of a year, one line for each person who was told."""
    year = _year(request)
    name = f"don-doc-{year}.csv"
    return spreadsheet.csv_response(name, HEADER, _lines(request.scope, year))


def _lines(scope: access.Scope, year: int) -> Iterator[list[object]]:
    for unit, one in reminders.of_year(scope, year):
        told = [unit.code, unit.name, one.year, one.number, one.title]
        moments = [formats.stamp(one.due_at), formats.stamp(one.sent_at)]
        for copy in one.copies:
            sent = copy.sent.get("email")
            yield [
                *told, *moments, copy.account_name, formats.stamp(copy.read_at),
                formats.stamp(sent), copy.message_id,
            ]  # fmt: skip
        if not one.copies:
            yield [*told, *moments, "", "", "", ""]


def _year(request: access.ScopedRequest) -> int:
    asked = request.GET.get("year", "")
    return int(asked) if asked.isdecimal() and len(asked) == 4 else timezone.localdate().year
