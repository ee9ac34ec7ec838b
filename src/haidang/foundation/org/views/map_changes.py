"""The wizard for changes of the map: prepare, look, approve, apply, undo."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from haidang.foundation.core import gate, spreadsheet
from haidang.foundation.core.errors import NotAllowedError
from haidang.foundation.core.gate import Scope, ScopedRequest
from haidang.foundation.org.actions import applying, drafting
from haidang.foundation.org.actions.participants import Holding, Total, participants
from haidang.foundation.org.errors import ImpossiblePlanError, OrgError
from haidang.foundation.org.forms import ChangeSetForm, OneChangeForm, ReasonForm
from haidang.foundation.org.models import ChangeSet, Level
from haidang.foundation.org.permissions import APPROVE, MANAGE, VIEW
from haidang.foundation.org.queries import changes as known
from haidang.foundation.org.queries import previews, units
from haidang.foundation.org.rules import change_table
from haidang.foundation.org.rules.changes import Plan

PER_PAGE = 25
HOLDINGS_PER_PAGE = 20


@require_GET
@gate.requires(VIEW)
def index(request: ScopedRequest) -> HttpResponse:
    """List the sets: all for who prepares and approves, those in force for everybody else."""
    rows = known.change_sets()
    if not _takes_part(request.scope):
        rows = rows.filter(state=ChangeSet.State.APPLIED)
    context = {
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "may_prepare": _may(request.scope, MANAGE),
    }
    return render(request, "org/changes/list.html", context)


@require_http_methods(["GET", "POST"])
@gate.requires(MANAGE)
def prepare(request: ScopedRequest) -> HttpResponse:
    """Begin a set, from a file or empty."""
    _require(request.scope, MANAGE)
    form = ChangeSetForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            made = drafting.draft(
                title=form.cleaned_data["title"],
                plan=form.plan(),
                basis=form.cleaned_data["basis"],
                note=form.cleaned_data["note"],
                by=request.scope.actor,
            )
        except ImpossiblePlanError as error:
            _complain(form, error.problems)
        except OrgError as error:
            form.add_error("file", error.message)
        else:
            messages.success(request, _("Đã lập bản thảo. Hãy xem trước khi gửi duyệt."))
            return redirect("org:change_set", set_id=made)
    return render(request, "org/bring.html", _asked(form), status=422 if form.errors else 200)


def _asked(form: ChangeSetForm) -> dict[str, Any]:
    return {
        "form": form,
        "heading": _("Lập đợt sắp xếp"),
        "list_url": reverse("org:change_sets"),
        "list_name": _("Đợt sắp xếp"),
        "do": _("Lập bản thảo"),
        "note": _(
            "Bản thảo chưa làm thay đổi gì. Sau khi xem trước, một người khác duyệt rồi mới áp "
            "dụng."
        ),
        "how": "org/changes/_how.html",
    }


@require_GET
@gate.requires(VIEW)
def change_set(request: ScopedRequest, set_id: int) -> HttpResponse:
    """Show a set: where it stands, what it would do, and what can be done with it."""
    return _page(request, _seen(request.scope, set_id))


@require_POST
@gate.requires(MANAGE)
def add_change(request: ScopedRequest, set_id: int) -> HttpResponse:
    """Add what happens to one more unit, or say it anew."""
    _require(request.scope, MANAGE)
    row = known.change_set(set_id)
    form = OneChangeForm(request.POST)
    if form.is_valid():
        plan = form.added_to(known.plan_of(row))
        if not form.errors:
            return _rewritten(request, row, plan, _("Đã ghi thay đổi."))
    return _page(request, row, form=form, status=422)


@require_POST
@gate.requires(MANAGE)
def drop_change(request: ScopedRequest, set_id: int) -> HttpResponse:
    """Take what happens to a unit out of the set."""
    _require(request.scope, MANAGE)
    row, code = known.change_set(set_id), request.POST.get("unit", "")
    plan = known.plan_of(row)
    left = tuple(change for change in plan.changes if change.unit != code)
    named = {part.target for change in left for part in change.parts}
    after = tuple(unit for unit in plan.after if unit.code in named)
    return _rewritten(request, row, replace(plan, changes=left, after=after), _("Đã bỏ thay đổi."))


@require_POST
@gate.requires(MANAGE)
def set_day(request: ScopedRequest, set_id: int) -> HttpResponse:
    """Choose another effective day for a draft."""
    _require(request.scope, MANAGE)
    row = known.change_set(set_id)
    try:
        day = date.fromisoformat(request.POST.get("on", ""))
    except ValueError:
        messages.error(request, _("Ngày có hiệu lực không hợp lệ."))
        return redirect("org:change_set", set_id=set_id)
    plan = known.plan_of(row)
    return _rewritten(request, row, replace(plan, on=day), _("Đã đổi ngày có hiệu lực."))


@require_POST
@gate.requires(APPROVE)
def approve(request: ScopedRequest, set_id: int) -> HttpResponse:
    """Approve a draft that somebody else prepared."""
    _require(request.scope, APPROVE)
    return _done(
        request, set_id, lambda: drafting.approve(change_set=set_id, by=request.scope.actor),
        _("Đã duyệt đợt sắp xếp."),
    )  # fmt: skip


@require_POST
@gate.requires(MANAGE)
def apply(request: ScopedRequest, set_id: int) -> HttpResponse:
    """Carry an approved set out."""
    _require(request.scope, MANAGE)
    return _done(
        request,
        set_id,
        lambda: applying.apply(change_set=set_id, by=request.scope.actor, now=timezone.now()),
        _("Đã áp dụng. Số liệu từ ngày có hiệu lực đang được tính lại theo địa giới mới."),
    )


@require_POST
@gate.requires(MANAGE)
def undo(request: ScopedRequest, set_id: int) -> HttpResponse:
    """Bring the map back."""
    return _with_reason(
        request, set_id, applying.undo, _("Đã hoàn tác. Số liệu đang được tính lại."),
        now=timezone.now(),
    )  # fmt: skip


@require_POST
@gate.requires(MANAGE)
def take_back(request: ScopedRequest, set_id: int) -> HttpResponse:
    """Draft the set that takes this one back, where it can no longer be undone."""
    _require(request.scope, MANAGE)
    try:
        day = date.fromisoformat(request.POST.get("on", ""))
        made = drafting.reverse(change_set=set_id, on=day, by=request.scope.actor)
    except ValueError:
        messages.error(request, _("Ngày có hiệu lực không hợp lệ."))
    except OrgError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Đã lập bản thảo đợt trở lại. Hãy xem trước khi gửi duyệt."))
        return redirect("org:change_set", set_id=made)
    return redirect("org:change_set", set_id=set_id)


@require_POST
@gate.requires(MANAGE)
def reopen(request: ScopedRequest, set_id: int) -> HttpResponse:
    """Make a draft of a set again, to be mended."""
    return _with_reason(request, set_id, drafting.reopen, _("Đã trả về bản thảo."))


@require_POST
@gate.requires(MANAGE)
def discard(request: ScopedRequest, set_id: int) -> HttpResponse:
    """Throw a draft away."""
    _require(request.scope, MANAGE)
    drafting.discard(change_set=set_id, by=request.scope.actor)
    messages.success(request, _("Đã xóa bản thảo."))
    return redirect("org:change_sets")


@require_GET
@gate.requires(VIEW)
def as_file(request: ScopedRequest, set_id: int) -> HttpResponseBase:
    """Send a set in the form in which one is uploaded."""
    plan = known.plan_of(_seen(request.scope, set_id))
    rows = change_table.written(plan.changes, plan.after, _levels())
    return spreadsheet.csv_response(f"sap-xep-{plan.on}.csv", change_table.HEADER, rows)


@require_GET
@gate.requires(MANAGE)
def blank_file(request: ScopedRequest) -> HttpResponseBase:
    """Send an empty list to fill in, with one line as an example."""
    example = ["25741", "Chia", "25747", "3200", "dân số", "Khu phố 1; Khu phố 2"]
    rows = [[*example, "Phường Thủ Dầu Một", "Thủ Dầu Một", "Phường", "Xã", "74", ""]]
    return spreadsheet.csv_response("mau-sap-xep.csv", change_table.HEADER, rows)


def _page(
    request: ScopedRequest,
    row: ChangeSet,
    form: django_forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    shown, scope = previews.preview(row), request.scope
    waits = row.state in (ChangeSet.State.DRAFT, ChangeSet.State.APPROVED)
    takes_part = _takes_part(scope)
    holdings = _holdings(shown.plan) if waits and takes_part else []
    is_draft, may_prepare = row.state == ChangeSet.State.DRAFT, _may(scope, MANAGE)
    context: dict[str, Any] = {
        "set": row,
        "shown": shown,
        "holdings": Paginator(holdings, HOLDINGS_PER_PAGE).get_page(request.GET.get("page")),
        "names": {unit.code: unit.name for unit in shown.plan.after}
        | {ref.code: ref.name for ref in known.standing(shown.plan.on).values()},
        "totals": _totals(shown.plan) if waits and takes_part and not shown.problems else [],
        "blockers": applying.blockers(row)
        if row.state == ChangeSet.State.APPLIED and may_prepare
        else [],
        "next_day": row.on + timedelta(days=1),
        "today": timezone.localdate(),
        "is_draft": is_draft,
        "waits": waits,
        "takes_part": takes_part,
        "may_prepare": may_prepare,
        "may_approve": is_draft
        and _may(scope, APPROVE)
        and scope.actor.id != row.drafted_by
        and not shown.problems,
        "form": form or OneChangeForm() if is_draft and may_prepare else None,
    }
    return render(request, "org/changes/set.html", context, status=status)


def _holdings(plan: Plan) -> list[Holding]:
    found = [one for each in participants().values() for one in each.holdings(plan)]
    return sorted(found, key=lambda one: (one.unit, one.what, one.title))


def _totals(plan: Plan) -> list[Total]:
    return [one for each in participants().values() for one in each.totals(plan)]


def _rewritten(request: ScopedRequest, row: ChangeSet, plan: Plan, done: str) -> HttpResponse:
    return _done(
        request, row.pk,
        lambda: drafting.redraft(change_set=row.pk, plan=plan, by=request.scope.actor), done,
    )  # fmt: skip


def _with_reason(
    request: ScopedRequest, set_id: int, action: Callable[..., None], done: str, **more: Any
) -> HttpResponse:
    _require(request.scope, MANAGE)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Hãy ghi lý do."))
        return redirect("org:change_set", set_id=set_id)
    said = {"by": request.scope.actor, "reason": form.cleaned_data["reason"], **more}
    return _done(request, set_id, lambda: action(change_set=set_id, **said), done)


def _done(
    request: ScopedRequest, set_id: int, action: Callable[[], None], done: str
) -> HttpResponseRedirect:
    """Act, and say on the set's page how it went."""
    try:
        action()
    except OrgError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, done)
    return redirect("org:change_set", set_id=set_id)


def _complain(form: ChangeSetForm, problems: list[str]) -> None:
    for problem in problems[:20]:
        form.add_error(None, problem)


def _seen(scope: Scope, set_id: int) -> ChangeSet:
    """Return a set that the reader may see: a draft is a matter of those who prepare it."""
    row = known.change_set(set_id)
    if row.state != ChangeSet.State.APPLIED and not _takes_part(scope):
        raise NotAllowedError
    return row


def _takes_part(scope: Scope) -> bool:
    return _may(scope, MANAGE) or _may(scope, APPROVE)


def _may(scope: Scope, capability: str) -> bool:
    """Tell whether a capability is held over the whole map, for a set may touch any of it."""
    return scope.allows(capability, units.root().id)


def _require(scope: Scope, capability: str) -> None:
    scope.require(capability, units.root().id)


def _levels() -> dict[str, str]:
    return dict(Level.objects.order_by("order").values_list("code", "name"))
