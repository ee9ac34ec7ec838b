"""Waiting rows as a file: taken away with their reasons, corrected, sent back, looked at, loaded.

Nothing of the file is kept; what it changes travels in the page, signed, for an hour.
"""

from collections.abc import Sequence

from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api
from haidang.data.ingest.actions import correcting
from haidang.data.ingest.forms.devices import RegisterFileForm
from haidang.data.ingest.queries import desk as desks
from haidang.data.ingest.queries.glasses import Glasses
from haidang.data.ingest.rules import amending
from haidang.data.ingest.rules.amending import Amended
from haidang.data.ingest.tables import waiting
from haidang.data.ingest.views.carrying import media, sealed, unsealed
from haidang.data.ingest.views.quarantine.selecting import told
from haidang.foundation.access.api import Scope, ScopedRequest, requires
from haidang.foundation.core import spreadsheet
from haidang.foundation.core.errors import HaidangError

SHOWN = 100
_SALT = "ingest.correct"
_ORDER = [amending.STRANGE, amending.WRONG, amending.READY, amending.SAME]


@require_http_methods(["GET", "POST"])
@requires("ingest.mend")
def correct(request: ScopedRequest) -> HttpResponse:
    """Offer the rows as files; look at a corrected one; do what it says."""
    form = RegisterFileForm()
    if request.method != "POST":
        return _offer(request, form)
    try:
        if carried := request.POST.get("values"):
            return _apply(request, carried)
        form = RegisterFileForm(request.POST, request.FILES)
        if not form.is_valid():
            return _offer(request, form)
        sent = form.cleaned_data["file"]
        through = Glasses(request.scope)
        judged = correcting.preview(
            content=sent.chunks(), media=media(sent), by=request.scope, closed=through.masked
        )
    except HaidangError as error:
        return _offer(request, form, error.message)
    return _show(request, judged, through)


@require_GET
@requires("ingest.mend")
def rows(request: ScopedRequest) -> HttpResponseBase:
    """Hand out the waiting rows of one dataset, each with its number and its reasons."""
    asked = desks.asked(request.GET.dict())
    chosen = desks.select(request.scope, asked)
    kind = request.GET.get("format", "")
    if kind not in spreadsheet.FORMATS or len(chosen.datasets) != 1:
        return _offer(request, RegisterFileForm())
    through = Glasses(request.scope, request.GET.get("purpose", ""))
    return waiting.table(kind, chosen.rows, through)


def _offer(request: ScopedRequest, form: RegisterFileForm, failure: str = "") -> HttpResponse:
    """Show the files that there are to correct, and where a corrected one is sent."""
    scope, asked = request.scope, desks.asked(request.GET.dict())
    names = {one.code: one.title for one in catalogue.datasets(scope)}
    files = [
        (names.get(code, code), count, _address(request, code))
        for code, count in desks.waiting(scope, asked)
    ]
    context = {"form": form, "failure": failure, "files": files, "most": desks.MOST}
    status = 422 if failure or form.errors else 200
    return render(request, "ingest/quarantine_correct.html", context, status=status)


def _show(request: ScopedRequest, judged: Sequence[Amended], through: Glasses) -> HttpResponse:
    ready = {one.row: one.values for one in judged if one.verdict == amending.READY}
    order = sorted(judged, key=lambda one: (_ORDER.index(one.verdict), one.number))
    context = {
        "judged": waiting.shown(order[:SHOWN], through),
        "hidden": max(0, len(order) - SHOWN),
        "counts": amending.counts(judged),
        "ready": len(ready),
        "values": sealed(ready, salt=_SALT, account=request.scope.account_id),
    }
    return render(request, "ingest/quarantine_correct.html", context)


def _apply(request: ScopedRequest, carried: str) -> HttpResponse:
    scope: Scope = request.scope
    said = unsealed(carried, salt=_SALT, account=scope.account_id)
    values = {int(row): given for row, given in said.items()}
    through = Glasses(scope)
    reason = request.POST.get("reason", "")
    done = api.amend_and_replay(values=values, by=scope, reason=reason, closed=through.masked)
    return told(request, done, request.path)


def _address(request: ScopedRequest, dataset: str) -> str:
    kept = QueryDict(mutable=True)
    kept.update({**request.GET.dict(), "dataset": dataset})
    return kept.urlencode()
