"""Alert rules that rest on an indicator or a source."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone

from haidang.action.alerts.models import RuleVersion
from haidang.data.catalogue import api as catalogue
from haidang.foundation.access.api import Scope


def direct(thing: catalogue.Thing, scope: Scope) -> Iterator[catalogue.Dependant]:
    """Yield the rules in force about this thing by name."""
    if thing.kind not in {"indicator", "source"}:
        return
    kinds = ["state_change"] if thing.kind == "indicator" else ["absence"]
    found = RuleVersion.objects.valid_at(timezone.now()).filter(
        subject=thing.code, rule__kind__in=kinds
    )
    for one in found.select_related("rule").order_by("name"):
        if not scope.allows("alerts.view", sector=one.sector_id):
            yield catalogue.Dependant("rule", one.rule.code)
            continue
        note = f"mức {one.get_severity_display()}"
        yield catalogue.Dependant("rule", one.rule.code, one.name, note, reverse("alerts:rules"))
