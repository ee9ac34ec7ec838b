"""Pages on which reports are filled in, approved, received, returned, given out."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from haidang.delivery.reporting.actions import assigning, sending, uploading
from haidang.delivery.reporting.errors import HasErrorsError, ReportingError, TooEarlyError
from haidang.delivery.reporting.files import reading as workbooks
from haidang.delivery.reporting.forms import ReportForm, ReturnForm, UploadForm
from haidang.delivery.reporting.models import Assignment
from haidang.delivery.reporting.permissions import APPROVE, FILL, MANAGE, RECEIVE, VIEW
from haidang.delivery.reporting.queries import filling, reports
from haidang.delivery.reporting.rules import checks, steps
from haidang.delivery.reporting.views.reading import page_of
from haidang.foundation.access import api as access
from haidang.foundation.access.api import ScopedRequest
from haidang.foundation.org import api as org


@require_http_methods(["GET", "POST"])
@access.requires(FILL)
def fill(request: ScopedRequest, report_id: int) -> HttpResponse:
    """Fill in a report: `save` keeps it, `submit` sends it to the approver."""
    row = reports.report(report_id, request.scope, FILL)
    if row.state not in steps.FILLABLE:
        return redirect("reporting:report", report_id=row.pk)
    draft = filling.draft(row, request.scope)
    form = ReportForm(row.form.spec(), draft, request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _keep(request, row, form)
    return _form_page(request, row, form)


@require_POST
@access.requires(FILL)
def upload(request: ScopedRequest, report_id: int) -> HttpResponse:
    """Fill the draft from a workbook, then show it."""
    row = reports.report(report_id, request.scope, FILL)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _("Chọn tệp Excel đã điền."))
        return redirect("reporting:fill", report_id=row.pk)
    file = form.cleaned_data["file"]
    try:
        wrong = uploading.take_workbook(
            report=row.pk,
            content=file.read(workbooks.MOST_BYTES + 1),
            name=file.name,
            by=request.scope,
            now=timezone.now(),
        )
    except ReportingError as error:
        messages.error(request, error.message)
        return redirect("reporting:fill", report_id=row.pk)
    for code, text in wrong.items():
        title = row.form.spec().item(code).title
        messages.warning(request, _("“%(title)s”: “%(text)s” không phải số, đã bỏ qua.")
                         % {"title": title, "text": text})  # fmt: skip
    messages.success(request, _("Đã điền từ tệp. Kiểm tra rồi gửi người duyệt."))
    return redirect("reporting:fill", report_id=row.pk)


@require_POST
@access.requires(APPROVE)
def approve(request: ScopedRequest, report_id: int) -> HttpResponse:
    """Approve what was sent."""
    return _step(request, report_id, sending.approve, _("Đã duyệt và gửi nơi nhận."))


@require_POST
@access.requires(RECEIVE)
def receive(request: ScopedRequest, report_id: int) -> HttpResponse:
    """Take the report in."""
    return _step(request, report_id, sending.receive, _("Đã tiếp nhận và khóa báo cáo."))


@require_POST
@access.requires(VIEW)
def send_back(request: ScopedRequest, report_id: int) -> HttpResponse:
    """Return the report with a reason; the action asks who may."""
    row, form = reports.report(report_id, request.scope), ReturnForm(request.POST)
    if not form.is_valid():
        context = page_of(request, row, form)
        return render(request, "reporting/report.html", context, status=422)
    reason = form.cleaned_data["reason"]
    return _step(request, row.pk, sending.send_back, _("Đã trả lại báo cáo."), reason=reason)


@require_POST
@access.requires(MANAGE)
def assign(request: ScopedRequest) -> HttpResponse:
    """Give out the reports of a period."""
    try:
        count = assigning.assign(
            regime=request.POST.get("regime", ""),
            period_key=request.POST.get("period", ""),
            by=request.scope,
            now=timezone.now(),
        )
    except ValueError:
        messages.error(request, _("Kỳ báo cáo không hợp lệ. Viết như 2026-11."))
    else:
        messages.success(request, _("Đã giao %(count)s báo cáo.") % {"count": count})
    return redirect("reporting:list")


def _keep(request: ScopedRequest, row: Assignment, form: ReportForm) -> HttpResponse:
    draft, now = form.filled(), timezone.now()
    row.state = sending.save(report=row.pk, draft=draft, by=request.scope, now=now).state
    if "submit" not in request.POST:
        messages.success(request, _("Đã lưu. Chưa gửi."))
        return redirect("reporting:fill", report_id=row.pk)
    try:
        sending.submit(report=row.pk, draft=draft, by=request.scope, now=now)
    except HasErrorsError:
        row.refresh_from_db(fields=["draft", "saved_at"])
        return _form_page(request, row, form, wants_all=True)
    except TooEarlyError as error:
        messages.warning(request, error.message)
        return redirect("reporting:fill", report_id=row.pk)
    messages.success(request, _("Đã gửi người duyệt."))
    return redirect("reporting:report", report_id=row.pk)


def _form_page(
    request: ScopedRequest, row: Assignment, form: ReportForm, *, wants_all: bool = False
) -> HttpResponse:
    if not form.is_bound and row.draft:  # what was saved is shown with what is wrong in it
        form = ReportForm(form.spec, form.draft, form.as_typed())
    if form.is_bound:
        form.is_valid()
        form.draft = form.filled()
    found = filling.findings(row, form.draft)
    if form.is_bound:
        form.show(found, missing=wants_all)
    context: dict[str, Any] = {
        "report": row,
        "unit": org.unit_by_id(row.unit_id),
        "period": reports.period(row),
        "form": form,
        "lines": list(form.lines(found)),
        "left": len(checks.blocking(found)),
        "prefilled": sum(source == filling.PREFILLED for source in form.draft.sources.values()),
        "returned": _last_reason(row),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "reporting/fill.html", context, status=status)


def _last_reason(row: Assignment) -> str:
    if row.state != steps.RETURNED:
        return ""
    return next((step.reason for step in reports.story(row.pk) if step.what == steps.RETURN), "")


def _step(
    request: ScopedRequest,
    report_id: int,
    action: Callable[..., None],
    done: str,
    **said: Any,
) -> HttpResponse:
    try:
        action(report=report_id, by=request.scope, now=timezone.now(), **said)
    except ReportingError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, done)
    return redirect("reporting:report", report_id=report_id)
