"""Alert rules that rest on an indicator or a source."""

from collections.abc import Iterator, Sequence

from django.urls import reverse
from django.utils import timezone

from haidang.action.alerts.models import RuleVersion
from haidang.data.catalogue import api as catalogue
from haidang.foundation.access.api import Scope

_KINDS = {"indicator": "state_change", "source": "absence"}


def direct(things: Sequence[catalogue.Thing], scope: Scope) -> Iterator[catalogue.Told]:
    """Yield the rules in force about things by name."""
    about = [one for one in things if one.kind in _KINDS]
    if not about:
        return
    named = {(_KINDS[one.kind], one.code): one for one in about}
    found = RuleVersion.objects.valid_at(timezone.now()).filter(
        subject__in={one.code for one in about}, rule__kind__in=set(_KINDS.values())
    )
    for one in found.select_related("rule").order_by("name"):
        thing = named.get((one.rule.kind, one.subject))
        if thing is None:
            continue
        if not scope.allows("alerts.view", sector=one.sector_id):
            yield thing, catalogue.Dependant("rule", one.rule.code)
            continue
        note, url = f"mức {one.get_severity_display()}", reverse("alerts:rules")
        yield thing, catalogue.Dependant("rule", one.rule.code, one.name, note, url)
