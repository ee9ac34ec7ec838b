"""The page of one indicator of one unit."""

from django.http import HttpResponse
from django.shortcuts import render

from haidang.foundation.access import api as access
from haidang.foundation.org import api as org
from haidang.insight.indicators import api as indicators


@access.requires("indicators.view")
def show(request: access.ScopedRequest, code: str, unit: str) -> HttpResponse:
    """Show the figure with all that stands behind it."""
    where = org.unit(unit)
    figure = indicators.figure(code, where.id, request.scope)
    return render(request, "indicators/figure.html", {"figure": figure, "unit": where})
