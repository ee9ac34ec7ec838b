"""Indicators that rest on a dataset, a field, a device or another indicator."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api as ingest
from haidang.foundation.access.api import Scope
from haidang.foundation.org import api as org
from haidang.insight.indicators.models import Indicator
from haidang.insight.indicators.queries.dictionary import VIEW
from haidang.insight.indicators.rules import formulas

_READ = {"dataset", "field", "device"}
Resting = tuple[catalogue.Thing, Indicator]


def find(code: str, scope: Scope) -> catalogue.Subject | None:
    """Return an indicator as a thing; None outside the scope."""
    found = Indicator.objects.filter(code=code).first()
    if found is None or not scope.allows(VIEW, sector=found.sector_id):
        return None
    return catalogue.Subject(found.name, _page(found), found.owner_id, found.sector_id)


def direct(things: Sequence[catalogue.Thing], scope: Scope) -> Iterator[catalogue.Told]:
    """Yield the indicators that rest directly on things, and the thresholds of indicators."""
    rows = Indicator.objects.order_by("sort_key")
    yield from _told(_on_datasets(things, rows), scope)
    if wanted := catalogue.codes(things, "indicator"):
        yield from _told(_formulas(wanted, rows), scope)
        yield from _thresholds(wanted, scope)


def _told(found: Iterable[Resting], scope: Scope) -> Iterator[catalogue.Told]:
    for thing, one in found:
        if not scope.allows(VIEW, sector=one.sector_id):
            yield thing, catalogue.Dependant("indicator", one.code)
            continue
        note = f"{one.get_method_display()}, phiên bản {one.version}"
        yield thing, catalogue.Dependant("indicator", one.code, one.name, note, _page(one))


def _on_datasets(things: Sequence[catalogue.Thing], rows: QuerySet[Indicator]) -> Iterator[Resting]:
    """Yield the indicators of datasets, of their fields and of devices."""
    read = [(thing, *_reads(thing)) for thing in things if thing.kind in _READ]
    datasets = {dataset for _, dataset, _ in read}
    found = list(rows.filter(spec__dataset__in=datasets)) if datasets else []
    for thing, dataset, rests in read:
        for one in found:
            if one.spec["dataset"] == dataset and rests(one):
                yield thing, one


def _reads(thing: catalogue.Thing) -> tuple[str, Callable[[Indicator], bool]]:
    """Return the dataset that a thing is of, and which of its indicators rest on it."""
    if thing.kind == "device":
        device = ingest.devices().get(thing.code)
        if device is None:
            return "", lambda one: False
        metrics = set(device.metrics)
        dataset = ingest.source(device.source).dataset
        return dataset, lambda one: not metrics or one.spec.get("metric") in metrics
    dataset, _, name = thing.code.partition(".")
    if not name:
        return dataset, lambda one: True
    contract = catalogue.contract(dataset)
    always = {contract.unit_field, contract.time_field, *contract.key_fields}
    return dataset, lambda one: name in always or name in _fields(one.spec)


def _formulas(wanted: Sequence[str], rows: QuerySet[Indicator]) -> Iterator[Resting]:
    for one in rows.filter(method=Indicator.Method.FORMULA):
        named = set(formulas.codes(one.spec["formula"]))
        yield from ((catalogue.Thing("indicator", code), one) for code in wanted if code in named)


def _fields(spec: dict[str, Any]) -> set[str]:
    named = {str(spec.get(name)) for name in ("field", "numerator", "denominator")}
    if "metric" in spec:
        named |= {"value", "metric", "status"}
    return named | {str(one["field"]) for one in spec.get("filters", ())}


def _thresholds(wanted: Sequence[str], scope: Scope) -> Iterator[catalogue.Told]:
    in_force = Count("thresholds", filter=Q(thresholds__valid__endswith=None))
    rows = Indicator.objects.filter(code__in=wanted).annotate(in_force=in_force)
    for one in rows.filter(in_force__gt=0).order_by("sort_key"):
        thing = catalogue.Thing("indicator", one.code)
        if not scope.allows(VIEW, sector=one.sector_id):
            yield thing, catalogue.Dependant("threshold", one.code)
            continue
        note, title = f"{one.in_force} ngưỡng đang áp dụng", f"Ngưỡng: {one.name}"
        yield thing, catalogue.Dependant("threshold", one.code, title, note, _page(one))


def _page(one: Indicator) -> str:
    return reverse("indicators:figure", args=[one.code, org.root().code])
