"""Registering, changing and retiring a device; its planned windows."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from haidang.data.ingest import api
from haidang.data.ingest.forms.devices import DeviceForm, NewDeviceForm, PlanForm
from haidang.data.ingest.models import Plan
from haidang.data.ingest.queries import registry
from haidang.data.ingest.views.devices import one
from haidang.foundation.access.api import ScopedRequest, requires
from haidang.foundation.core.errors import HaidangError

MANAGE = "ingest.manage"


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def new(request: ScopedRequest) -> HttpResponse:
    """Register a device under a source of the scope."""
    first = {"source": request.GET.get("source", "")}
    form = NewDeviceForm(request.POST or None, scope=request.scope, initial=first)
    if form.is_valid():
        said = form.cleaned_data
        has_place = said["latitude"] is not None
        try:
            made = api.register_device(
                code=said["code"],
                source=said["source"],
                unit_id=said["unit"],
                title=said["title"],
                metrics=said["metrics"],
                place=(said["latitude"], said["longitude"]) if has_place else None,
                interval=said["interval"],
                limits=said["limits"],
                note=said["note"],
                reason=said["reason"],
                by=request.scope,
            )
            messages.success(request, _("Đã đăng ký thiết bị."))
            return redirect("ingest:device", made.code)
        except HaidangError as error:
            form.add_error(None, error.message)
    status = 422 if form.errors else 200
    return render(request, "ingest/device_form.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def edit(request: ScopedRequest, code: str) -> HttpResponse:
    """Change what is registered; code and source stay."""
    found = registry.seen(request.scope, code)
    request.scope.require(MANAGE, found.source.supplier_id, found.source.sector)
    initial = DeviceForm.initial_of(found)
    form = DeviceForm(request.POST or None, scope=request.scope, initial=initial)
    if form.is_valid():
        said = dict(form.cleaned_data)
        said["unit_id"] = said.pop("unit")
        try:
            api.change_device(device=code, by=request.scope, **said)
            messages.success(request, _("Đã ghi thay đổi của thiết bị."))
            return redirect("ingest:device", code)
        except HaidangError as error:
            form.add_error(None, error.message)
    context = {"form": form, "device": found}
    return render(request, "ingest/device_form.html", context, status=422 if form.errors else 200)


@require_POST
@requires(MANAGE)
def state(request: ScopedRequest, code: str) -> HttpResponse:
    """Put a device to work, into maintenance, or out of service, with a reason."""
    registry.seen(request.scope, code)
    reason = request.POST.get("reason", "").strip()
    if not reason:
        messages.error(request, _("Cần ghi lý do đổi tình trạng."))
        return redirect("ingest:device", code)
    try:
        api.set_device_state(
            device=code, state=request.POST.get("state", ""), by=request.scope, reason=reason
        )
        messages.success(request, _("Đã đổi tình trạng thiết bị."))
    except api.IngestError as error:
        messages.error(request, error.message)
    return redirect("ingest:device", code)


@require_POST
@requires(MANAGE)
def plan(request: ScopedRequest, code: str) -> HttpResponse:
    """Declare a planned window."""
    found = registry.seen(request.scope, code)
    form = PlanForm(request.POST, metrics=one.metric_choices(found))
    if form.is_valid():
        try:
            api.declare_plan(device=code, by=request.scope, now=timezone.now(), **form.declared())
            messages.success(request, _("Đã ghi lịch."))
            return redirect("ingest:device", code)
        except api.IngestError as error:
            form.add_error(None, error.message)
    context = one.context(request, found, form)
    return render(request, "ingest/device.html", context, status=422)


@require_POST
@requires(MANAGE)
def withdraw(request: ScopedRequest, code: str, plan_id: int) -> HttpResponse:
    """Withdraw a planned window."""
    found = registry.seen(request.scope, code)
    if not Plan.objects.filter(pk=plan_id, device=found).exists():
        raise api.PlanNotFoundError
    try:
        api.withdraw_plan(
            plan=plan_id,
            by=request.scope,
            now=timezone.now(),
            reason=request.POST.get("reason", ""),
        )
        messages.success(request, _("Đã rút lịch."))
    except api.IngestError as error:
        messages.error(request, error.message)
    return redirect("ingest:device", code)
