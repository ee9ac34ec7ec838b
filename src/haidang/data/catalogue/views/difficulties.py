"""Pages of the register of difficulties: list, raise, talk over, resolve."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from haidang.data.catalogue import kinds, tables
from haidang.data.catalogue.actions import difficulties
from haidang.data.catalogue.forms.difficulties import (
    DeadlineForm,
    DifficultyFilter,
    DifficultyForm,
    OutcomeForm,
    ReplyForm,
)
from haidang.data.catalogue.models import Difficulty
from haidang.data.catalogue.permissions import MANAGE, RAISE, VIEW
from haidang.data.catalogue.queries import difficulties as known
from haidang.data.catalogue.tables import DIFFICULTIES
from haidang.foundation.access import api as access
from haidang.foundation.access.api import ScopedRequest
from haidang.foundation.core import files
from haidang.foundation.core.errors import HaidangError
from haidang.foundation.obligations import api as obligations
from haidang.foundation.org import api as org


@require_GET
@access.requires(VIEW)
def index(request: ScopedRequest) -> HttpResponseBase:
    """List the difficulties, the earliest deadline first, and what each agency has to clear."""
    asked, now = DifficultyFilter(request.GET or None), timezone.now()
    rows = DIFFICULTIES.sorted(request, known.listed(request.scope, **asked.asked()))
    if table := DIFFICULTIES.export(request, rows, tables.difficulties):
        return table
    page = DIFFICULTIES.page(request, rows)
    loads = known.loads(known.visible(request.scope), now)
    context = {
        "form": asked,
        "page": page,
        "rows": tables.difficulties(list(page)),
        "units": org.units({load.agency_id for load in loads}),
        "loads": loads,
        "now": now,
        "may_raise": request.scope.allows(RAISE),
    }
    return render(request, "catalogue/difficulties/list.html", context)


@require_http_methods(["GET", "POST"])
@access.requires(RAISE)
def new(request: ScopedRequest) -> HttpResponse:
    """Raise a difficulty."""
    given = {name: request.GET.get(name, "") for name in ("kind", "subject", "subject_kind")}
    form = DifficultyForm(request.POST or None, initial=given, scope=request.scope)
    if form.is_valid():
        try:
            made = difficulties.raise_difficulty(**form.given(), by=request.scope)
        except HaidangError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Đã ghi. Cơ quan xử lý nhận được việc kèm thời hạn."))
            return redirect("catalogue:difficulty", difficulty=made)
    status = 422 if form.errors else 200
    return render(request, "catalogue/difficulties/new.html", {"form": form}, status=status)


@require_GET
@access.requires(VIEW)
def difficulty(request: ScopedRequest, difficulty: int) -> HttpResponse:
    """Show one: what it is, its clock, every step, and what can be done."""
    return _page(request, known.seen(request.scope, difficulty), ReplyForm())


@require_POST
@access.requires(RAISE)
def reply(request: ScopedRequest, difficulty: int) -> HttpResponse:
    """Add a reply, a meeting or a report."""
    row = known.seen(request.scope, difficulty)
    form = ReplyForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, row, form, status=422)
    given = form.cleaned_data
    file = given.pop("file")
    attachment = difficulties.Attachment(file.name, file.read()) if file else None
    act = partial(
        difficulties.reply, difficulty=row.pk, **given, attachment=attachment, by=request.scope
    )
    return _done(request, row, act)


@require_POST
@access.requires(RAISE)
def decide(request: ScopedRequest, difficulty: int, verb: str) -> HttpResponse:
    """Resolve, withdraw, extend or reopen."""
    row = known.seen(request.scope, difficulty)
    form = (DeadlineForm if verb in ("extend", "reopen") else OutcomeForm)(request.POST)
    if not form.is_valid():
        messages.error(request, _("Hãy ghi đủ lý do, kết quả và thời hạn."))
        return redirect("catalogue:difficulty", difficulty=row.pk)
    said = form.cleaned_data["said"]
    due: date = form.cleaned_data.get("due") or timezone.localdate()
    by = request.scope
    acts: dict[str, Callable[[], None]] = {
        "resolve": lambda: difficulties.resolve(difficulty=row.pk, outcome=said, by=by),
        "withdraw": lambda: difficulties.withdraw(difficulty=row.pk, reason=said, by=by),
        "extend": lambda: difficulties.extend(difficulty=row.pk, due=due, reason=said, by=by),
        "reopen": lambda: difficulties.reopen(difficulty=row.pk, due=due, reason=said, by=by),
    }
    return _done(request, row, acts[verb])


@require_GET
@access.requires(VIEW)
def attachment(request: ScopedRequest, difficulty: int, entry: int) -> FileResponse:
    """Hand out the paper of a step."""
    row = known.seen(request.scope, difficulty)
    found = row.entries.filter(pk=entry).exclude(sha256="").first()
    if found is None:
        raise Http404
    opened = files.open_stored(found.sha256)
    return FileResponse(opened, as_attachment=True, filename=found.file_name)


@require_GET
@access.requires(VIEW)
def guide(request: ScopedRequest) -> HttpResponse:
    """Show an agency how it connects."""
    return render(request, "catalogue/difficulties/guide.html", {"host": request.get_host()})


def _page(
    request: ScopedRequest, row: Difficulty, form: ReplyForm, status: int = 200
) -> HttpResponse:
    now, scope = timezone.now(), request.scope
    is_raiser = scope.allows(RAISE, row.unit_id, row.sector_id)
    manages = scope.allows(MANAGE, row.unit_id, row.sector_id) and scope.allows(RAISE)
    context: dict[str, Any] = {
        "difficulty": row,
        "units": org.units({row.unit_id, row.agency_id}),
        "subject": kinds.find(row.subject_kind, row.subject, scope),
        "standing": obligations.words(row.due_at, now, "working"),
        "is_late": not row.is_closed and row.due_at < now,
        "entries": row.entries.order_by("pk"),
        "form": form,
        "outcome": OutcomeForm(prefix=""),
        "deadline": DeadlineForm(),
        "may_reply": not row.is_closed
        and (is_raiser or scope.allows(RAISE, row.agency_id, row.sector_id)),
        "may_decide": is_raiser or manages,
    }
    return render(request, "catalogue/difficulties/detail.html", context, status=status)


def _done(request: ScopedRequest, row: Difficulty, act: Callable[[], None]) -> HttpResponse:
    try:
        act()
    except HaidangError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Đã ghi."))
    return redirect("catalogue:difficulty", difficulty=row.pk)
