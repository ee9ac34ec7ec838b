"""The wizard: a sample file beside the contract, tried, and kept as the source's mapping.

Nothing of the sample is kept here: its first rows travel in the page, signed, for an hour.
"""

from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api
from haidang.data.ingest.actions import mapping as trying
from haidang.data.ingest.files import peeking
from haidang.data.ingest.forms import MappingForm, SampleForm
from haidang.data.ingest.models import Source
from haidang.data.ingest.queries import listing
from haidang.foundation.access.api import ScopedRequest, requires
from haidang.foundation.core.errors import HaidangError

MANAGE = "ingest.manage"
SHOWN = 10
_SECONDS = 3600
_MOST_CARRIED = 2_000_000  # characters, below what a form may send


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def mapping(request: ScopedRequest, code: str) -> HttpResponse:
    """Choose a sample; then match, try and keep."""
    found = listing.source_seen(request.scope, code)
    request.scope.require(MANAGE, found.supplier_id, found.sector)
    contract = catalogue.contract(found.dataset)
    try:
        sample = _sample(request, found)
        if sample is not None:
            return _matching(request, found, contract, sample)
        failure = ""
    except HaidangError as error:
        failure = error.message
    return _choosing(request, found, contract, failure)


def _choosing(
    request: ScopedRequest, found: Source, contract: catalogue.ContractSpec, failure: str
) -> HttpResponse:
    is_sent = request.method == "POST" and not failure
    form = SampleForm(request.POST, request.FILES) if is_sent else SampleForm()
    titles = {one.name: one.title for one in contract.fields}
    columns = (found.mapping.get("columns") or {}).items()
    context = {
        "source": found,
        "contract": contract,
        "form": form,
        "failure": failure,
        "limit": trying.MOST_BYTES >> 20,
        "columns": [(heading, titles.get(name, name)) for heading, name in columns],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "ingest/mapping_sample.html", context, status=status)


def _sample(request: ScopedRequest, found: Source) -> peeking.Peek | None:
    """Return the rows of the file just sent, or those that the page carries."""
    if (file := request.FILES.get("file")) is not None:
        return trying.look_at(
            source=found,
            content=file.chunks(),
            name=file.name or "",
            media=file.content_type or "",
            by=request.scope,
        )
    if carried := request.POST.get("sample"):
        try:
            said = signing.loads(carried, salt=_salt(request, found), max_age=_SECONDS)
        except signing.BadSignature as error:
            raise api.IngestError("Tệp mẫu đã quá hạn. Chọn lại tệp.") from error
        return peeking.from_json(said)
    return None


def _matching(
    request: ScopedRequest,
    found: Source,
    contract: catalogue.ContractSpec,
    sample: peeking.Peek,
) -> HttpResponse:
    asked = request.POST.get("do")
    data = request.POST if asked else None
    form = MappingForm(data, sample=sample, contract=contract, before=found.mapping)
    trial, failure, reason = None, "", request.POST.get("reason", "").strip()
    if asked and form.is_valid():
        try:
            said = form.mapping()
            trial = trying.try_out(source=found, sample=sample, mapping=said, by=request.scope)
            if asked == "save" and not reason:
                failure = "Cần ghi lý do khi lưu bản khai cột."
            elif asked == "save":
                api.change_source(source=found.code, by=request.scope, mapping=said, reason=reason)
                messages.success(request, _("Đã lưu bản khai cột. Kỳ sau chỉ cần tải tệp lên."))
                return redirect("ingest:source", found.code)
        except HaidangError as error:
            failure = error.message
    context = {
        "source": found,
        "contract": contract,
        "sample": sample,
        "form": form,
        "trial": trial,
        "failure": failure,
        "reason": reason,
        **_shown(form, found),
        "carried": _carried(request, found, sample),
        "shown": SHOWN,
    }
    wrong = bool(form.errors or failure)
    return render(request, "ingest/mapping.html", context, status=422 if wrong else 200)


def _shown(form: MappingForm, found: Source) -> dict[str, Any]:
    """Return where the heading stands and the first rows below it."""
    leaf, first, below = form.leaf, form.first, form.below
    rows = zip(leaf.lines[below:], leaf.cells[below:], strict=True)
    width = len(form.headings)
    return {
        "headings": form.headings,
        "sheet": leaf.name,
        "heading_at": leaf.lines[first],
        "heading_to": leaf.lines[below - 1],
        "preview": [(line, [*cells, *[""] * width][:width]) for line, cells in rows][:SHOWN],
        "kept": [part for part in ("unpivot", "readings") if found.mapping.get(part)],
    }


def _carried(request: ScopedRequest, found: Source, sample: peeking.Peek) -> str:
    carried = signing.dumps(sample.as_json(), salt=_salt(request, found), compress=True)
    if len(carried) > _MOST_CARRIED:
        raise api.IngestError("Các dòng của tệp mẫu quá dài. Chọn tệp mẫu nhỏ hơn.")
    return carried


def _salt(request: ScopedRequest, found: Source) -> str:
    return f"ingest.sample:{found.pk}:{request.scope.account_id}"
