"""Forms of reports that take values from an indicator, or give it theirs."""

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse

from haidang.data.catalogue import api as catalogue
from haidang.delivery.reporting.models import Item
from haidang.delivery.reporting.permissions import VIEW
from haidang.foundation.access.api import Scope


def direct(thing: catalogue.Thing, scope: Scope) -> Iterator[catalogue.Dependant]:
    """Yield the forms with a line of an indicator."""
    if thing.kind != "indicator":
        return
    lines = Item.objects.filter(Q(indicator=thing.code) | Q(prefill=thing.code))
    for one in lines.select_related("form__regime").order_by("form", "order"):
        code = f"{one.form_id}.{one.code}"
        if not scope.allows(VIEW, sector=one.form.regime.sector_id):
            yield catalogue.Dependant("report", code)
            continue
        note = f"biểu “{one.form.title}”"
        yield catalogue.Dependant("report", code, one.title, note, reverse("reporting:list"))
