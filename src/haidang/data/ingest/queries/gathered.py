"""The four words of what is made of several datasets: an indicator, as a domain above names it.

A domain above registers its kind of things with the datasets that each rests on; the words of a
thing are those of the sources that load these datasets, down to the rows that cost them points.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest.queries import listing
from haidang.data.ingest.queries import quality as counted
from haidang.data.ingest.queries.quality import Cost, Rated
from haidang.data.ingest.queries.sources import devices
from haidang.data.ingest.rules import quality
from haidang.data.ingest.rules.quality import Scores
from haidang.foundation.access.api import Scope
from haidang.foundation.calendar import periods
from haidang.foundation.calendar.periods import Period
from haidang.foundation.org import api as org


@dataclass(frozen=True)
class Thing:
    """A thing that is made of datasets, and its page."""

    code: str
    title: str
    url: str
    datasets: frozenset[str]


@dataclass(frozen=True)
class Kind:
    """A kind of things whose words are shown; `find` returns those that a scope may see."""

    code: str
    label: str
    find: Callable[[Scope], Sequence[Thing]]


@dataclass(frozen=True)
class Gathered:
    """The words of a thing in a period, of each source behind it, and what cost them points."""

    period: Period
    scores: Scores
    sources: Sequence[Rated]
    costs: Sequence[Cost]
    of_unit: Sequence[Cost] = ()


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Have a kind of things stand in the list of the four words."""
    _kinds[kind.code] = kind


def kinds() -> dict[str, Kind]:
    return dict(_kinds)


def gathered(
    datasets: Iterable[str],
    scope: Scope,
    at: dt.datetime,
    now: dt.datetime,
    unit_id: int | None = None,
) -> Gathered:
    """Return the words of what rests on datasets, in the month of a moment.

    `of_unit`: what costs points among the rows that speak of a unit or of those below it.
    """
    period, wanted = periods.of("month", min(at, now)), sorted(datasets)
    seen = listing.visible_sources(scope).filter(is_active=True, dataset__in=wanted)
    sources = counted.rated(seen, period, now) if wanted else []
    ids = [one.source.pk for one in sources]
    costs = counted.costs(ids, period, by_dataset=True) if ids else []
    own: list[Cost] = []
    if unit_id is not None and costs:
        told = Q(pk=None)
        for dataset in wanted:
            told |= Q(about(dataset, unit_id), run__dataset=dataset)
        own = counted.costs(ids, period, told, by_dataset=True)
    return Gathered(period, quality.together(one.scores for one in sources), sources, costs, own)


def about(dataset: str, unit_id: int) -> Q:
    """Return which waiting rows of a dataset speak of a unit or of one below it."""
    contract = catalogue.contract(dataset)
    below = org.subtree(unit_id)
    if contract.kind == "readings":
        codes = {unit.code for unit in org.units(below).values()}
        own = [one.code for one in devices().values() if one.unit_code in codes]
        return Q(raw__device__in=own)
    if contract.unit_field is None:
        return Q(pk=None)
    said = {text for text, one in org.codes().items() if one in below}
    for unit in org.units(below).values():
        said |= {unit.name, unit.short_name}
    return Q(**{f"raw__{contract.unit_field}__in": sorted(said)})
