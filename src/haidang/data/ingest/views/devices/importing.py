"""Registering devices from a file: choose it, see what it would do, do it.

Nothing of the file is kept here: its rows travel in the page, signed, for an hour.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from haidang.data.ingest import api
from haidang.data.ingest.actions import importing
from haidang.data.ingest.forms.devices import RegisterFileForm
from haidang.data.ingest.rules import registers
from haidang.data.ingest.views.carrying import carried, media, unpacked
from haidang.foundation.access.api import ScopedRequest, requires
from haidang.foundation.core.errors import HaidangError

SALT = "ingest.devices"
SHOWN = 300


@require_http_methods(["GET", "POST"])
@requires("ingest.manage")
def page(request: ScopedRequest) -> HttpResponse:
    """Choose a file; then look at what it would do and apply it."""
    form = RegisterFileForm()
    if request.method != "POST":
        return _choose(request, form)
    try:
        if rows := request.POST.get("rows"):
            return _apply(request, rows)
        form = RegisterFileForm(request.POST, request.FILES)
        if not form.is_valid():
            return _choose(request, form)
        sent = form.cleaned_data["file"]
        judged = importing.preview(content=sent.chunks(), media=media(sent), by=request.scope)
    except HaidangError as error:
        return _choose(request, form, error.message)
    return _show(request, judged)


def _choose(request: ScopedRequest, form: RegisterFileForm, failure: str = "") -> HttpResponse:
    context = {**_words(), "form": form, "failure": failure}
    status = 422 if failure or form.errors else 200
    return render(request, "ingest/register_import.html", context, status=status)


def _show(
    request: ScopedRequest, judged: Sequence[registers.Judged], failure: str = ""
) -> HttpResponse:
    context = {
        **_words(),
        **preview(judged),
        "rows": carried(judged, salt=SALT, account=request.scope.account_id),
        "failure": failure,
    }
    status = 422 if failure else 200
    return render(request, "ingest/register_import.html", context, status=status)


def preview(judged: Sequence[registers.Judged]) -> dict[str, Any]:
    """Return what the page shows of judged rows: the refused first."""
    counts = registers.counts(judged)
    order = [registers.REFUSED, registers.CHANGED, registers.NEW, registers.SAME]
    shown = sorted(judged, key=lambda one: (order.index(one.verdict), one.number))
    return {
        "judged": shown[:SHOWN],
        "hidden": max(0, len(shown) - SHOWN),
        "counts": [(code, registers.WORDS[code], counts[code]) for code in registers.WORDS],
        "to_do": counts[registers.NEW] + counts[registers.CHANGED],
    }


def _apply(request: ScopedRequest, rows: str) -> HttpResponse:
    lines = unpacked(rows, salt=SALT, account=request.scope.account_id)
    try:
        done = importing.apply(lines=lines, by=request.scope, reason=request.POST.get("reason", ""))
    except api.IngestError as error:
        return _show(request, importing.judge(lines, request.scope), error.message)
    messages.success(
        request,
        _("Đã thêm %(new)d thiết bị, thay đổi %(changed)d, không nhận %(refused)d dòng.") % done,
    )
    return redirect("ingest:devices")


def _words() -> dict[str, Any]:
    return {
        "heading": _("Nhập thiết bị từ tệp"),
        "noun": _("thiết bị"),
        "columns": importing.COLUMNS,
        "back": "ingest:devices",
        "back_title": _("Thiết bị"),
        "template": "ingest:device_template",
        "key": _("Mã thiết bị"),
    }
