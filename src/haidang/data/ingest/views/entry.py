"""Typing rows into a source, without a file."""

import secrets

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest.actions import entry as entering
from haidang.data.ingest.forms.entry import grid, heads, typed
from haidang.data.ingest.queries import listing
from haidang.foundation.access.api import ScopedRequest, requires
from haidang.foundation.core.errors import HaidangError

LINES = 10


@require_http_methods(["GET", "POST"])
@requires("ingest.load")
def rows(request: ScopedRequest, code: str) -> HttpResponse:
    """Type rows of the source's contract; what is wrong is told at its cell."""
    found = listing.source_seen(request.scope, code)
    request.scope.require("ingest.load", found.supplier_id, found.sector)
    fields = catalogue.contract(found.dataset).fields
    said = typed(request.POST, fields, entering.MOST_ROWS)
    token = request.POST.get("token", "")[:64] or secrets.token_urlsafe(12)
    count, faults, failure = max(LINES, len(said)), {}, ""
    if request.POST.get("do") == "more":
        count = min(max([*said, LINES]) + LINES, entering.MOST_ROWS)
    elif request.method == "POST":
        try:
            receipt = entering.enter(
                source=code, rows=list(said.values()), by=request.scope, token=token
            )
            messages.success(request, _("Đã gửi. Người có thẩm quyền khác sẽ duyệt lượt nạp này."))
            return redirect("ingest:run", receipt.run_id)
        except entering.RowsWrongError as error:
            by_place: entering.Faults = error.details["faults"]  # type: ignore[assignment]
            numbers = list(said)
            faults = {numbers[place - 1]: why for place, why in by_place.items()}
            failure = error.message
        except HaidangError as error:
            failure = error.message
    context = {
        "source": found,
        "heads": heads(fields),
        "lines": grid(fields, said, faults, count),
        "token": token,
        "failure": failure,
        "may_more": count < entering.MOST_ROWS,
    }
    return render(request, "ingest/rows.html", context, status=422 if failure else 200)
