"""Pages on which administrators change units."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from haidang.foundation.core import gate
from haidang.foundation.core.gate import ScopedRequest
from haidang.foundation.org.actions import people, units
from haidang.foundation.org.errors import OrgError
from haidang.foundation.org.forms import DissolveForm, LegalBasisForm, MoveForm, RenameForm
from haidang.foundation.org.permissions import MANAGE
from haidang.foundation.org.queries import units as known
from haidang.foundation.org.rules.values import UnitRef


@require_http_methods(["GET", "POST"])
@gate.requires(MANAGE)
def rename(request: ScopedRequest, code: str) -> HttpResponse:
    """Give a unit another name from a day on."""
    return _change(request, code, RenameForm, units.rename, _("Đổi tên"), _("Đã ghi tên mới."))


@require_http_methods(["GET", "POST"])
@gate.requires(MANAGE)
def move(request: ScopedRequest, code: str) -> HttpResponse:
    """Put a unit under another parent from a day on."""
    return _change(
        request, code, MoveForm, units.move, _("Chuyển đơn vị cấp trên"), _("Đã ghi cấp trên mới.")
    )


@require_http_methods(["GET", "POST"])
@gate.requires(MANAGE)
def dissolve(request: ScopedRequest, code: str) -> HttpResponse:
    """End a unit on a day."""
    return _change(
        request, code, DissolveForm, units.dissolve, _("Giải thể"), _("Đã ghi việc giải thể.")
    )


@require_POST
@gate.requires(MANAGE)
def record_legal_basis(request: ScopedRequest) -> HttpResponse:
    """Record a legal text."""
    form = LegalBasisForm(request.POST)
    if form.is_valid():
        try:
            people.record_legal_basis(**form.cleaned_data, by=request.scope.actor)
        except IntegrityError:
            form.add_error("number", _("Văn bản này đã có."))
    if form.errors:
        return render(request, "org/legal_basis_form.html", {"form": form}, status=422)
    messages.success(request, _("Đã ghi văn bản."))
    return redirect("org:legal_bases")


def _change(
    request: ScopedRequest,
    code: str,
    form_class: type[forms.Form],
    action: Callable[..., None],
    title: str,
    done: str,
) -> HttpResponse:
    """Show the form of a change; when it is filled, make the change and return to the unit."""
    unit = known.unit(code)
    request.scope.require(MANAGE, unit.id)
    form = form_class(request.POST or None, initial=_initial(unit))
    if form.is_valid() and _done(form, action, unit, request):
        messages.success(request, done)
        return redirect("org:unit", code=unit.code)
    context = {"unit": unit, "form": form, "title": title}
    return render(request, "org/change.html", context, status=422 if form.errors else 200)


def _done(
    form: forms.Form, action: Callable[..., None], unit: UnitRef, request: ScopedRequest
) -> bool:
    if parent := form.cleaned_data.get("parent"):
        request.scope.require(MANAGE, parent)
    try:
        action(unit=unit.id, **form.cleaned_data, by=request.scope.actor)
    except OrgError as error:
        form.add_error(None, error.message)
        return False
    return True


def _initial(unit: UnitRef) -> dict[str, Any]:
    return {
        "name": unit.name,
        "short_name": unit.short_name,
        "parent": unit.parent_id,
        "on": timezone.localdate(),
    }
