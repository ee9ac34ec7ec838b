"""Official boundaries: import a file, look at it, use it, withdraw it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from haidang.foundation.core import documents, files, gate
from haidang.foundation.core.errors import NotAllowedError
from haidang.foundation.core.gate import ScopedRequest
from haidang.foundation.org.actions import boundaries
from haidang.foundation.org.errors import OrgError
from haidang.foundation.org.forms import BoundaryForm, ReasonForm
from haidang.foundation.org.models import Boundary, BoundarySheet
from haidang.foundation.org.permissions import APPROVE, MANAGE, VIEW
from haidang.foundation.org.queries import boundaries as known
from haidang.foundation.org.queries import units
from haidang.foundation.org.rules import country, sketch

PER_PAGE = 25


@require_GET
@gate.requires(VIEW)
def index(request: ScopedRequest) -> HttpResponse:
    """List the sheets: all for who manages units, those in use for everybody else."""
    rows = known.sheets()
    if not _takes_part(request):
        rows = rows.filter(state=BoundarySheet.State.IN_USE)
    context = {
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "may_manage": _may(request, MANAGE),
        "in_force": known.sheets_in_force(),
        "drawing": sketch.whole_country((one.lat, one.lon) for one in units.places().values()),
        "country_source": country.SOURCE,
    }
    return render(request, "org/boundaries/list.html", context)


@require_http_methods(["GET", "POST"])
@gate.requires(MANAGE)
def bring(request: ScopedRequest) -> HttpResponse:
    """Import a file; nothing is shown from it yet."""
    request.scope.require(MANAGE, units.root().id)
    form = BoundaryForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        given = form.cleaned_data
        upload = given.pop("file")
        try:
            made = boundaries.import_sheet(
                name=upload.name,
                content=upload.read(documents.MOST_MAP_BYTES + 1),
                by=request.scope.actor,
                **given,
            )
        except OrgError as error:
            form.add_error("file", error.message)
        else:
            return redirect("org:boundary_sheet", sheet_id=made)
    return render(request, "org/bring.html", _asked(form), status=422 if form.errors else 200)


def _asked(form: BoundaryForm) -> dict[str, Any]:
    return {
        "form": form,
        "heading": _("Nhập ranh giới"),
        "list_url": reverse("org:boundaries"),
        "list_name": _("Ranh giới"),
        "do": _("Đọc tệp và xem trước"),
        "note": _("Bước này chưa làm thay đổi bản đồ nào. Một người khác duyệt rồi mới dùng."),
        "how": "org/boundaries/_how.html",
    }


@require_GET
@gate.requires(VIEW)
def sheet(request: ScopedRequest, sheet_id: int) -> HttpResponse:
    """Show a sheet as a picture, with what to know before it is used."""
    row = _seen(request, sheet_id)
    rows = Boundary.objects.filter(sheet=row).order_by("unit")
    refs = units.units([one.unit_id for one in rows], row.on)
    shapes = [(refs[one.unit_id], one) for one in rows if one.unit_id in refs]
    context = {
        "sheet": row,
        "drawing": sketch.draw([(ref.name, one.geometry) for ref, one in shapes]),
        "shapes": shapes,
        "total": sum(one.area for _, one in shapes),
        "may_manage": _may(request, MANAGE),
        "may_approve": _may(request, APPROVE)
        and not row.problems
        and row.imported_by != request.scope.actor.id,
        "form": ReasonForm(),
    }
    return render(request, "org/boundaries/sheet.html", context)


@require_GET
@gate.requires(VIEW)
def original(request: ScopedRequest, sheet_id: int) -> FileResponse:
    """Hand out the file as it came."""
    row = _seen(request, sheet_id)
    return FileResponse(files.open_stored(row.sha256), as_attachment=True, filename=row.file_name)


@require_POST
@gate.requires(APPROVE)
def use(request: ScopedRequest, sheet_id: int) -> HttpResponse:
    """Approve a sheet that somebody else imported: every map shows it."""
    done = _("Đã duyệt. Bản đồ vẽ theo ranh giới này từ ngày có hiệu lực.")
    act = partial(boundaries.use, sheet=sheet_id, by=request.scope.actor)
    return _done(request, sheet_id, act, done, APPROVE)


@require_POST
@gate.requires(MANAGE)
def withdraw(request: ScopedRequest, sheet_id: int) -> HttpResponse:
    """Take the sheet's boundaries off the maps."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Hãy ghi lý do rút."))
        return redirect("org:boundary_sheet", sheet_id=sheet_id)
    reason = form.cleaned_data["reason"]
    act = partial(boundaries.withdraw, sheet=sheet_id, by=request.scope.actor, reason=reason)
    return _done(request, sheet_id, act, _("Đã rút khỏi các bản đồ."))


@require_POST
@gate.requires(MANAGE)
def discard(request: ScopedRequest, sheet_id: int) -> HttpResponse:
    """Throw a sheet away that was never used."""
    act = partial(boundaries.discard, sheet=sheet_id, by=request.scope.actor)
    answer = _done(request, sheet_id, act, _("Đã bỏ bản xem trước."))
    return redirect("org:boundaries") if answer.status_code == 302 else answer


def _done(
    request: ScopedRequest,
    sheet_id: int,
    act: Callable[[], None],
    said: str,
    capability: str = MANAGE,
) -> HttpResponse:
    request.scope.require(capability, units.root().id)
    try:
        act()
    except OrgError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, said)
    return redirect("org:boundary_sheet", sheet_id=sheet_id)


def _seen(request: ScopedRequest, sheet_id: int) -> BoundarySheet:
    """Return a sheet that the reader may see: those in use, or all for who takes part."""
    row = known.sheet(sheet_id)
    if row.state != BoundarySheet.State.IN_USE and not _takes_part(request):
        raise NotAllowedError
    return row


def _takes_part(request: ScopedRequest) -> bool:
    return _may(request, MANAGE) or _may(request, APPROVE)


def _may(request: ScopedRequest, capability: str) -> bool:
    return request.scope.allows(capability, units.root().id)
