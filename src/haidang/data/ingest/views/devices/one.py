"""One device: where it stands, what it measures, its calendar and its events."""

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest.forms.devices import PlanForm
from haidang.data.ingest.models import Device
from haidang.data.ingest.queries import calendars, registry
from haidang.data.ingest.rules import silence
from haidang.foundation.access.api import ScopedRequest, requires
from haidang.foundation.org import api as org

MANAGE = "ingest.manage"
_BACK, _AHEAD = dt.timedelta(days=30), dt.timedelta(days=180)
_SHOWN = 12


@require_GET
@requires("ingest.view")
def device(request: ScopedRequest, code: str) -> HttpResponse:
    """Show a device."""
    found = registry.seen(request.scope, code)
    return render(request, "ingest/device.html", context(request, found))


def context(request: ScopedRequest, found: Device, form: PlanForm | None = None) -> dict[str, Any]:
    """Return what the page of a device shows."""
    now = timezone.now()
    plans = list(found.plans.filter(withdrawn_at=None).order_by("starts_at"))
    every = registry.interval(found)
    source = found.source
    return {
        "device": found,
        "unit": org.unit_by_id(found.unit_id),
        "watch": getattr(found, "watch", None),
        "parameters": registry.parameters(found, now),
        "events": registry.events(found),
        "gaps": found.gaps.order_by("-day")[:_SHOWN],
        "plans": plans,
        "windows": calendars.windows_of(plans, now - _BACK, now + _AHEAD)[:_SHOWN],
        "now": now,
        "interval": every,
        "patience": round(silence.patience(every).total_seconds() / 60),
        "form": form or PlanForm(metrics=metric_choices(found)),
        "may_manage": request.scope.allows(MANAGE, source.supplier_id, source.sector),
    }


def metric_choices(found: Device) -> list[tuple[str, str]]:
    """Return the metrics of a device with their words."""
    return [(name, catalogue.word_of("metric", name)) for name in found.metrics]
