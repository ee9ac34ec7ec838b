"""Pages of retention: how long each dataset is kept, what would go, who approved it."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from haidang.data.catalogue import api as catalogue
from haidang.data.protection import errors, permissions, queries, tables
from haidang.data.protection.actions import retaining
from haidang.data.protection.forms import RetentionForm
from haidang.data.protection.models import Removal, Retention
from haidang.data.protection.tables import RETENTIONS
from haidang.foundation.access.api import ScopedRequest, requires
from haidang.foundation.core.errors import HaidangError

_REMOVALS = 12


@require_GET
@requires(permissions.REQUEST)
def retentions(request: ScopedRequest) -> HttpResponseBase:
    """List the datasets that are not kept for good."""
    rows = RETENTIONS.sorted(request, queries.retentions(request.scope))
    dress = partial(tables.retentions, scope=request.scope)
    if table := RETENTIONS.export(request, rows, dress):
        return table
    page = RETENTIONS.page(request, rows)
    context = {"page": page, "rows": dress(list(page))}
    return render(request, "protection/retentions.html", context)


@require_http_methods(["GET", "POST"])
@requires(permissions.REQUEST)
def retention(request: ScopedRequest, code: str) -> HttpResponse:
    """Show how long a dataset is kept, with what would go tonight; propose another period."""
    contract, found = _seen(request, code)
    form = RetentionForm(request.POST or None, initial=_initial(found))
    if form.is_valid():
        try:
            retaining.propose(dataset=code, period=form.period(), by=request.scope)
            messages.success(request, _("Đã ghi đề nghị. Chưa xóa gì trước khi có người duyệt."))
            return redirect("protection:retention", code)
        except HaidangError as error:
            form.add_error(None, error.message)
    context = {"contract": contract, "form": form, "retention": found}
    if found is not None:
        context |= _about(request, found)
    status = 422 if form.errors else 200
    return render(request, "protection/retention.html", context, status=status)


@require_POST
@requires(permissions.REQUEST)
def decide(request: ScopedRequest, code: str) -> HttpResponse:
    """Approve a period as a second person, or stop it."""
    _seen(request, code)
    try:
        if request.POST.get("do") == "stop":
            reason = request.POST.get("reason", "")
            retaining.stop(dataset=code, by=request.scope, reason=reason)
            messages.info(request, _("Đã dừng: từ nay giữ tất cả."))
        else:
            seal = request.POST.get("seal", "")
            retaining.approve(dataset=code, by=request.scope, seal=seal)
            messages.success(request, _("Đã duyệt; phần hết hạn được xóa vào 1:40 đêm."))
    except errors.ProtectionError as error:
        messages.error(request, error.message)
    return redirect("protection:retention", code)


def _seen(request: ScopedRequest, code: str) -> tuple[catalogue.ContractSpec, Retention | None]:
    """Return a dataset that the scope answers for. Raises UnknownDatasetError, NotAllowedError."""
    contract = catalogue.contract(code)
    queries.require_retaining(code, request.scope)
    return contract, queries.retention_of(code, request.scope)


def _about(request: ScopedRequest, found: Retention) -> dict[str, Any]:
    """Return what would go tonight, who may decide, and what went before."""
    scope, where = request.scope, (found.owner_unit_id, found.sector)
    waits = found.state == Retention.State.PROPOSED
    is_proposer = scope.account_id is not None and scope.account_id == found.proposed_by_id
    before = Removal.objects.filter(
        kind=Removal.Kind.EXPIRED, datasets__contains=[found.dataset]
    ).order_by("-asked_at")
    is_kept = found.state == Retention.State.OFF
    return {
        "told": tables.told(found),
        "preview": [] if is_kept else retaining.preview(found, timezone.now()).values(),
        "may_decide": waits and scope.allows(permissions.APPROVE, *where) and not is_proposer,
        "waits_for_another": waits and is_proposer,
        "may_stop": found.state != Retention.State.OFF,
        "removals": before[:_REMOVALS],
    }


def _initial(found: Retention | None) -> dict[str, Any]:
    names = ("rows_months", "files_months", "legal_basis", "document")
    return {name: getattr(found, name) for name in names} if found else {}
