"""What waits for a second person: typed values, thresholds, plans."""

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from haidang.foundation.access import api as access
from haidang.foundation.core.errors import HaidangError, NotAllowedError
from haidang.insight.indicators import api as indicators
from haidang.insight.indicators.forms import DecisionForm
from haidang.insight.indicators.queries import decided, waiting

PER_PAGE = 20
QUEUE = 100  # the oldest values; the next follow when these are decided


@require_GET
@access.requires("indicators.view")
def queue(request: access.ScopedRequest) -> HttpResponse:
    """Show what the reader may decide, what he has sent himself, and what was decided."""
    page = Paginator(decided.decided(request.scope), PER_PAGE).get_page(request.GET.get("page"))
    values = waiting.typed_values(request.scope)
    typed = waiting.typed_rows(values[:QUEUE], request.scope)
    return render(
        request,
        "indicators/approvals.html",
        {
            "typed": typed,
            "waiting": values.count(),
            "may_decide": any(row.can_decide for row in typed),
            "proposals": waiting.proposals(request.scope),
            "page": page,
            "decided": decided.rows(page),
        },
    )


@require_POST
@access.requires("indicators.approve")
def decide_values(request: access.ScopedRequest) -> HttpResponse:
    """Approve or return the typed values that were chosen, all or none."""
    ids = [int(one) for one in request.POST.getlist("id") if one.isdecimal()]
    if not ids:
        messages.error(request, _("Chọn ít nhất một số liệu."))
        return redirect("indicators:approvals")

    def act(accept: bool, note: str) -> None:
        if accept:
            indicators.approve_values(ids, by=request.scope, note=note)
        else:
            indicators.return_values(ids, by=request.scope, note=note)

    return _decide(request, act)


@require_POST
@access.requires("indicators.decide")
def decide_proposal(request: access.ScopedRequest, id: int) -> HttpResponse:
    """Accept or refuse a proposal."""

    def act(accept: bool, note: str) -> None:
        indicators.decide_proposal(proposal=id, accept=accept, by=request.scope, note=note)

    return _decide(request, act)


def _decide(request: access.ScopedRequest, act: Callable[[bool, str], None]) -> HttpResponse:
    form = DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Cần nêu lý do khi trả lại."))
        return redirect("indicators:approvals")
    try:
        act(form.cleaned_data["decision"] == "accept", form.cleaned_data["note"])
    except NotAllowedError:
        raise
    except HaidangError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Đã ghi quyết định."))
    return redirect("indicators:approvals")
