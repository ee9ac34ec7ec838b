"""The picture of pipelines, their last runs, and the progress of backfills."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Max, Q
from django.urls import reverse

from haidang.data.catalogue import api as catalogue
from haidang.data.catalogue.api import Box, Picture, drawn
from haidang.data.pipelines.models import Backfill, Pipeline, PipelineRun
from haidang.data.pipelines.queries.listing import visible
from haidang.foundation.access.api import Scope

_OVER = ["landed", "nothing", "failed", "cancelled"]


def last_runs(ids: Iterable[int]) -> dict[int, PipelineRun]:
    """Return the newest run of each pipeline, in two queries."""
    newest = PipelineRun.objects.filter(pipeline__in=list(ids)).values("pipeline")
    numbers = [row["last"] for row in newest.annotate(last=Max("pk"))]
    return {one.pipeline_id: one for one in PipelineRun.objects.filter(pk__in=numbers)}


def backfills(pipeline: Pipeline) -> list[Backfill]:
    """Return the last backfills with `total`, `over`, `failed` and `percent`."""
    found = pipeline.backfills.annotate(
        total=Count("runs"),
        over=Count("runs", filter=Q(runs__state__in=_OVER)),
        failed=Count("runs", filter=Q(runs__state="failed")),
    ).order_by("-pk")[:5]
    for one in found:
        one.percent = 100 * one.over // one.total if one.total else 100  # type: ignore[attr-defined]
    return list(found)


def picture(scope: Scope) -> tuple[Picture, list[dict[str, Any]]]:
    """Return the picture of datasets and pipelines that the scope may see, and its rows."""
    known = {one.code: one.title for one in catalogue.datasets(scope)}
    boxes: dict[str, Box] = {}
    parents: dict[str, list[str]] = {}
    rows = []
    for one in visible(scope):
        if one.version is None:
            continue
        node = f"pipeline:{one.code}"
        note = "đang chạy" if one.is_on else "không chạy"
        boxes[node] = Box(
            node, "Luồng xử lý", one.title, note, reverse("pipelines:pipeline", args=[one.code])
        )
        for code in [*one.version.inputs, one.output]:
            boxes.setdefault(code, _dataset(code, known))
        parents[node] = list(one.version.inputs)
        parents.setdefault(one.output, []).append(node)
        rows.append(
            {
                "pipeline": one,
                "inputs": [known.get(code, code) for code in one.version.inputs],
                "output": known.get(one.output, one.output),
                "note": note,
            }
        )
    return drawn(list(boxes.values()), parents), rows


def _dataset(code: str, known: dict[str, str]) -> Box:
    if code not in known:
        return Box(code, "Bộ dữ liệu", "Ngoài phạm vi được xem")
    return Box(code, "Bộ dữ liệu", known[code], code, reverse("catalogue:dataset", args=[code]))
