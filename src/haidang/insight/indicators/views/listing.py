"""The list of indicators of a unit, as a page and as a file."""

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from haidang.foundation.access import api as access
from haidang.foundation.core import spreadsheet
from haidang.foundation.org import api as org
from haidang.insight.indicators.forms import FilterForm
from haidang.insight.indicators.queries import listing
from haidang.insight.indicators.queries.listing import ListedIndicator, Listing

PAGE_SIZE = 25
_HEADER = (
    "ma", "ten", "linh_vuc", "don_vi", "ky", "gia_tri", "don_vi_tinh", "trang_thai",
    "den_thoi_diem", "tinh_chat", "loai_nguon", "chu_tri",
)  # fmt: skip


@require_GET
@access.requires("indicators.view")
def index(request: access.ScopedRequest) -> HttpResponseBase:
    """Show the indicators of a unit: filtered, sorted, paged; `?format=csv` gives them all."""
    unit = _unit(request)
    request.scope.require("indicators.view", unit.id)
    form = FilterForm(request.GET, owners=listing.owners(request.scope))
    lines = listing.listed(unit.id, _wanted(form, request), request.scope)
    if request.GET.get("format") == "csv":
        return spreadsheet.csv_response(f"chi-tieu-{unit.code}.csv", _HEADER, map(_cells, lines))
    page = Paginator(lines, PAGE_SIZE).get_page(request.GET.get("page"))
    is_fragment = request.headers.get("HX-Request") == "true"
    template = "indicators/_list.html" if is_fragment else "indicators/list.html"
    return render(request, template, {"form": form, "page": page, "unit": unit})


def _unit(request: access.ScopedRequest) -> "org.UnitRef":
    if code := request.GET.get("unit"):
        return org.unit(code)
    return listing.home(request.scope)


def _wanted(form: FilterForm, request: HttpRequest) -> Listing:
    form.is_valid()
    given = form.cleaned_data
    owner = given.get("owner") or ""
    return Listing(
        words=given.get("q", ""),
        sector=given.get("sector", ""),
        state=given.get("state", ""),
        owner=int(owner) if owner.isdigit() else None,
        sort=request.GET.get("sort", ""),
    )


def _cells(line: ListedIndicator) -> list[object]:
    figure = line.figure
    return [
        figure.indicator, figure.name, line.sector_name, figure.unit_name, figure.period_key,
        figure.headline, figure.headline_unit, figure.state_label,
        figure.as_of.isoformat() if figure.as_of else "", figure.status, figure.source_type,
        line.owner_name,
    ]  # fmt: skip
