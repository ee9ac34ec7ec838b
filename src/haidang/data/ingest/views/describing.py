"""A dataset from a sample file: proposed, mended, tried, then made with its source and mapping.

Nothing of the sample is kept here: its first rows travel in the page, signed, for an hour.
"""

from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from haidang.data.ingest import api
from haidang.data.ingest.actions import describing
from haidang.data.ingest.actions import mapping as trying
from haidang.data.ingest.files import peeking
from haidang.data.ingest.forms.describing import DescribeForm, NewSampleForm
from haidang.data.ingest.rules.layout import layout
from haidang.data.ingest.rules.ngsi import MODELS
from haidang.data.ingest.rules.standards import STANDARDS
from haidang.foundation.access.api import ScopedRequest, requires
from haidang.foundation.core.errors import HaidangError

SHOWN = 10
_SECONDS = 3600
_MOST_CARRIED = 2_000_000  # characters, below what a form may send
_MOST_FIELDS = 80


@require_http_methods(["GET", "POST"])
@requires("ingest.manage")
def describe(request: ScopedRequest) -> HttpResponse:
    """Choose a sample; then mend what it suggests, try it, and make it."""
    failure = ""
    try:
        said = _said(request)
        if said is not None:
            return _proposed(request, said)
    except HaidangError as error:
        failure = error.message
    is_sent = request.method == "POST" and not failure
    form = NewSampleForm(request.POST, request.FILES) if is_sent else NewSampleForm()
    context = {
        "form": form,
        "failure": failure,
        "limit": trying.MOST_BYTES >> 20,
        "models": [
            *((code, one.title) for code, one in STANDARDS.items()),
            *((one.code, f"{one.title} ({one.code})") for one in MODELS.values()),
        ],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "ingest/describe_sample.html", context, status=status)


def _said(request: ScopedRequest) -> dict[str, Any] | None:
    """Return what the file just sent suggests, or what the page carries."""
    if (file := request.FILES.get("file")) is not None:
        return _looked_at(request, file)
    if model := request.POST.get("model"):
        return describing.of_model(model=model, by=request.scope).as_json() | {"file": model}
    if carried := request.POST.get("sample"):
        try:
            said: dict[str, Any] = signing.loads(carried, salt=_salt(request), max_age=_SECONDS)
        except signing.BadSignature as error:
            raise api.IngestError("Tệp mẫu đã quá hạn. Chọn lại tệp.") from error
        return said
    return None


def _looked_at(request: ScopedRequest, file: "UploadedFile[Any]") -> dict[str, Any]:
    found = describing.look_at(
        content=file.chunks(),
        name=file.name or "",
        media=file.content_type or "",
        sheet=request.POST.get("sheet", "").strip(),
        keep_wide=bool(request.POST.get("keep_wide")),
        by=request.scope,
    )
    if len(found.proposal.fields) > _MOST_FIELDS:
        raise api.IngestError(
            f"Tệp mẫu có {len(found.proposal.fields)} trường; tạo ở đây tối đa {_MOST_FIELDS} "
            "trường. Bỏ bớt cột, hoặc để hệ thống xoay các cột năm thành dòng."
        )
    return found.as_json() | {"file": file.name or ""}


def _proposed(request: ScopedRequest, said: dict[str, Any]) -> HttpResponse:
    sample = peeking.from_json(said["peek"])
    leaf = sample.leaf(said["sheet"])
    _first, below = peeking.headed(leaf, layout({}), lambda heading: False)
    asked = request.POST.get("do")
    said = said | {"shown": leaf.cells[below:]}
    form = DescribeForm(
        request.POST if asked else None,
        said=said,
        scope=request.scope,
        initial=_named_after(said),
    )
    trial, failure, reason = None, "", request.POST.get("reason", "").strip()
    if asked and form.is_valid():
        try:
            draft = form.draft()
            if said["rows"]:
                trial = describing.try_out(draft=draft, sample=sample, by=request.scope)
            if asked == "save":
                made = describing.make(draft=draft, by=request.scope, reason=reason)
                messages.success(
                    request, _("Đã tạo bộ dữ liệu và nguồn. Bây giờ nạp tệp đầu tiên.")
                )
                return redirect("ingest:upload", made.code)
        except HaidangError as error:
            failure = error.message
    context = {
        "said": said,
        "sample": sample,
        "form": form,
        "trial": trial,
        "failure": failure,
        "reason": reason,
        "preview": list(zip(leaf.lines[below:], leaf.cells[below:], strict=True))[:SHOWN],
        "carried": _carried(request, said),
        "shown": SHOWN,
    }
    wrong = bool(form.errors or failure)
    return render(request, "ingest/describe.html", context, status=422 if wrong else 200)


def _named_after(said: dict[str, Any]) -> dict[str, str]:
    file = str(said["file"])
    if file in STANDARDS:
        title = STANDARDS[file].title
        return {"title": title, "source_title": title, "dataset": file, "source": file}
    stem = MODELS[file].title if file in MODELS else file.rpartition(".")[0] or file
    title = stem.replace("_", " ").replace("-", " ").strip()[:300]
    return {"title": title, "source_title": title}


def _carried(request: ScopedRequest, said: dict[str, Any]) -> str:
    kept = {name: value for name, value in said.items() if name != "shown"}
    carried = signing.dumps(kept, salt=_salt(request), compress=True)
    if len(carried) > _MOST_CARRIED:
        raise api.IngestError("Các dòng của tệp mẫu quá dài. Chọn tệp mẫu nhỏ hơn.")
    return carried


def _salt(request: ScopedRequest) -> str:
    return f"ingest.describe:{request.scope.account_id}"
