"""Writing a pipeline, its next version, when it runs; trying; switching on and off."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from haidang.data.pipelines import api, queries
from haidang.data.pipelines.forms import (
    DaysForm,
    NewForm,
    TextForm,
    TimingForm,
    initial_text,
    initial_timing,
)
from haidang.data.pipelines.models import Pipeline
from haidang.data.pipelines.permissions import MANAGE, VIEW
from haidang.data.pipelines.views.listing import context_of, version_of
from haidang.foundation.access.api import ScopedRequest, requires
from haidang.foundation.core.errors import HaidangError, NotAllowedError


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def new(request: ScopedRequest) -> HttpResponse:
    """Make a pipeline with its first draft."""
    form = NewForm(request.POST or None, scope=request.scope)
    failure = ""
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            api.create(
                code=said["code"], title=said["title"], output=said["output"], text=form.text(),
                by=request.scope, why=said["why"], purpose=said["purpose"], timing=form.timing(),
            )  # fmt: skip
            messages.success(request, _("Đã lưu bản nháp. Chạy thử trước khi trình duyệt."))
            return redirect("pipelines:pipeline", said["code"])
        except NotAllowedError:
            raise
        except HaidangError as error:
            failure = error.message
    return _form(request, form, failure, None)


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def edit(request: ScopedRequest, code: str) -> HttpResponse:
    """Write the next version."""
    found = _managed(request, code)
    form = TextForm(
        request.POST or None, scope=request.scope, initial=initial_text(version_of(found))
    )
    failure = ""
    if request.method == "POST" and form.is_valid():
        try:
            why = form.cleaned_data["why"]
            made = api.draft(pipeline=code, text=form.text(), by=request.scope, why=why)
            messages.success(request, _("Đã lưu bản nháp phiên bản %d.") % made.number)
            return redirect("pipelines:pipeline", code)
        except NotAllowedError:
            raise
        except HaidangError as error:
            failure = error.message
    return _form(request, form, failure, found)


def _form(
    request: ScopedRequest, form: TextForm, failure: str, found: Pipeline | None
) -> HttpResponse:
    wrong = bool(failure or form.errors)
    context = {"form": form, "failure": failure, "pipeline": found}
    return render(request, "pipelines/form.html", context, status=422 if wrong else 200)


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def timing(request: ScopedRequest, code: str) -> HttpResponse:
    """Change the name and when it runs."""
    found = _managed(request, code)
    form = TimingForm(request.POST or None, initial=initial_timing(found))
    failure = ""
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            api.change(
                pipeline=code, title=said["title"], purpose=said["purpose"],
                timing=form.timing(), by=request.scope,
            )  # fmt: skip
            messages.success(request, _("Đã lưu lịch chạy."))
            return redirect("pipelines:pipeline", code)
        except api.PipelineError as error:
            failure = error.message
    context = {"form": form, "failure": failure, "pipeline": found}
    wrong = bool(failure or form.errors)
    return render(request, "pipelines/timing.html", context, status=422 if wrong else 200)


@require_POST
@requires(MANAGE)
def try_page(request: ScopedRequest, code: str) -> HttpResponse:
    """Try the draft and show its first rows as a load would take them."""
    found = _managed(request, code)
    days = DaysForm(request.POST)
    more: dict[str, Any] = {"days": days}
    status = 422
    if days.is_valid():
        try:
            more["tried"] = api.try_version(pipeline=code, by=request.scope, days=days.days())
            more["trial"], more["shown_rows"] = more["tried"].trial, 20
            status = 200
        except NotAllowedError:
            raise
        except HaidangError as error:
            more["failure"] = error.message
    found = queries.seen(request.scope, code)
    context = context_of(request, found) | more
    return render(request, "pipelines/pipeline.html", context, status=status)


@require_POST
@requires(VIEW)
def act(request: ScopedRequest, code: str) -> HttpResponse:
    """Run now, approve, stop or resume; each asks for its own right."""
    reason = request.POST.get("reason", "")
    try:
        match request.POST.get("do"):
            case "run":
                days = DaysForm(request.POST)
                if not days.is_valid():
                    raise api.PipelineError(" ".join(map(str, days.non_field_errors())))
                made = api.run_now(pipeline=code, by=request.scope, days=days.days())
                messages.info(request, _("Đã xếp lịch chạy. Trang tự làm mới khi tải lại."))
                return redirect("pipelines:run", made.pk)
            case "approve":
                seal = request.POST.get("seal", "")
                api.switch_on(pipeline=code, by=request.scope, reason=reason, seal=seal)
                messages.success(request, _("Đã đưa phiên bản vào dùng."))
            case "stop":
                api.switch_off(pipeline=code, by=request.scope, reason=reason)
                messages.warning(request, _("Đã dừng luồng."))
            case "resume":
                api.resume(pipeline=code, by=request.scope, reason=reason)
                messages.success(request, _("Luồng chạy tiếp."))
            case _:
                queries.seen(request.scope, code)
    except api.PipelineError as error:
        messages.error(request, error.message)
    return redirect("pipelines:pipeline", code)


def _managed(request: ScopedRequest, code: str) -> Pipeline:
    found = queries.seen(request.scope, code)
    request.scope.require(MANAGE, found.owner_unit_id, found.sector)
    return found
