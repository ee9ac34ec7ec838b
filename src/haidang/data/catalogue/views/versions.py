"""The versions of a contract: the list, the differences of any two, and a new one."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from haidang.data.catalogue import api, queries, rules
from haidang.data.catalogue.forms import FieldsFormSet, VersionForm, fields_of, initial_of
from haidang.data.catalogue.permissions import MANAGE, VIEW
from haidang.data.catalogue.queries import impact
from haidang.data.catalogue.tables import VERSIONS
from haidang.foundation.access import api as access
from haidang.foundation.access.api import ScopedRequest
from haidang.foundation.core.errors import HaidangError


@require_GET
@access.requires(VIEW)
def version_list(request: ScopedRequest, code: str) -> HttpResponseBase:
    """List the versions, newest first; `?old=1&new=2` shows what tells two of them apart."""
    ref = queries.visible_one(request.scope, code)
    versions = VERSIONS.sorted(request, queries.versions(code))
    if table := VERSIONS.export(request, versions):
        return table
    numbers = {one.version for one in versions}
    newest = max(numbers)
    old = _number(request.GET.get("old"), numbers, max(newest - 1, 1))
    new = _number(request.GET.get("new"), numbers, newest)
    context = {
        "ref": ref,
        "versions": versions,
        "old": old,
        "new": new,
        "changes": rules.differences(queries.contract(code, old), queries.contract(code, new)),
        "may_manage": _may_manage(request, ref),
    }
    return render(request, "catalogue/versions.html", context)


@require_http_methods(["GET", "POST"])
@access.requires(MANAGE)
def new_version(request: ScopedRequest, code: str) -> HttpResponse:
    """Write a new version: look at the differences first, then publish it with a reason."""
    ref = queries.visible_one(request.scope, code)
    request.scope.require(MANAGE, unit_id=ref.owner_unit_id, sector=ref.sector)
    spec = queries.newest(code)
    asked = request.POST.get("do")
    lines = FieldsFormSet(request.POST if asked else None, initial=initial_of(spec), prefix="f")
    about = VersionForm(request.POST if asked else None)
    changes: list[rules.Change] | None = None
    failure = ""
    if asked and lines.is_valid() and about.is_valid():
        fields = fields_of([one.cleaned_data for one in lines], spec)
        faults = rules.faults(code, fields)
        changes = rules.differences(spec, _with(spec, fields))
        failure = " ".join(faults)
        if asked == "publish" and not faults:
            try:
                made = api.revise(
                    dataset=code, fields=fields, by=request.scope,
                    seen=_whole(request.POST.get("seen")), **about.cleaned_data,
                )  # fmt: skip
                messages.success(request, _("Đã ban hành phiên bản %d.") % made.version)
                return redirect("catalogue:versions", code)
            except HaidangError as error:
                failure = error.message
    wrong = bool(failure or (asked and changes is None))
    context: dict[str, Any] = {
        "ref": ref, "spec": spec, "lines": lines, "about": about, "changes": changes,
        "found": impact.impact("dataset", code, request.scope),
        "failure": failure, "is_breaking": any(one.is_breaking for one in changes or ()),
    }  # fmt: skip
    return render(request, "catalogue/new_version.html", context, status=422 if wrong else 200)


def _with(spec: rules.ContractSpec, fields: tuple[rules.FieldSpec, ...]) -> rules.ContractSpec:
    return replace(spec, fields=fields)


def _may_manage(request: ScopedRequest, ref: queries.DatasetRef) -> bool:
    may = request.scope.allows(MANAGE, ref.owner_unit_id, ref.sector)
    return ref.kind == "table" and may


def _number(text: str | None, known: set[int], default: int) -> int:
    number = _whole(text)
    return number if number in known else default


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0
