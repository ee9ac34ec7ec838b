"""One run, stopping it, and past periods computed again."""

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from haidang.data.ingest import api as ingest
from haidang.data.pipelines import api, queries
from haidang.data.pipelines.forms import BackfillForm
from haidang.data.pipelines.permissions import MANAGE, VIEW
from haidang.data.pipelines.queries.showing import Shown
from haidang.data.pipelines.tables import SIGNS
from haidang.data.pipelines.views.listing import titles
from haidang.foundation.access.api import ScopedRequest, requires


@require_GET
@requires(VIEW)
def run_page(request: ScopedRequest, run_id: int) -> HttpResponse:
    """What a run read, made and wrote; its tests and its log."""
    found = queries.run_seen(request.scope, run_id)
    named = {one[0]: one for one in titles([row["dataset"] for row in found.inputs], request.scope)}
    where = (found.pipeline.owner_unit_id, found.pipeline.sector)
    seconds = None
    if found.started_at and found.finished_at:
        seconds = round((found.finished_at - found.started_at).total_seconds(), 1)
    context = {
        "run": found, "pipeline": found.pipeline, "sign": SIGNS[found.state], "seconds": seconds,
        "tests": Shown(request.scope).tests(found.version, found.tests),
        "inputs": [(row, named[row["dataset"]]) for row in found.inputs],
        "log": [(dt.datetime.fromisoformat(at), said) for at, said in found.log],
        "source": found.pipeline.source_code, "sees_source": request.scope.allows("ingest.view"),
        "read": sum(row["rows"] for row in found.inputs),
        "may_manage": request.scope.allows(MANAGE, *where),
    }  # fmt: skip
    return render(request, "pipelines/run.html", context)


@require_POST
@requires(MANAGE)
def cancel(request: ScopedRequest, run_id: int) -> HttpResponse:
    """Stop a run that has not loaded."""
    try:
        api.cancel_run(run=run_id, by=request.scope)
        messages.warning(request, _("Đã yêu cầu dừng lần chạy."))
    except api.PipelineError as error:
        messages.error(request, error.message)
    return redirect("pipelines:run", run_id)


@require_POST
@requires(MANAGE)
def backfill(request: ScopedRequest, code: str) -> HttpResponse:
    """Have past periods computed again."""
    found = queries.seen(request.scope, code)
    form = BackfillForm(request.POST)
    days = form.days() if form.is_valid() else None
    try:
        if days is None:
            raise api.PipelineError(_("Ghi ngày đầu, ngày cuối và lý do tính lại."))
        said = form.cleaned_data
        made = api.backfill(
            pipeline=found.code, start=days[0], end=days[1], step=said["step"],
            by=request.scope, reason=said["reason"],
        )  # fmt: skip
        messages.info(request, _("Đã xếp lịch tính lại %d kỳ.") % made.runs.count())
    except (api.PipelineError, ingest.IngestError) as error:
        messages.error(request, error.message)
    return redirect("pipelines:pipeline", code)


@require_POST
@requires(MANAGE)
def cancel_backfill(request: ScopedRequest, backfill_id: int) -> HttpResponse:
    """Stop a backfill."""
    try:
        api.cancel_backfill(backfill=backfill_id, by=request.scope)
        messages.warning(request, _("Đã dừng đợt tính lại."))
    except api.PipelineError as error:
        messages.error(request, error.message)
    return redirect("pipelines:list")
