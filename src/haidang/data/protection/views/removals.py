"""Pages of protection: requests to remove data, and who looked at personal data."""

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from haidang.data.catalogue import api as catalogue
from haidang.data.protection import api, permissions, queries
from haidang.data.protection.actions import classing
from haidang.data.protection.forms import KINDS, RemovalForm
from haidang.data.protection.models import Look, Removal
from haidang.data.protection.rules import masks
from haidang.data.protection.tables import LOOKS, REMOVALS
from haidang.foundation.access.api import ScopedRequest, requires
from haidang.foundation.core.errors import HaidangError

_LINKED = ("dataset", "runs", "difficulty")  # what another page's button has filled in
_FILTERS = ("dataset", "who", "way")


@require_GET
@requires(permissions.REQUEST)
def removals(request: ScopedRequest) -> HttpResponseBase:
    """List the requests within the scope."""
    found = queries.visible(request.scope)
    if (state := request.GET.get("state", "")) in Removal.State.values:
        found = found.filter(state=state)
    rows = REMOVALS.sorted(request, found)
    if table := REMOVALS.export(request, rows):
        return table
    page = REMOVALS.page(request, rows)
    context = {"page": page, "state": state, "states": Removal.State.choices}
    return render(request, "protection/removals.html", context)


@require_http_methods(["GET", "POST"])
@requires(permissions.REQUEST)
def new(request: ScopedRequest) -> HttpResponse:
    """Ask for a removal; what it would take away is shown next."""
    linked = {name: request.GET[name] for name in _LINKED if name in request.GET}
    form = RemovalForm(
        request.POST or None,
        kind=request.POST.get("kind") or request.GET.get("kind", ""),
        scope=request.scope,
        initial={**linked, "refuses": True},
    )
    if form.is_valid():
        given = form.cleaned_data
        try:
            asked = api.ask(
                what=form.what(),
                reason=given["reason"],
                legal_basis=given["legal_basis"],
                document=given["document"],
                refuses=given["refuses"],
                by=request.scope,
            )
            messages.success(request, _("Đã ghi đề nghị. Việc xóa chờ người thứ hai duyệt."))
            return redirect("protection:removal", asked.pk)
        except HaidangError as error:
            form.add_error(None, error.message)
    status = 422 if form.errors else 200
    context = {"form": form, "kinds": list(KINDS), "about": KINDS[form.asks]}
    return render(request, "protection/new.html", context, status=status)


@require_GET
@requires(permissions.REQUEST)
def removal(request: ScopedRequest, removal_id: int) -> HttpResponse:
    """Show one request: what goes, who decided, how far it is."""
    found = queries.visible_one(request.scope, removal_id)
    scope, where = request.scope, (found.owner_unit_id, found.sector)
    waits = found.state == Removal.State.ASKED
    is_asker = scope.account_id is not None and scope.account_id == found.asked_by_id
    context = {
        "removal": found,
        "preview": list(found.preview.values()),
        "progress": list(found.progress.values()),
        "steps": max(len(found.preview), 1),
        "may_decide": waits and scope.allows(permissions.APPROVE, *where) and not is_asker,
        "waits_for_another": waits and is_asker,
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, f"protection/{'_removal' if part else 'removal'}.html", context)


@require_POST
@requires(permissions.APPROVE)
def decide(request: ScopedRequest, removal_id: int) -> HttpResponse:
    """Approve or decline, as a second person."""
    queries.visible_one(request.scope, removal_id)
    reason = request.POST.get("reason", "")
    try:
        if request.POST.get("do") == "reject":
            api.reject(removal=removal_id, by=request.scope, reason=reason)
            messages.warning(request, _("Đã từ chối đề nghị xóa."))
        else:
            api.approve(removal=removal_id, by=request.scope, reason=reason)
            messages.success(request, _("Đã duyệt; hệ thống đang xóa."))
    except api.ProtectionError as error:
        messages.error(request, error.message)
    return redirect("protection:removal", removal_id)


@require_GET
@requires(permissions.AUDIT)
def looks(request: ScopedRequest) -> HttpResponseBase:
    """List who saw personal data as it is."""
    asked = {name: request.GET.get(name, "") for name in _FILTERS}
    rows = LOOKS.sorted(request, queries.looks(request.scope, **asked))
    if table := LOOKS.export(request, rows):
        return table
    context = {"page": LOOKS.page(request, rows), "asked": asked, "ways": Look.Way.choices}
    return render(request, "protection/looks.html", context)


@require_http_methods(["GET", "POST"])
@requires("catalogue.manage")
def fields(request: ScopedRequest, code: str) -> HttpResponse:
    """Say which fields of a dataset hold personal data."""
    contract = catalogue.newest(code)
    where = (contract.owner_unit_id, contract.sector)
    request.scope.require("catalogue.manage", *where)
    if request.method == "POST":
        given = {name: request.POST.get(f"field-{name}", "") for name in contract.names}
        try:
            classing.classify(dataset=code, classes=given, by=request.scope)
            messages.success(request, _("Đã ghi loại dữ liệu cá nhân của các trường."))
        except HaidangError as error:
            messages.error(request, error.message)
        return redirect("catalogue:dataset", code)
    held = catalogue.personal_classes(code)
    context = {
        "contract": contract,
        "fields": [(one, _code(held.get(one.name, ""))) for one in contract.fields],
        "classes": list(masks.CLASSES.values()),
    }
    return render(request, "protection/fields.html", context)


def _code(said: str) -> str:
    return masks.class_of(said).code if said else ""
