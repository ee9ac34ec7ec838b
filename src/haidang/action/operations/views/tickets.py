"""Pages of tickets: the list, a new one, the whole story of one. One ask or act each."""

import csv
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from haidang.action.alerts import api as alerts
from haidang.action.operations import actions, queries
from haidang.action.operations.errors import TicketNotFoundError
from haidang.action.operations.forms import (
    EvidenceForm,
    FilterForm,
    MoveForm,
    StepForm,
    TicketForm,
)
from haidang.action.operations.rules import evidence as evidence_rules
from haidang.action.operations.rules import states
from haidang.foundation.access import api as access
from haidang.foundation.access.api import ScopedRequest
from haidang.foundation.core import files
from haidang.foundation.core.errors import HaidangError, NotAllowedError, NotFoundError

PAGE_SIZE = 50
EXPORT_LIMIT = 20_000


@require_GET
@access.requires("operations.view")
def ticket_list(request: ScopedRequest) -> HttpResponse:
    now, form = timezone.now(), FilterForm(request.GET)
    listing = form.listing(request.GET.get("sort", ""))
    found = Paginator(queries.find(request.scope, listing, now=now), PAGE_SIZE)
    page = found.get_page(request.GET.get("page"))
    is_fragment = request.headers.get("HX-Request") == "true"
    return render(
        request,
        "operations/_list.html" if is_fragment else "operations/list.html",
        {
            "form": form,
            "page": page,
            "tickets": queries.refs(page.object_list, now=now),
            "total": queries.visible(request.scope).count(),
            "may_open": request.scope.allows("operations.handle"),
        },
    )


@require_GET
@access.requires("operations.view")
def export(request: ScopedRequest) -> StreamingHttpResponse:
    """The filtered list as CSV with a byte-order mark, as Excel in Vietnam expects."""
    now = timezone.now()
    listing = FilterForm(request.GET).listing(request.GET.get("sort", ""))
    rows = queries.find(request.scope, listing, now=now)[:EXPORT_LIMIT]
    answer = StreamingHttpResponse(
        _csv(queries.refs(rows, now=now)), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="phieu-{now:%Y%m%d-%H%M}.csv"'
    return answer


@require_http_methods(["GET", "POST"])
@access.requires("operations.handle")
def new(request: ScopedRequest) -> HttpResponse:
    if request.method == "GET":
        return _new_page(request, TicketForm(initial=_from_alert(request)))
    form = TicketForm(request.POST)
    if not form.is_valid():
        return _new_page(request, form, status=422)
    given = dict(form.cleaned_data, sector=form.cleaned_data["sector"] or None)
    try:
        ticket = actions.open_ticket(**given, by=request.scope, now=timezone.now())
    except (NotAllowedError, NotFoundError):
        raise
    except HaidangError as error:
        form.add_error(None, error.message)
        return _new_page(request, form, status=422)
    return redirect("operations:detail", ticket)


@require_GET
@access.requires("operations.view")
def detail(request: ScopedRequest, id: int) -> HttpResponse:
    return _detail(request, id)


@require_POST
@access.requires("operations.view")
def move(request: ScopedRequest, id: int, verb: str) -> HttpResponse:
    if verb not in list(states.Verb):
        raise TicketNotFoundError
    form = MoveForm(states.TABLE[states.Verb(verb)], request.POST)
    if not form.is_valid():
        return _detail(request, id, wrong=form, status=422)
    return _act(
        request,
        id,
        lambda: actions.move(
            ticket=id,
            verb=verb,
            details=form.details(),
            seen_revision=form.cleaned_data["seen_revision"],
            by=request.scope,
            now=timezone.now(),
        ),
    )


@require_POST
@access.requires("operations.handle")
def complete_step(request: ScopedRequest, id: int, activity: int) -> HttpResponse:
    form = StepForm(request.POST)
    form.is_valid()
    return _act(
        request,
        id,
        lambda: actions.complete_step(
            activity=activity, by=request.scope, now=timezone.now(), **form.cleaned_data
        ),
    )


@require_POST
@access.requires("operations.handle")
def add_evidence(request: ScopedRequest, id: int) -> HttpResponse:
    form = EvidenceForm(request.POST, request.FILES)
    if not form.is_valid():
        return _detail(request, id, wrong=form, status=422)
    file = form.cleaned_data["file"]
    return _act(
        request,
        id,
        lambda: actions.add_evidence(
            ticket=id,
            kind=form.cleaned_data["kind"],
            note=form.cleaned_data["note"],
            content=file.read() if file else None,
            name=file.name if file else "",
            by=request.scope,
            now=timezone.now(),
        ),
    )


@require_GET
@access.requires("operations.view")
def evidence_file(request: ScopedRequest, id: int) -> FileResponse:
    """The copy without metadata; never rendered as anything but what it is."""
    row, sha256 = queries.evidence_file(id, request.scope)
    opened = files.open_stored(sha256)
    answer = FileResponse(opened, content_type=row.media_type, filename=row.name)
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'; img-src 'self'"
    answer["Cache-Control"] = "private, max-age=3600"
    return answer


def _new_page(request: ScopedRequest, form: TicketForm, status: int = 200) -> HttpResponse:
    return render(request, "operations/new.html", {"form": form}, status=status)


def _from_alert(request: ScopedRequest) -> dict[str, Any]:
    """Return what an alert already knows about its ticket."""
    asked = request.GET.get("alert", "")
    if not asked.isascii() or not asked.isdigit():
        return {"severity": 2, "authority": "de_nghi_phoi_hop"}
    alert = alerts.alert(int(asked), request.scope)
    kind = evidence_rules.kind_for(alert.sector, alert.cause)
    return {
        "alert_id": alert.id,
        "title": alert.headline,
        "description": alert.explanation,
        "kind": kind,
        "severity": alert.severity,
        "unit_id": alert.unit_id,
        "sector": alert.sector,
        "lead_unit_id": alert.owner_id,
        "authority": "de_nghi_phoi_hop",
        "procedure": "ngap-trieu-cuong" if kind == "flood" else "chi-tieu-vuot-nguong",
    }


def _detail(
    request: ScopedRequest,
    id: int,
    *,
    wrong: MoveForm | EvidenceForm | None = None,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    ticket = queries.ticket(id, request.scope, now=now)
    alert = None
    if ticket.alert_id and request.scope.allows("alerts.view"):
        alert = alerts.find_alert(ticket.alert_id, request.scope)
    bad_move = wrong if isinstance(wrong, MoveForm) else None
    bad_evidence = wrong if isinstance(wrong, EvidenceForm) else None
    shown = {
        "ticket": ticket,
        "alert": alert,
        "cooperating": queries.cooperating(id),
        "steps": queries.steps(id, now=now),
        "evidence": queries.evidence(id),
        "events": queries.history(id),
        "moves": [
            _move_form(one, ticket, bad_move)
            for one in queries.possible_moves(ticket, request.scope)
        ],
        "evidence_form": bad_evidence or EvidenceForm(),
        "may_work": queries.visible(request.scope, "operations.handle").filter(pk=id).exists(),
        "is_ended": ticket.state in states.ENDED,
        "accepted": sorted(evidence_rules.accepted(ticket.kind)),
    }
    return render(request, "operations/detail.html", shown, status=status)


def _move_form(move: states.Move, ticket: queries.TicketRef, bad: MoveForm | None) -> MoveForm:
    if bad is not None and bad.verb == move.verb:
        return bad
    initial = {
        "seen_revision": ticket.revision,
        "lead_unit_id": ticket.lead_id,
        "authority": ticket.authority,
        "legal_basis": ticket.legal_basis,
    }
    return MoveForm(move, initial=initial)


def _act(request: ScopedRequest, id: int, action: Callable[[], object]) -> HttpResponse:
    """Do it and come back to the ticket; what cannot be done is said there."""
    try:
        action()
    except (NotAllowedError, NotFoundError):
        raise
    except HaidangError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Đã ghi nhận."))
    return redirect("operations:detail", id)


class _Line:
    """A file for csv.writer that hands every line on."""

    def write(self, line: str) -> str:
        return line


def _csv(tickets: list[queries.TicketRef]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield "\ufeff"
    yield writer.writerow(
        ["Số phiếu", "Loại", "Mức độ", "Nội dung", "Địa bàn", "Hình thức", "Đơn vị chủ trì",
         "Trạng thái", "Hạn", "Mở lúc", "Người mở", "Kết luận", "Đóng lúc"]
    )  # fmt: skip
    for one in tickets:
        yield writer.writerow([_safe(cell) for cell in _cells(one)])


def _cells(one: queries.TicketRef) -> list[str]:
    return [
        one.number, one.kind_label, one.severity_label, one.title, one.unit_name,
        one.authority_label, one.lead_name, one.state_label, _moment(one.due_at),
        _moment(one.opened_at), one.opened_by, one.outcome_label, _moment(one.closed_at),
    ]  # fmt: skip


def _moment(at: Any) -> str:
    return f"{timezone.localtime(at):%d/%m/%Y %H:%M}" if at else ""


def _safe(cell: str) -> str:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
