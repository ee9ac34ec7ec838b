"""Indicators that rest on a dataset, a field, a device or another indicator."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api as ingest
from haidang.foundation.access.api import Scope
from haidang.foundation.org import api as org
from haidang.insight.indicators.models import Indicator, Threshold
from haidang.insight.indicators.queries.dictionary import VIEW
from haidang.insight.indicators.rules import formulas


def find(code: str, scope: Scope) -> catalogue.Subject | None:
    """Return an indicator as a thing; None outside the scope."""
    found = Indicator.objects.filter(code=code).first()
    if found is None or not scope.allows(VIEW, sector=found.sector_id):
        return None
    return catalogue.Subject(found.name, _page(found), found.owner_id, found.sector_id)


def direct(thing: catalogue.Thing, scope: Scope) -> Iterator[catalogue.Dependant]:
    """Yield the indicators that rest directly on a thing, and the thresholds of an indicator."""
    for one in _resting(thing):
        if not scope.allows(VIEW, sector=one.sector_id):
            yield catalogue.Dependant("indicator", one.code)
            continue
        note = f"{one.get_method_display()}, phiên bản {one.version}"
        yield catalogue.Dependant("indicator", one.code, one.name, note, _page(one))
    if thing.kind == "indicator":
        yield from _thresholds(thing.code, scope)


def _resting(thing: catalogue.Thing) -> list[Indicator]:
    rows = Indicator.objects.order_by("sort_key")
    match thing.kind:
        case "dataset":
            return list(rows.filter(spec__dataset=thing.code))
        case "field":
            dataset, _, name = thing.code.partition(".")
            contract = catalogue.contract(dataset)
            always = {contract.unit_field, contract.time_field, *contract.key_fields}
            found = rows.filter(spec__dataset=dataset)
            return [one for one in found if name in always or name in _fields(one.spec)]
        case "device":
            device = ingest.devices().get(thing.code)
            if device is None:
                return []
            found = rows.filter(spec__dataset=ingest.source(device.source).dataset)
            metrics = set(device.metrics)
            return [one for one in found if not metrics or one.spec.get("metric") in metrics]
        case "indicator":
            found = rows.filter(method=Indicator.Method.FORMULA)
            return [one for one in found if thing.code in formulas.codes(one.spec["formula"])]
    return []


def _fields(spec: dict[str, Any]) -> set[str]:
    named = {str(spec.get(name)) for name in ("field", "numerator", "denominator")}
    if "metric" in spec:
        named |= {"value", "metric", "status"}
    return named | {str(one["field"]) for one in spec.get("filters", ())}


def _thresholds(code: str, scope: Scope) -> Iterator[catalogue.Dependant]:
    found = Threshold.objects.filter(indicator__code=code, valid__endswith=None)
    first = found.select_related("indicator").first()
    if first is None:
        return
    if not scope.allows(VIEW, sector=first.indicator.sector_id):
        yield catalogue.Dependant("threshold", code)
        return
    note = f"{found.count()} ngưỡng đang áp dụng"
    name = first.indicator.name
    yield catalogue.Dependant("threshold", code, f"Ngưỡng: {name}", note, _page(first.indicator))


def _page(one: Indicator) -> str:
    return reverse("indicators:figure", args=[one.code, org.root().code])
