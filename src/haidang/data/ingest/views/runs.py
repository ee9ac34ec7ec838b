"""Runs: the list, the receipt, its progress, the original file, approval."""

from django.contrib import messages
from django.db.models import Count
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from haidang.data.ingest import api
from haidang.data.ingest.models import Run
from haidang.data.ingest.queries import has_typed, listing
from haidang.data.ingest.queries.glasses import Glasses, glass
from haidang.data.ingest.tables import runs as tables
from haidang.data.ingest.tables.runs import APPROVALS, RUNS
from haidang.data.protection import api as protection
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access.api import ScopedRequest, requires
from haidang.foundation.core import files
from haidang.foundation.org import api as org


@require_GET
@requires("ingest.view")
def run_list(request: ScopedRequest) -> HttpResponseBase:
    """List runs with their receipts, narrowed."""
    asked = request.GET.dict()
    found = RUNS.sorted(request, listing.search_runs(listing.visible_runs(request.scope), asked))
    if table := RUNS.export(request, found):
        return table
    context = {
        "page": RUNS.page(request, found),
        "asked": asked,
        "statuses": Run.Status.choices,
        "approvals": Run.Approval.choices,
        "channels": Run.Channel.choices,
        "sources": listing.visible_sources(request.scope).order_by("title")[:500],
    }
    return render(request, "ingest/runs.html", context)


@require_GET
@requires("ingest.view")
def run(request: ScopedRequest, run_id: int) -> HttpResponse:
    found = listing.run_seen(request.scope, run_id)
    scope, where = request.scope, (found.source.supplier_id, found.source.sector)
    waits = found.approval == Run.Approval.PENDING and found.status == Run.Status.LANDED
    is_loader = has_typed(found, scope.account_id)
    through = Glasses(scope)
    rows = dict(found.quarantine.values_list("state").annotate(count=Count("id")))
    context = {
        "run": found,
        "unit": org.unit_by_id(found.source.supplier_id),
        "parts": _parts(found),
        "waiting": rows.get("open", 0),
        "mended": rows.get("mended", 0),
        "discarded": rows.get("discarded", 0),
        "first": through.shown(
            found.quarantine.select_related("run").filter(state="open").order_by("row_no")[:5]
        ),
        "gone": protection.gone_file(found.file_id) if found.file_id else None,
        "erased": warehouse.erased_rows(_batches(found)),
        "may_remove": found.is_finished and scope.allows("protection.request", *where),
        "replays": found.mended_by.order_by("pk"),
        "may_approve": waits and scope.allows("ingest.approve", *where) and not is_loader,
        "waits_for_another": waits and is_loader,
        "may_agree": scope.allows("ingest.manage", *where),
        "may_cancel": not found.is_finished and scope.allows("ingest.load", *where),
    }
    fragment = request.headers.get("HX-Request") == "true"
    return render(request, "ingest/_run.html" if fragment else "ingest/run.html", context)


@require_POST
@requires("ingest.load")
def cancel(request: ScopedRequest, run_id: int) -> HttpResponse:
    listing.run_seen(request.scope, run_id)
    api.cancel(run=run_id, by=request.scope)
    messages.info(request, _("Đã yêu cầu dừng. Chưa dòng nào của lượt này được nạp."))
    return redirect("ingest:run", run_id)


@require_GET
@requires("ingest.view")
def original(request: ScopedRequest, run_id: int) -> HttpResponseBase:
    """Hand out the file as it came, never shown inside the page; personal data, for a purpose."""
    found = listing.run_seen(request.scope, run_id)
    through = glass(found.dataset, request.scope, request.GET.get("purpose", ""))
    if through.may_ask:
        return render(request, "ingest/original.html", {"run": found, "glass": through})
    through.require_whole()
    content = files.open_stored(found.file_id or "")
    through.note(through.clear, max(found.read, 1), "original")
    name = found.file_name or f"luot-nap-{run_id}"
    return FileResponse(
        content, as_attachment=True, filename=name, content_type="application/octet-stream"
    )


@require_GET
@requires("ingest.approve")
def approvals(request: ScopedRequest) -> HttpResponseBase:
    """List what waits for this person's approval, the oldest first."""
    found = APPROVALS.sorted(request, listing.awaiting_approval(request.scope))
    if table := APPROVALS.export(request, found):
        return table
    page = APPROVALS.page(request, found)
    context = {
        "page": page,
        "rows": tables.approvals(list(page)),
        "sources": listing.proposed_sources(request.scope).select_related("proposed_by")[:50],
    }
    return render(request, "ingest/approvals.html", context)


@require_POST
@requires("ingest.approve")
def decide(request: ScopedRequest, run_id: int) -> HttpResponse:
    listing.run_seen(request.scope, run_id)
    reason = request.POST.get("reason", "")
    try:
        if request.POST.get("do") == "reject":
            api.reject_run(run=run_id, by=request.scope, reason=reason)
            messages.warning(request, _("Đã từ chối lượt nạp: số liệu không được dùng."))
        else:
            api.approve_run(run=run_id, by=request.scope, reason=reason)
            messages.success(request, _("Đã duyệt lượt nạp: số liệu được dùng từ bây giờ."))
    except api.IngestError as error:
        messages.error(request, error.message)
    return redirect("ingest:run", run_id)


def _batches(found: Run) -> list[int]:
    """Return the batches of a run: its own, or those of its hour of a stream."""
    if found.first_batch is None or found.last_batch is None:
        return [found.pk]
    return warehouse.batches_between(found.source.code, found.first_batch, found.last_batch)


def _parts(found: Run) -> list[dict[str, object]]:
    """Where the rows went, as parts of a bar; every part that is not empty can be seen."""
    shares = (
        ("normal", _("Nhận"), found.accepted),
        ("watch", _("Chờ xử lý"), found.quarantined),
        ("stale", _("Trùng"), found.duplicate),
    )
    whole = max(found.read, 1)
    parts, x = [], 0.0
    for state, word, count in shares:
        width = max(1000 * count / whole, 6.0) if count else 0.0
        parts.append({"state": state, "word": word, "count": count, "x": x, "width": width})
        x += width
    return parts
