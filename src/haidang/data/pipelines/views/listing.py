"""The pipelines, one of them with its versions and runs, and what is made of what."""

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from haidang.data.catalogue import api as catalogue
from haidang.data.pipelines import queries, tables
from haidang.data.pipelines.forms import BackfillForm, DaysForm
from haidang.data.pipelines.models import Pipeline, PipelineVersion
from haidang.data.pipelines.permissions import APPROVE, MANAGE, VIEW
from haidang.data.pipelines.queries import graphs
from haidang.data.pipelines.queries.listing import search
from haidang.data.pipelines.tables import PIPELINES, RUNS, SIGNS, when_words
from haidang.foundation.access.api import ScopedRequest, requires
from haidang.foundation.org import api as org
from haidang.foundation.ui import formats

STATES = {"on": "Đang chạy", "off": "Không chạy"}


@require_GET
@requires(VIEW)
def pipeline_list(request: ScopedRequest) -> HttpResponseBase:
    """List the pipelines with their last runs."""
    words, state = request.GET.get("q", ""), request.GET.get("state", "")
    found = PIPELINES.sorted(request, search(queries.visible(request.scope), words, state))
    if table := PIPELINES.export(request, found, tables.pipelines):
        return table
    page = PIPELINES.page(request, found)
    context = {
        "page": page, "rows": tables.pipelines(list(page)), "words": words, "state": state,
        "states": STATES.items(), "may_make": request.scope.allows(MANAGE),
    }  # fmt: skip
    return render(request, "pipelines/list.html", context)


@require_GET
@requires(VIEW)
def pipeline_page(request: ScopedRequest, code: str) -> HttpResponseBase:
    """One pipeline: its statement, versions, runs and backfills."""
    found = queries.seen(request.scope, code)
    if table := RUNS.export(request, RUNS.sorted(request, queries.runs(found))):
        return table
    return render(request, "pipelines/pipeline.html", context_of(request, found))


def context_of(request: ScopedRequest, found: Pipeline) -> dict[str, Any]:
    """Return what the page of a pipeline shows."""
    scope, where = request.scope, (found.owner_unit_id, found.sector)
    versions = list(found.versions.order_by("-number"))
    waiting = next((one for one in versions if one.state in {"draft", "tried"}), None)
    page = RUNS.page(request, RUNS.sorted(request, queries.runs(found)))
    may_approve = scope.allows(APPROVE, *where)
    shown = waiting or found.version
    return {
        "pipeline": found, "versions": versions, "waiting": waiting, "shown": shown, "page": page,
        "runs": [(one, SIGNS[one.state]) for one in page], "when": when_words(found),
        "owner": org.unit_by_id(found.owner_unit_id),
        "backfills": graphs.backfills(found), "backfill_form": BackfillForm(), "days": DaysForm(),
        "may_manage": scope.allows(MANAGE, *where),
        "may_approve": may_approve and waiting is not None and waiting.state == "tried"
        and waiting.written_by_id != scope.account_id,
        "titles": titles([found.output, *(shown.inputs if shown else [])], scope),
    }  # fmt: skip


def titles(codes: list[str], scope: Any) -> list[tuple[str, str, str]]:
    """Return (code, title, address) of datasets; no address where the reader may not go."""
    known = {one.code: one.title for one in catalogue.datasets(scope)}
    return [
        (code, known.get(code, code), reverse("catalogue:dataset", args=[code]))
        if code in known
        else (code, code, "")
        for code in dict.fromkeys(codes)
    ]


@require_GET
@requires(VIEW)
def graph_page(request: ScopedRequest) -> HttpResponse:
    """Show which datasets are made of which, by which pipelines."""
    picture, rows = graphs.picture(request.scope)
    context = {"picture": picture, "rows": rows, "count": formats.number(len(rows), 0)}
    return render(request, "pipelines/graph.html", context)


def version_of(found: Pipeline) -> PipelineVersion | None:
    """Return the open draft, else the version in use."""
    return found.versions.filter(state__in=["draft", "tried"]).first() or found.version
