"""The page of holidays under /console/calendar/."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from haidang.foundation.calendar import holidays
from haidang.foundation.calendar.forms import OverrideForm
from haidang.foundation.core import gate
from haidang.foundation.core.gate import ScopedRequest

VIEW = "org.view"
MANAGE = "org.manage"
YEARS = range(2000, 2100)


@gate.requires(VIEW)
def year_page(request: ScopedRequest, year: int | None = None) -> HttpResponse:
    """Show the days of a year that are not as their weekday says."""
    form = OverrideForm() if request.scope.allows_everywhere(MANAGE) else None
    return _page(request, year or timezone.localdate().year, form)


@require_POST
@gate.requires(MANAGE)
def override(request: ScopedRequest) -> HttpResponse:
    """Decide that a day is worked or free, for every unit."""
    request.scope.require_everywhere(MANAGE)
    form = OverrideForm(request.POST)
    if not form.is_valid():
        return _page(request, timezone.localdate().year, form)
    holidays.override(**form.cleaned_data, by=request.scope.actor)
    messages.success(request, _("Đã ghi quyết định về ngày này."))
    return redirect("calendar:year", year=form.cleaned_data["day"].year)


@require_POST
@gate.requires(MANAGE)
def remove_override(request: ScopedRequest, day: date) -> HttpResponse:
    """Return a day to the law's calendar."""
    request.scope.require_everywhere(MANAGE)
    holidays.remove_override(day=day, by=request.scope.actor)
    messages.success(request, _("Ngày này lại theo lịch chung."))
    return redirect("calendar:year", year=day.year)


def _page(request: ScopedRequest, year: int, form: OverrideForm | None) -> HttpResponse:
    shown = year if year in YEARS else timezone.localdate().year
    context = {"year": shown, "days": holidays.special_days(shown), "form": form}
    wrong = form is not None and bool(form.errors)
    return render(request, "calendar/year.html", context, status=422 if wrong else 200)
