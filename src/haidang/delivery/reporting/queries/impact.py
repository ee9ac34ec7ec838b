"""Forms of reports that take values from an indicator, or give it theirs."""

from collections.abc import Iterator, Sequence

from django.db.models import Q
from django.urls import reverse

from haidang.data.catalogue import api as catalogue
from haidang.delivery.reporting.models import Item
from haidang.delivery.reporting.permissions import VIEW
from haidang.foundation.access.api import Scope


def direct(things: Sequence[catalogue.Thing], scope: Scope) -> Iterator[catalogue.Told]:
    """Yield the lines of forms that are of indicators."""
    wanted = catalogue.codes(things, "indicator")
    if not wanted:
        return
    lines = Item.objects.filter(Q(indicator__in=wanted) | Q(prefill__in=wanted))
    for one in lines.select_related("form__regime").order_by("form", "order"):
        told = _dependant(one, scope)
        for code in {one.indicator, one.prefill} & set(wanted):
            yield catalogue.Thing("indicator", code), told


def _dependant(one: Item, scope: Scope) -> catalogue.Dependant:
    code = f"{one.form_id}.{one.code}"
    if not scope.allows(VIEW, sector=one.form.regime.sector_id):
        return catalogue.Dependant("report", code)
    note = f"biểu “{one.form.title}”"
    return catalogue.Dependant("report", code, one.title, note, reverse("reporting:list"))
