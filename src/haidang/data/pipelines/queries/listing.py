"""Pipelines and runs that a scope may see."""

from django.db.models import QuerySet

from haidang.data.pipelines import errors
from haidang.data.pipelines.models import Pipeline, PipelineRun, PipelineVersion
from haidang.data.pipelines.permissions import VIEW
from haidang.foundation.access.api import Scope
from haidang.foundation.core.text import fold


def visible(scope: Scope) -> QuerySet[Pipeline]:
    """Return the pipelines that the scope may see, by title."""
    rows = Pipeline.objects.select_related("version", "owner_unit")
    return scope.filter(rows, VIEW, unit="owner_unit", sector="sector").order_by("title", "pk")


def search(found: QuerySet[Pipeline], words: str, state: str) -> list[Pipeline]:
    """Return those whose title or code has some words, in a state."""
    rows = found.filter(is_on=state == "on") if state in {"on", "off"} else found
    wanted = fold(words)
    return [one for one in rows if wanted in fold(f"{one.title} {one.code} {one.output}")]


def seen(scope: Scope, code: str) -> Pipeline:
    """Return one. Raises UnknownPipelineError also for what the scope may not see."""
    found = visible(scope).filter(code=code).first()
    if found is None:
        raise errors.UnknownPipelineError
    return found


def runs(pipeline: Pipeline) -> QuerySet[PipelineRun]:
    """Return the runs of a pipeline, newest first."""
    return pipeline.runs.select_related("version__pipeline", "pipeline").order_by("-pk")


def run_seen(scope: Scope, run_id: int) -> PipelineRun:
    """Return one run. Raises UnknownRunError."""
    rows = PipelineRun.objects.select_related("version__pipeline", "pipeline", "backfill")
    found = rows.filter(pk=run_id, pipeline__in=visible(scope)).first()
    if found is None:
        raise errors.UnknownRunError
    return found


def statement_in_use(code: str) -> tuple[str, list[str]]:
    """Return the statement in use and its inputs. Raises UnknownPipelineError."""
    found = Pipeline.objects.select_related("version").filter(code=code).first()
    if found is None or found.version is None:
        raise errors.UnknownPipelineError
    return found.version.sql, list(found.version.inputs)


def edges(without: int | None = None) -> dict[str, set[str]]:
    """Return what every output is made of, by the newest and the used versions."""
    found: dict[str, set[str]] = {}
    live = PipelineVersion.objects.exclude(state=PipelineVersion.State.RETIRED)
    rows = live.exclude(pipeline=without).values_list("pipeline__output", "inputs")
    for output, inputs in rows:
        found.setdefault(output, set()).update(inputs)
    return found
