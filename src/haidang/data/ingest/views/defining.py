"""Agreeing on a source, and changing what was agreed."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api
from haidang.data.ingest.forms import EditSourceForm, NewSourceForm
from haidang.data.ingest.models import Source
from haidang.data.ingest.queries import listing
from haidang.foundation.access.api import ScopedRequest, requires
from haidang.foundation.core.errors import HaidangError
from haidang.foundation.org import api as org

MANAGE = "ingest.manage"
_CHANGES = [name for name in EditSourceForm.base_fields if name != "reason"]


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def new(request: ScopedRequest) -> HttpResponse:
    """Agree on a source within the scope."""
    form = NewSourceForm(request.POST or None, scope=request.scope)
    if form.is_valid():
        given = dict(form.cleaned_data)
        try:
            made = api.create_source(
                supplier_unit_id=given.pop("supplier"), by=request.scope, **given
            )
            messages.success(request, _("Đã thêm nguồn. Bước tiếp theo: khai cột của tệp."))
            return redirect("ingest:source", made.code)
        except HaidangError as error:
            form.add_error(None, error.message)
    return _form(request, form, {})


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def edit(request: ScopedRequest, code: str) -> HttpResponse:
    """Change what was agreed; the code, the dataset and the supplier stay."""
    found = listing.source_seen(request.scope, code)
    request.scope.require(MANAGE, found.supplier_id, found.sector)
    form = EditSourceForm(request.POST or None, initial=_initial(found))
    if form.is_valid():
        try:
            api.change_source(source=code, by=request.scope, **form.cleaned_data)
            messages.success(request, _("Đã ghi thay đổi của nguồn."))
            return redirect("ingest:source", code)
        except HaidangError as error:
            form.add_error(None, error.message)
    contract = catalogue.contract(found.dataset)
    unit = org.unit_by_id(found.supplier_id)
    return _form(request, form, {"source": found, "unit": unit, "contract": contract})


def _initial(found: Source) -> dict[str, Any]:
    return {name: getattr(found, name) for name in _CHANGES}


def _form(
    request: ScopedRequest, form: EditSourceForm | NewSourceForm, more: dict[str, Any]
) -> HttpResponse:
    context = {"form": form, **more}
    return render(request, "ingest/source_form.html", context, status=422 if form.errors else 200)
