"""What of the pipelines rests on a thing, and what rests on a pipeline."""

from collections.abc import Iterator, Sequence

from django.urls import reverse

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api as ingest
from haidang.data.pipelines.models import Pipeline, PipelineVersion
from haidang.data.pipelines.queries.listing import visible
from haidang.foundation.access.api import Scope

_READ = {"dataset", "field", "device"}


def find(code: str, scope: Scope) -> catalogue.Subject | None:
    """Return a pipeline as a thing; None outside the scope."""
    found = visible(scope).filter(code=code).first()
    if found is None:
        return None
    url = reverse("pipelines:pipeline", args=[code])
    return catalogue.Subject(found.title, url, found.owner_unit_id, found.sector)


def direct(things: Sequence[catalogue.Thing], scope: Scope) -> Iterator[catalogue.Told]:
    """Yield pipelines that read datasets, fields or devices' datasets; pipelines' outputs."""
    yield from _outputs(things, scope)
    read = [(thing, *_dataset_of(thing)) for thing in things if thing.kind in _READ]
    if not read:
        return
    live = PipelineVersion.objects.exclude(state=PipelineVersion.State.RETIRED)
    found = live.filter(inputs__overlap=list({dataset for _, dataset, _ in read}))
    versions = list(found.select_related("pipeline").order_by("number"))
    seen = {one.pk for one in visible(scope)} if versions else set()
    for thing, dataset, column in read:
        told = {
            version.pipeline.code: _dependant(version, seen)
            for version in versions
            if dataset in version.inputs and (not column or {column, "*"} & set(version.columns))
        }
        yield from ((thing, one) for one in told.values())


def _outputs(things: Sequence[catalogue.Thing], scope: Scope) -> Iterator[catalogue.Told]:
    wanted = catalogue.codes(things, "pipeline")
    rows = Pipeline.objects.filter(code__in=wanted) if wanted else Pipeline.objects.none()
    outputs = dict(rows.values_list("code", "output"))
    told = catalogue.dataset_dependants(outputs.values(), scope, "đầu ra của luồng xử lý")
    for code, output in outputs.items():
        yield catalogue.Thing("pipeline", code), told[output]


def _dataset_of(thing: catalogue.Thing) -> tuple[str, str]:
    """Return the dataset that a thing stands for, and its column or ""."""
    if thing.kind == "device":
        found = ingest.devices().get(thing.code)
        return (ingest.source(found.source).dataset if found else ""), ""
    dataset, _, column = thing.code.partition(".")
    return dataset, column


def _dependant(version: PipelineVersion, seen: set[int]) -> catalogue.Dependant:
    one = version.pipeline
    if one.pk not in seen:
        return catalogue.Dependant("pipeline", one.code)
    note = f"phiên bản {version.number}, {version.get_state_display().lower()}"
    url = reverse("pipelines:pipeline", args=[one.code])
    return catalogue.Dependant("pipeline", one.code, one.title, note, url)
