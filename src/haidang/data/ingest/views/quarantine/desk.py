"""The desk of waiting rows: find them, take them away as a table, mend one."""

from collections.abc import Iterable, Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api
from haidang.data.ingest.forms import MendForm
from haidang.data.ingest.models import QuarantinedRow
from haidang.data.ingest.queries import desk as desks
from haidang.data.ingest.queries import judging, listing
from haidang.data.ingest.queries.glasses import Glasses
from haidang.data.ingest.rules.reasons import WORDS
from haidang.data.ingest.tables.runs import ROWS
from haidang.foundation.access.api import ScopedRequest, requires

SHOWN_FIELDS = 8


@require_GET
@requires("ingest.view")
def desk(request: ScopedRequest) -> HttpResponseBase:
    """List waiting rows, narrowed; `?format=` takes them away as a table."""
    asked = desks.asked(request.GET.dict())
    found = ROWS.sorted(request, desks.find(request.scope, asked))
    through = Glasses(request.scope, request.GET.get("purpose", ""))
    if table := ROWS.export(request, found, through.shown):
        return table
    page = ROWS.page(request, found)
    context = {
        "page": page,
        "rows": _told(through.shown(page.object_list)),
        "glass": through.told(),
        "asked": asked,
        "kept": [(name, request.GET[name]) for name in desks.NAMES if request.GET.get(name)],
        "states": QuarantinedRow.State.choices,
        "codes": _codes(asked.code),
        "sources": listing.visible_sources(request.scope).order_by("title")[:500],
        "may_mend": request.scope.allows("ingest.mend"),
    }
    return render(request, "ingest/quarantine.html", context)


@require_http_methods(["GET", "POST"])
@requires("ingest.mend")
def mend(request: ScopedRequest, row_id: int) -> HttpResponse:
    """Mend one row; what is masked is not in the form, and stays as it is."""
    row = listing.row_seen(request.scope, row_id)
    source = row.run.source
    request.scope.require("ingest.mend", source.supplier_id, source.sector)
    contract = catalogue.contract(row.run.dataset)
    initial = desks.said(row, contract.fields)
    through = Glasses(request.scope, request.GET.get("purpose", ""))
    closed = through.closed(row)
    shown = [one for one in contract.fields if one.name not in closed]
    form = MendForm(request.POST or None, fields=shown, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            api.mend(row=row_id, values={**closed, **form.values()}, by=request.scope)
            return _after_mending(request, row)
        except api.RowStillWrongError as error:
            found: list[dict[str, str]] = error.details["reasons"]  # type: ignore[assignment]  # as raised
            form.show(through.of(row.run.dataset).reasons(found))
    through.shown([row])
    context = {
        "row": row,
        "form": form,
        "glass": through.told(),
        "source": source,
        "original": _titled(row, contract),
    }
    return render(request, "ingest/mend.html", context, status=422 if form.errors else 200)


def _codes(asked: str) -> list[tuple[str, str]]:
    """Return the reasons to filter by; a quality rule's among them when it is asked for."""
    known = WORDS | judging.titles_of([asked])
    return sorted(known.items(), key=lambda item: item[1])


def _told(
    rows: Iterable[QuarantinedRow],
) -> list[tuple[QuarantinedRow, Sequence[tuple[str, str]]]]:
    """Return each row with its first fields under their titles; a contract is read once."""
    listed = list(rows)
    contracts = {code: catalogue.contract(code) for code in {row.run.dataset for row in listed}}
    return [(row, _titled(row, contracts[row.run.dataset])[:SHOWN_FIELDS]) for row in listed]


def _titled(row: QuarantinedRow, contract: catalogue.ContractSpec) -> list[tuple[str, str]]:
    """The row as it came, under the titles of its fields and in their order."""
    titles = {each.name: each.title for each in contract.fields} | {"": _("Nguyên dòng")}
    order = {name: at for at, name in enumerate(titles)}
    found = sorted(row.raw.items(), key=lambda one: order.get(one[0], len(order)))
    return [(titles.get(name, name), str(value)) for name, value in found]


def _after_mending(request: ScopedRequest, row: QuarantinedRow) -> HttpResponse:
    if request.POST.get("do") == "replay":
        receipt = api.replay(rows=[row.pk], by=request.scope)
        return redirect("ingest:run", receipt.run_id)
    messages.success(request, _("Đã giữ nội dung sửa. Chọn “Nạp lại” khi sửa xong các dòng."))
    return redirect(f"{reverse('ingest:quarantine')}?run={row.run_id}")
