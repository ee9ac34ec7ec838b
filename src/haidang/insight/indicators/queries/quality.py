"""The datasets behind each indicator, for the words "đúng, đủ, sạch, sống" of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse

from haidang.data.ingest import api as ingest
from haidang.foundation.org import api as org
from haidang.insight.indicators.models import Indicator, PendingValue, Series
from haidang.insight.indicators.queries.dictionary import visible
from haidang.insight.indicators.queries.typed_words import Counted, score
from haidang.insight.indicators.rules import formulas
from haidang.insight.indicators.rules.figures import Figure

if TYPE_CHECKING:
    from haidang.foundation.access.api import Scope


def things(scope: "Scope") -> Sequence[ingest.QualityThing]:
    """Return the visible indicators with the datasets that they rest on, through formulas too."""
    known = {one.code: one for one in Indicator.objects.all()}
    root = org.root().code
    return [
        ingest.QualityThing(
            one.code, one.name, reverse("indicators:lineage", args=[one.code, root]), datasets
        )
        for one in visible(scope)
        if (datasets := datasets_of(one, known))
    ]


def datasets(code: str) -> frozenset[str]:
    """Return the datasets that an indicator rests on, in one query."""
    known = {one.code: one for one in Indicator.objects.all()}
    return datasets_of(known[code], known) if code in known else frozenset()


def typed_words(figure: Figure, now: datetime) -> ingest.QualityScores:
    """Return the four words of a figure that units report, with those below; three queries."""
    below = org.subtree(figure.unit_id) if figure.period_start else frozenset()
    typed = PendingValue.objects.filter(
        indicator__code=figure.indicator, unit__in=below, period_start=figure.period_start or now
    )
    newest = typed.order_by("unit", "-typed_at", "-pk").distinct("unit")
    said = list(newest.values_list("is_approved", flat=True))
    own = Series.objects.filter(indicator__code=figure.indicator, unit=figure.unit_id)
    end = own.values_list("period_end", flat=True).first()
    return score(
        Counted(
            typed=len(said), approved=said.count(True), waiting=said.count(None),
            reported=figure.reported, expected=figure.expected,
            age=now - end if end else None,
            allowed=Indicator.objects.get(code=figure.indicator).cycle,
        )
    )  # fmt: skip


def datasets_of(indicator: Indicator, known: Mapping[str, Indicator]) -> frozenset[str]:
    """Return the datasets of an indicator and of those that its formula reads."""
    found: set[str] = set()
    seen, waiting = {indicator.code}, [indicator]
    while waiting:
        one = waiting.pop()
        if dataset := one.spec.get("dataset"):
            found.add(str(dataset))
        if one.method == Indicator.Method.FORMULA:
            new = formulas.codes(one.spec["formula"]) - seen
            seen |= new
            waiting += [known[code] for code in new if code in known]
    return frozenset(found)
