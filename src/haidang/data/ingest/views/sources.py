"""Sources with their health; one source; uploading to it; devices."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api
from haidang.data.ingest.forms import UploadForm
from haidang.data.ingest.models import Source
from haidang.data.ingest.queries import listing
from haidang.data.ingest.rules import cycles
from haidang.data.ingest.tables import sources as tables
from haidang.data.ingest.views import quality
from haidang.foundation.access.api import ScopedRequest, requires
from haidang.foundation.core.errors import HaidangError
from haidang.foundation.org import api as org
from haidang.foundation.ui.lists import Bounded

STATES = {"late": "Chậm", "silent": "Chưa có số liệu", "stopped": "Đã ngừng"}


@require_GET
@requires("ingest.view")
def source_list(request: ScopedRequest) -> HttpResponseBase:
    """List sources with their health, narrowed."""
    words, state = request.GET.get("q", ""), request.GET.get("state", "")
    narrowed = listing.search_sources(listing.visible_sources(request.scope), words, state)
    found = tables.SOURCES.sorted(request, narrowed)
    if table := tables.SOURCES.export(request, found, tables.sources):
        return table
    page = tables.SOURCES.page(request, found)
    rows = tables.sources(list(page))
    context = {"page": page, "rows": rows, "words": words, "state": state, "states": STATES}
    return render(request, "ingest/sources.html", context)


@require_GET
@requires("ingest.view")
def source(request: ScopedRequest, code: str) -> HttpResponse:
    found = listing.source_seen(request.scope, code)
    now = timezone.now()
    runs = found.runs.order_by("-received_at").select_related("source")
    page = Bounded(runs, 20).get_page(request.GET.get("page"))
    context = {
        "source": found,
        "unit": org.unit_by_id(found.supplier_id),
        "health": listing.healths([found], now)[found.pk],
        "refusals": listing.refusals_seen(request.scope, found, now),
        "contract": _contract(found),
        "quality": quality.card(found, now),
        "page": page,
        "cycle": cycles.WORDS.get(found.cycle, found.cycle),
        "devices": found.devices.count(),
        "connections": found.connections.order_by("title", "pk")[:20],
        "may": _may(request, found),
    }
    return render(request, "ingest/source.html", context)


@require_http_methods(["GET", "POST"])
@requires("ingest.load")
def upload(request: ScopedRequest, code: str) -> HttpResponse:
    found = listing.source_seen(request.scope, code)
    request.scope.require("ingest.load", found.supplier_id, found.sector)
    form = UploadForm(request.POST or None, request.FILES or None)
    failure = ""
    if request.method == "POST" and form.is_valid():
        try:
            receipt = _loaded(request, found, form.cleaned_data["file"])
            return redirect("ingest:run", receipt.run_id)
        except HaidangError as error:
            failure = error.message
    context = {
        "source": found,
        "form": form,
        "failure": failure,
        "contract": _contract(found),
        "limit": settings.MAX_UPLOAD_BYTES >> 20,
    }
    return render(request, "ingest/upload.html", context, status=422 if failure else 200)


@require_POST
@requires("ingest.view")
def automatic(request: ScopedRequest, code: str) -> HttpResponse:
    """Propose, approve or withdraw: runs of this source need no approval of their own."""
    listing.source_seen(request.scope, code)
    match request.POST.get("do"):
        case "propose":
            api.propose_automatic(source=code, by=request.scope)
            messages.success(request, _("Đã đề nghị. Người có thẩm quyền khác sẽ duyệt."))
        case "approve":
            api.approve_automatic(source=code, by=request.scope)
            messages.success(request, _("Đã duyệt: các lượt nạp sau không cần duyệt từng lượt."))
        case "withdraw":
            reason = request.POST.get("reason", "")
            api.withdraw_automatic(source=code, by=request.scope, reason=reason)
            messages.success(request, _("Đã thôi tự động: từng lượt nạp cần được duyệt."))
    return redirect("ingest:source", code)


def _loaded(request: HttpRequest, found: Source, file: "UploadedFile[Any]") -> api.Receipt:
    return api.load(
        source=found.code,
        file=file.chunks(),
        name=file.name or "",
        media=file.content_type or "",
        by=request.scope,  # type: ignore[attr-defined]  # set by the door
        wait=False,
    )


def _contract(found: Source) -> catalogue.ContractSpec | None:
    try:
        return catalogue.contract(found.dataset)
    except catalogue.UnknownDatasetError:
        return None


def _may(request: ScopedRequest, found: Source) -> dict[str, bool]:
    scope, where = request.scope, (found.supplier_id, found.sector)
    approve = scope.allows("ingest.approve", *where)
    is_proposer = found.proposed_by_id is not None and found.proposed_by_id == scope.account_id
    proposed = found.proposed_at is not None
    return {
        "load": found.is_active and scope.allows("ingest.load", *where),
        "manage": scope.allows("ingest.manage", *where),
        "propose": not proposed and scope.allows("ingest.manage", *where),
        "approve": proposed and not found.is_automatic and approve and not is_proposer,
        "withdraw": found.is_automatic and approve,
    }
