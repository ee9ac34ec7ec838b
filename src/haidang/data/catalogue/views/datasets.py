"""Pages of the catalogue: the datasets, and the contract of one."""

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from haidang.data.catalogue import queries, tables
from haidang.data.catalogue.forms import DatasetFilter
from haidang.data.catalogue.permissions import MANAGE, VIEW
from haidang.data.catalogue.tables import DATASETS, KINDS
from haidang.foundation.access import api as access
from haidang.foundation.access.api import ScopedRequest
from haidang.foundation.org import api as org


@access.requires(VIEW)
def dataset_list(request: ScopedRequest) -> HttpResponseBase:
    """List the datasets that the reader may see."""
    asked = DatasetFilter(request.GET or None)
    found = DATASETS.sorted(request, queries.visible(request.scope, **asked.asked()))
    if table := DATASETS.export(request, found, tables.datasets):
        return table
    page = DATASETS.page(request, found)
    context = {"form": asked, "page": page, "rows": tables.datasets(list(page))}
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


def _sectors() -> dict[str, str]:
    return {sector.code: sector.name for sector in org.sectors()}
