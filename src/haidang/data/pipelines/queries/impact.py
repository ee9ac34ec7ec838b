"""What of the pipelines rests on a thing, and what rests on a pipeline."""

from collections.abc import Iterator

from django.urls import reverse

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api as ingest
from haidang.data.pipelines.models import Pipeline, PipelineVersion
from haidang.data.pipelines.queries.listing import visible
from haidang.foundation.access.api import Scope


def find(code: str, scope: Scope) -> catalogue.Subject | None:
    """Return a pipeline as a thing; None outside the scope."""
    found = visible(scope).filter(code=code).first()
    if found is None:
        return None
    url = reverse("pipelines:pipeline", args=[code])
    return catalogue.Subject(found.title, url, found.owner_unit_id, found.sector)


def direct(thing: catalogue.Thing, scope: Scope) -> Iterator[catalogue.Dependant]:
    """Yield pipelines that read a dataset, a field or a device's dataset; a pipeline's output."""
    if thing.kind == "pipeline":
        one = Pipeline.objects.filter(code=thing.code).first()
        if one is not None:
            yield catalogue.dataset_dependant(one.output, scope, "đầu ra của luồng xử lý")
        return
    dataset, _, column = thing.code.partition(".")
    if thing.kind == "device":
        found = ingest.devices().get(thing.code)
        dataset, column = (ingest.source(found.source).dataset if found else ""), ""
    elif thing.kind not in {"dataset", "field"}:
        return
    live = PipelineVersion.objects.exclude(state=PipelineVersion.State.RETIRED)
    rows = live.filter(inputs__contains=[dataset]).select_related("pipeline").order_by("number")
    seen = {one.pk for one in visible(scope)}
    told: dict[str, catalogue.Dependant] = {}
    for version in rows:
        if column and not {column, "*"} & set(version.columns):
            continue
        told[version.pipeline.code] = _dependant(version, seen)
    yield from told.values()


def _dependant(version: PipelineVersion, seen: set[int]) -> catalogue.Dependant:
    one = version.pipeline
    if one.pk not in seen:
        return catalogue.Dependant("pipeline", one.code)
    note = f"phiên bản {version.number}, {version.get_state_display().lower()}"
    url = reverse("pipelines:pipeline", args=[one.code])
    return catalogue.Dependant("pipeline", one.code, one.title, note, url)
