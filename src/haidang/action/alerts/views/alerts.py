"""Pages of alerts: the list and one alert. Each translates, asks or acts once, answers."""

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from haidang.action.alerts import actions, errors, queries
from haidang.action.alerts.forms import CloseForm, FilterForm
from haidang.foundation.access import api as access
from haidang.foundation.access.api import ScopedRequest
from haidang.insight.indicators import api as indicators

PAGE_SIZE = 50


@require_GET
@access.requires("alerts.view")
def alert_list(request: ScopedRequest) -> HttpResponse:
    form = FilterForm(request.GET)
    found = Paginator(queries.find(request.scope, form.listing()), PAGE_SIZE)
    page = found.get_page(request.GET.get("page"))
    blind, blind_total = queries.blind_spots(request.scope)
    is_fragment = request.headers.get("HX-Request") == "true"
    return render(
        request,
        "alerts/_list.html" if is_fragment else "alerts/list.html",
        {
            "form": form,
            "page": page,
            "alerts": queries.refs(page.object_list),
            "total": queries.visible(request.scope).count(),
            "blind": blind,
            "blind_total": blind_total,
        },
    )


@require_GET
@access.requires("alerts.view")
def alert_detail(request: ScopedRequest, id: int) -> HttpResponse:
    return _detail(request, id, CloseForm())


@require_POST
@access.requires("alerts.handle")
def acknowledge(request: ScopedRequest, id: int) -> HttpResponse:
    return _act(
        request,
        id,
        lambda: actions.acknowledge(alert=id, by=request.scope, now=timezone.now()),
        _("Đã tiếp nhận cảnh báo."),
    )


@require_POST
@access.requires("alerts.handle")
def close(request: ScopedRequest, id: int) -> HttpResponse:
    form = CloseForm(request.POST)
    if not form.is_valid():
        return _detail(request, id, form, status=422)
    return _act(
        request,
        id,
        lambda: actions.close(alert=id, by=request.scope, now=timezone.now(), **form.cleaned_data),
        _("Đã đóng cảnh báo với kết luận."),
    )


def _detail(request: ScopedRequest, id: int, form: CloseForm, status: int = 200) -> HttpResponse:
    alert = queries.alert(id, request.scope)
    shown = {
        "alert": alert,
        "events": queries.history(id),
        "contacts": queries.contacts(alert.owner_id, on=timezone.localdate()),
        "figure": _figure(alert, request.scope),
        "may_handle": queries.visible(request.scope, "alerts.handle").filter(pk=id).exists(),
        "form": form,
    }
    return render(request, "alerts/detail.html", shown, status=status)


def _figure(alert: queries.AlertRef, scope: access.Scope) -> indicators.Figure | None:
    """Return the figure that the alert is about, if it is about one and the reader may see it."""
    if not alert.is_about_indicator:
        return None
    if not scope.allows("indicators.view", alert.unit_id, alert.sector or None):
        return None
    return indicators.figure(alert.subject, alert.unit_id, scope)


def _act(request: ScopedRequest, id: int, action: Callable[[], None], done: str) -> HttpResponse:
    """Do it, say so, and come back to the alert; who came second is told who was first."""
    try:
        action()
    except (errors.AlreadyAcknowledgedError, errors.AlreadyClosedError) as error:
        messages.warning(request, error.message)
    except errors.OutcomeNeedsNoteError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, done)
    return redirect("alerts:detail", id)
