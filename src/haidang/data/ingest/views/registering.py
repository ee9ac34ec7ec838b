"""A register filled from a file: choose it, see what it would do, do it.

Nothing of the file is kept here: its rows travel in the page, signed, for an hour.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from haidang.data.ingest.forms.devices import RegisterFileForm
from haidang.data.ingest.rules import registers
from haidang.data.ingest.rules.registers import Column, Judged, Line
from haidang.data.ingest.views.carrying import carried, media, unpacked
from haidang.foundation.access.api import Scope, ScopedRequest
from haidang.foundation.core.errors import HaidangError

SHOWN = 300


@dataclass(frozen=True)
class Register:
    """A register that takes files: its words, its columns, and what its rows do.

    `key` names the column that tells rows apart, `done` is told with the counts of the verdicts.
    """

    salt: str
    heading: Any
    noun: Any
    key: Any
    done: Any
    back: str
    back_title: Any
    template: str
    columns: Sequence[Column]
    preview: Callable[..., list[Judged]]
    judge: Callable[[Sequence[Line], Scope], list[Judged]]
    apply: Callable[..., dict[str, int]]


def answer(request: ScopedRequest, register: Register) -> HttpResponse:
    """Answer the page of a register's files."""
    form = RegisterFileForm()
    if request.method != "POST":
        return _choose(request, register, form)
    try:
        if rows := request.POST.get("rows"):
            return _apply(request, register, rows)
        form = RegisterFileForm(request.POST, request.FILES)
        if not form.is_valid():
            return _choose(request, register, form)
        sent = form.cleaned_data["file"]
        judged = register.preview(content=sent.chunks(), media=media(sent), by=request.scope)
    except HaidangError as error:
        return _choose(request, register, form, error.message)
    return _show(request, register, judged)


def _choose(
    request: ScopedRequest, register: Register, form: RegisterFileForm, failure: str = ""
) -> HttpResponse:
    context = {**_words(register), "form": form, "failure": failure}
    status = 422 if failure or form.errors else 200
    return render(request, "ingest/register_import.html", context, status=status)


def _show(
    request: ScopedRequest, register: Register, judged: Sequence[Judged], failure: str = ""
) -> HttpResponse:
    context = {
        **_words(register),
        **_preview(judged),
        "rows": carried(judged, salt=register.salt, account=request.scope.account_id),
        "failure": failure,
    }
    status = 422 if failure else 200
    return render(request, "ingest/register_import.html", context, status=status)


def _preview(judged: Sequence[Judged]) -> dict[str, Any]:
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


def _apply(request: ScopedRequest, register: Register, rows: str) -> HttpResponse:
    scope, reason = request.scope, request.POST.get("reason", "")
    lines = unpacked(rows, salt=register.salt, account=scope.account_id)
    try:
        done = register.apply(lines=lines, by=scope, reason=reason)
    except HaidangError as error:
        return _show(request, register, register.judge(lines, scope), error.message)
    messages.success(request, str(register.done) % done)
    return redirect(register.back)


def _words(register: Register) -> dict[str, Any]:
    names = ("heading", "noun", "key", "back", "back_title", "template", "columns")
    return {name: getattr(register, name) for name in names}
