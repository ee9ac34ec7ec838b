"""Entering a value, and proposing thresholds and plans."""

from dataclasses import asdict
from datetime import datetime, time

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from haidang.foundation.access import api as access
from haidang.foundation.core.errors import HaidangError, NotAllowedError
from haidang.foundation.org import api as org
from haidang.insight.indicators import api as indicators
from haidang.insight.indicators.forms import TargetForm, ThresholdForm, ValueForm


@require_http_methods(["GET", "POST"])
@access.requires("indicators.report")
def report(request: access.ScopedRequest, code: str, unit: str) -> HttpResponse:
    """Enter a value; it waits for the unit's approver."""
    where = org.unit(unit)
    indicator = indicators.indicator(code, request.scope)
    request.scope.require("indicators.report", where.id, indicator.sector)
    form = ValueForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        moment = timezone.make_aware(datetime.combine(given["period"], time()))
        try:
            indicators.report_value(
                indicator=code,
                unit_id=where.id,
                period=moment,
                value=given["value"],
                status=given["status"],
                note=given["note"],
                by=request.scope,
            )
        except NotAllowedError:
            raise
        except HaidangError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Đã gửi người duyệt. Số liệu chờ duyệt chưa lên bảng."))
            return redirect("indicators:figure", code, unit)
    context = {"form": form, "indicator": indicator, "unit": where}
    return render(request, "indicators/report.html", context, status=_status(request, form))


@require_http_methods(["GET", "POST"])
@access.requires("indicators.define")
def propose(request: access.ScopedRequest, code: str, unit: str, kind: str) -> HttpResponse:
    """Propose a threshold or a plan; another person decides."""
    where = org.unit(unit)
    indicator = indicators.indicator(code, request.scope)
    request.scope.require("indicators.define", where.id, indicator.sector)
    form = _proposal_form(request, indicator, where, kind)
    if request.method == "POST" and form.is_valid():
        try:
            _propose(request, form, code, where, kind)
        except NotAllowedError:
            raise
        except HaidangError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Đã gửi đề xuất. Người thứ hai sẽ quyết định."))
            return redirect("indicators:figure", code, unit)
    context = {"form": form, "indicator": indicator, "unit": where, "kind": kind}
    return render(request, "indicators/propose.html", context, status=_status(request, form))


def _propose(
    request: access.ScopedRequest, form: Form, code: str, where: "org.UnitRef", kind: str
) -> None:
    given = dict(form.cleaned_data)
    if kind == "target":
        given["amount"] = str(given["amount"])
        indicators.propose_target(indicator=code, unit_id=where.id, by=request.scope, **given)
        return
    everywhere = given.pop("everywhere")
    indicators.propose_threshold(
        indicator=code,
        unit_id=None if everywhere else where.id,
        level=where.level if everywhere else "",
        by=request.scope,
        **given,
    )


def _proposal_form(
    request: access.ScopedRequest,
    indicator: indicators.IndicatorRef,
    where: "org.UnitRef",
    kind: str,
) -> Form:
    """Return the form, filled in with what is in force."""
    figure = indicators.figure(indicator.code, where.id, request.scope)
    if kind == "target":
        return TargetForm(request.POST or None, initial={"rank": len(figure.targets) + 1})
    return ThresholdForm(
        request.POST or None,
        is_range=indicator.direction == "range",
        initial=asdict(figure.threshold) if figure.threshold else None,
    )


def _status(request: access.ScopedRequest, form: Form) -> int:
    return 422 if request.method == "POST" and form.errors else 200
