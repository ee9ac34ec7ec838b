"""Procedures (SOP): the list, one with its versions, and a new version checked before it holds."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from haidang.action.operations import actions, procedures
from haidang.action.operations.actions.publishing import MANAGE
from haidang.action.operations.forms import BpmnForm, PublishForm
from haidang.action.operations.queries import procedures as queries
from haidang.foundation.access import api as access
from haidang.foundation.access.api import ScopedRequest
from haidang.foundation.core.errors import HaidangError, NotAllowedError
from haidang.foundation.org import api as org

PAGE_SIZE = 50


@require_GET
@access.requires("operations.view")
def listed(request: ScopedRequest) -> HttpResponse:
    page = Paginator(queries.listed(), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "procedures": queries.procedure_refs(page),
        "may_publish": _may_publish(request),
    }
    return render(request, "operations/procedures.html", context)


@require_GET
@access.requires("operations.view")
def detail(request: ScopedRequest, code: str) -> HttpResponse:
    """Show the steps of the newest version, or of the one that is asked for; and all versions."""
    found, asked = queries.procedure(code), request.GET.get("version", "")
    number = int(asked) if asked.isdecimal() and len(asked) < 6 else found.number
    context = {
        "procedure": found,
        "number": number,
        "steps": queries.steps_of(procedures.read(queries.bpmn(code, number))),
        "versions": queries.versions(code),
        "may_publish": _may_publish(request),
    }
    return render(request, "operations/procedure.html", context)


@require_GET
@access.requires("operations.view")
def version(request: ScopedRequest, code: str, number: int) -> HttpResponse:
    """Hand out the BPMN file of a version."""
    answer = HttpResponse(queries.bpmn(code, number), content_type="application/xml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{code}-{number}.bpmn"'
    return answer


@require_http_methods(["GET", "POST"])
@access.requires(MANAGE)
def publish(request: ScopedRequest) -> HttpResponse:
    """Take a file, tell its faults or show its steps, and publish what was shown."""
    request.scope.require(MANAGE, org.root().id)
    if request.method == "GET":
        return _upload_page(request, BpmnForm(initial=queries.known(request.GET.get("code", ""))))
    if request.POST.get("do") == "publish":
        return _publish(request)
    form = BpmnForm(request.POST, request.FILES)
    if not form.is_valid():
        return _upload_page(request, form, status=422)
    bpmn = form.cleaned_data["file"]
    if faults := procedures.faults(bpmn):
        return _upload_page(request, form, faults=faults, status=422)
    return _preview(request, PublishForm(initial=_proposed(form, bpmn)), bpmn)


def _proposed(form: BpmnForm, bpmn: str) -> dict[str, str]:
    given = form.cleaned_data
    return {"code": given["code"], "ticket_kind": given["ticket_kind"], "bpmn": bpmn}


def _publish(request: ScopedRequest) -> HttpResponse:
    form = PublishForm(request.POST)
    if not form.is_valid():
        return _refused(request, form)
    try:
        made = actions.publish_procedure(**form.cleaned_data, by=request.scope, now=timezone.now())
    except NotAllowedError:
        raise
    except HaidangError as error:
        form.add_error(None, error.message)
        return _refused(request, form)
    told = {"title": made.procedure.title, "number": made.number}
    messages.success(request, _("Quy trình “%(title)s”: bản %(number)s đang có hiệu lực.") % told)
    return redirect("operations:procedure", made.procedure.code)


def _refused(request: ScopedRequest, form: PublishForm) -> HttpResponse:
    """Show the steps again with what is missing; a text that has faults goes back to the start."""
    bpmn = form.data.get("bpmn", "")
    if faults := procedures.faults(bpmn):
        return _upload_page(request, BpmnForm(), faults=faults, status=422)
    return _preview(request, form, bpmn, status=422)


def _upload_page(
    request: ScopedRequest,
    form: BpmnForm,
    *,
    faults: list[procedures.Fault] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"form": form, "faults": faults or []}
    return render(request, "operations/publish.html", context, status=status)


def _preview(
    request: ScopedRequest, form: PublishForm, bpmn: str, *, status: int = 200
) -> HttpResponse:
    definition = procedures.read(bpmn)
    context = {
        "publishing": form,
        "title": definition.title,
        "steps": queries.steps_of(definition),
    }
    return render(request, "operations/publish.html", context, status=status)


def _may_publish(request: ScopedRequest) -> bool:
    return request.scope.allows(MANAGE, org.root().id)
