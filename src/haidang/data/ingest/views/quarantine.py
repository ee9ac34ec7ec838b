"""The desk of waiting rows: find, mend, load again, discard, take away as CSV."""

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import islice

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api
from haidang.data.ingest.forms import MendForm
from haidang.data.ingest.models import QuarantinedRow
from haidang.data.ingest.queries import judging, listing
from haidang.data.ingest.queries.glasses import Glasses
from haidang.data.ingest.rules import mending
from haidang.data.ingest.rules.exports import csv_lines
from haidang.data.ingest.rules.reasons import WORDS
from haidang.foundation.access.api import ScopedRequest, requires
from haidang.foundation.calendar.zone import midnight

PER_PAGE = 50
SHOWN_FIELDS = 8
EXPORT_ROWS = 100_000


@require_GET
@requires("ingest.view")
def desk(request: ScopedRequest) -> HttpResponse:
    found = _filtered(request)
    page = Paginator(found.order_by("-run_id", "row_no"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    through = Glasses(request.scope, request.GET.get("purpose", ""))
    context = {
        "page": page,
        "rows": _told(through.shown(page.object_list)),
        "glass": through.told(),
        "state": request.GET.get("state", "open"),
        "code": request.GET.get("code", ""),
        "run": request.GET.get("run", ""),
        "source": request.GET.get("source", ""),
        "since": _since(request),
        "states": QuarantinedRow.State.choices,
        "codes": _codes(request.GET.get("code", "")),
        "sources": listing.visible_sources(request.scope).order_by("title")[:500],
        "may_mend": request.scope.allows("ingest.mend"),
    }
    return render(request, "ingest/quarantine.html", context)


@require_http_methods(["GET", "POST"])
@requires("ingest.mend")
def mend(request: ScopedRequest, row_id: int) -> HttpResponse:
    row = listing.row_seen(request.scope, row_id)
    source = row.run.source
    request.scope.require("ingest.mend", source.supplier_id, source.sector)
    contract = catalogue.contract(row.run.dataset)
    initial = row.mended or mending.as_written_here(row.raw, contract.fields, row.run.styles)
    through = Glasses(request.scope, request.GET.get("purpose", ""))
    closed = through.closed(row)
    shown = [one for one in contract.fields if one.name not in closed]
    form = MendForm(request.POST or None, fields=shown, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            # What is masked was not in the form, and stays as it is.
            api.mend(row=row_id, values={**closed, **form.values()}, by=request.scope)
            return _after_mending(request, row)
        except api.RowStillWrongError as error:
            found: list[dict[str, str]] = error.details["reasons"]  # type: ignore[assignment]
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


@require_POST
@requires("ingest.mend")
def bulk(request: ScopedRequest) -> HttpResponse:
    """Load again, or discard, the chosen rows."""
    chosen = [int(value) for value in request.POST.getlist("row") if value.isdigit()]
    back = redirect(f"{reverse('ingest:quarantine')}?{request.POST.get('back', '')}")
    seen = listing.visible_rows(request.scope, "ingest.mend").filter(pk__in=chosen, state="open")
    by_run: dict[int, list[int]] = {}
    for row, run in seen.values_list("pk", "run_id"):
        by_run.setdefault(run, []).append(row)
    if not by_run:
        messages.error(request, _("Chưa chọn dòng nào đang chờ xử lý."))
        return back
    try:
        if request.POST.get("do") == "discard":
            _discard(request, by_run)
            return back
        receipts = [api.replay(rows=rows, by=request.scope, wait=False) for rows in by_run.values()]
    except api.IngestError as error:
        messages.error(request, error.message)
        return back
    return redirect("ingest:run", receipts[0].run_id) if len(receipts) == 1 else back


@require_GET
@requires("ingest.view")
def export(request: ScopedRequest) -> StreamingHttpResponse:
    """The filtered rows as CSV; cells that a spreadsheet would run are made harmless."""
    found = _filtered(request).order_by("-run_id", "row_no")[:EXPORT_ROWS]
    head = ["Lượt nạp", "Nguồn", "Dòng", "Trạng thái", "Lý do", "Nội dung"]
    through = Glasses(request.scope, request.GET.get("purpose", ""))
    told = csv_lines(head, _cells(found, through))
    response = StreamingHttpResponse(told, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="du-lieu-cho-xu-ly.csv"'
    return response


def _codes(asked: str) -> list[tuple[str, str]]:
    """Return the reasons to filter by; a quality rule's among them when it is asked for."""
    known = WORDS | judging.titles_of([asked])
    return sorted(known.items(), key=lambda item: item[1])


def _told(
    rows: Iterable[QuarantinedRow],
) -> list[tuple[QuarantinedRow, list[tuple[str, str]]]]:
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


def _filtered(request: ScopedRequest) -> QuerySet[QuarantinedRow]:
    found = listing.visible_rows(request.scope)
    state = request.GET.get("state", "open")
    if state in QuarantinedRow.State.values:
        found = found.filter(state=state)
    if (run := request.GET.get("run", "")).isdigit():
        found = found.filter(run_id=int(run))
    if code := request.GET.get("code"):
        named = Q(reasons__contains=[{"code": code}]) if code.startswith("rule-") else Q()
        found = found.filter(named or Q(first_code=code))
    if source := request.GET.get("source"):
        found = found.filter(run__source__code=source)
    if since := _since(request):
        found = found.filter(run__received_at__gte=midnight(since))
    return found


def _since(request: ScopedRequest) -> dt.date | None:
    """Return the first day whose runs are wanted; what is no day narrows nothing."""
    try:
        return dt.date.fromisoformat(request.GET.get("since", ""))
    except ValueError:
        return None


def _after_mending(request: ScopedRequest, row: QuarantinedRow) -> HttpResponse:
    if request.POST.get("do") == "replay":
        receipt = api.replay(rows=[row.pk], by=request.scope)
        return redirect("ingest:run", receipt.run_id)
    messages.success(request, _("Đã giữ nội dung sửa. Chọn “Nạp lại” khi sửa xong các dòng."))
    return redirect(f"{reverse('ingest:quarantine')}?run={row.run_id}")


def _discard(request: ScopedRequest, by_run: dict[int, list[int]]) -> None:
    rows = [row for rows in by_run.values() for row in rows]
    count = api.discard(rows=rows, reason=request.POST.get("reason", ""), by=request.scope)
    messages.success(
        request,
        ngettext("Đã loại bỏ %(count)d dòng.", "Đã loại bỏ %(count)d dòng.", count)
        % {"count": count},
    )


def _cells(rows: QuerySet[QuarantinedRow], through: Glasses) -> Iterator[list[object]]:
    left = rows.iterator(chunk_size=2000)
    while part := list(islice(left, 2000)):
        for row in through.shown(part):
            reasons = " ".join(reason["message"] for reason in row.reasons)
            content = " | ".join(f"{name}={value}" for name, value in row.raw.items())
            state = row.get_state_display()
            yield [row.run_id, row.run.source.title, row.row_no, state, reasons, content]
