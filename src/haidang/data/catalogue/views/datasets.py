"""Pages of the catalogue: the datasets, and the contract of one."""

from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render

from haidang.data.catalogue import queries
from haidang.data.catalogue.forms import DatasetFilter
from haidang.data.catalogue.permissions import MANAGE, VIEW
from haidang.foundation.access import api as access
from haidang.foundation.access.api import ScopedRequest
from haidang.foundation.core import spreadsheet
from haidang.foundation.org import api as org

PER_PAGE = 50
KINDS = {"table": "Bảng số liệu", "readings": "Quan trắc"}


@access.requires(VIEW)
def dataset_list(request: ScopedRequest) -> HttpResponse:
    """List the datasets that the reader may see."""
    asked = DatasetFilter(request.GET or None)
    page = Paginator(_found(request, asked), PER_PAGE).get_page(request.GET.get("page"))
    refs = [queries.ref_of(row) for row in page]
    owners = org.units({ref.owner_unit_id for ref in refs if ref.owner_unit_id})
    sectors = _sectors()
    rows = [
        {
            "ref": ref,
            "kind": KINDS[ref.kind],
            "owner": owners.get(ref.owner_unit_id or 0),
            "sector": sectors.get(ref.sector or ""),
        }
        for ref in refs
    ]
    context = {"form": asked, "page": page, "rows": rows}
    return render(request, "catalogue/list.html", context)


@access.requires(VIEW)
def dataset_page(request: ScopedRequest, code: str) -> HttpResponse:
    """Show one dataset: what its rows look like; its rows and batches come from the lake."""
    ref = queries.visible_one(request.scope, code)
    spec = queries.contract(code)
    context: dict[str, Any] = {
        "ref": ref,
        "spec": spec,
        "kind": KINDS[ref.kind],
        "owner": org.unit_by_id(ref.owner_unit_id) if ref.owner_unit_id else None,
        "sector": _sectors().get(ref.sector or ""),
        "versions": queries.versions(code),
        "may_manage": request.scope.allows(MANAGE, ref.owner_unit_id, ref.sector),
        "may_retain": request.scope.allows("protection.request", ref.owner_unit_id, ref.sector),
    }
    return render(request, "catalogue/dataset.html", context)


@access.requires(VIEW)
def export(request: ScopedRequest) -> StreamingHttpResponse:
    """Send the listed datasets as CSV."""
    header = ["Mã", "Tên", "Loại", "Lĩnh vực", "Đơn vị chủ quản", "Phiên bản"]
    found = _found(request, DatasetFilter(request.GET or None))
    return spreadsheet.csv_response("danh-muc-du-lieu.csv", header, _lines(found))


def _lines(found: Any) -> Iterator[list[Any]]:
    refs = [queries.ref_of(row) for row in found]
    owners = org.units({ref.owner_unit_id for ref in refs if ref.owner_unit_id})
    for ref in refs:
        owner = owners.get(ref.owner_unit_id or 0)
        name = owner.name if owner else ""
        yield [ref.code, ref.title, KINDS[ref.kind], ref.sector or "", name, ref.version]


def _found(request: ScopedRequest, asked: DatasetFilter) -> Any:
    return queries.visible(request.scope, **asked.asked()).order_by(*asked.order())


def _sectors() -> dict[str, str]:
    return {sector.code: sector.name for sector in org.sectors()}
