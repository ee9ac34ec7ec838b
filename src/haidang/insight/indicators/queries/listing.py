"""The list of indicators at one unit: filtered, searched without accents, sorted."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from haidang.foundation.core import text
from haidang.foundation.org import api as org
from haidang.insight.indicators.models import Indicator
from haidang.insight.indicators.queries import figures
from haidang.insight.indicators.queries.dictionary import VIEW
from haidang.insight.indicators.rules.figures import Figure

if TYPE_CHECKING:
    from haidang.foundation.access.api import Scope

_SEVERITY = {"critical": 0, "watch": 1, "stale": 2, "no_data": 3, "normal": 4}


@dataclass(frozen=True)
class Listing:
    """What to show: words to find, sector, state, owner's id, and the order."""

    words: str = ""
    sector: str = ""
    state: str = ""
    owner: int | None = None
    sort: str = ""


@dataclass(frozen=True)
class ListedIndicator:
    """One line: the indicator's figure at the unit, its sector's and owner's names."""

    figure: Figure
    sector_name: str
    owner_name: str
    method: str
    method_label: str
    period: str


def home(scope: "Scope") -> "org.UnitRef":
    """Return the unit that a scope looks at first: the root, or the highest unit it may see."""
    root = org.root()
    if scope.allows(VIEW, root.id):
        return root
    seen = scope.units(VIEW)
    chosen = min(seen, key=lambda unit_id: len(org.path(unit_id)), default=root.id)
    return org.unit_by_id(chosen)


def listed(unit_id: int, wanted: Listing, scope: "Scope") -> list[ListedIndicator]:
    """Return the indicators that the scope may see at a unit, as asked; constant queries."""
    found = Indicator.objects.all()
    for word in text.fold(wanted.words).split():
        found = found.filter(folded__contains=word)
    if wanted.sector:
        found = found.filter(sector=wanted.sector)
    if wanted.owner:
        found = found.filter(owner=wanted.owner)
    rows = {row.code: row for row in found.order_by("sector__order", "sort_key")}
    known = figures.figures([(code, unit_id) for code in rows], scope)
    owners = org.units({row.owner_id for row in rows.values()})
    sectors = {sector.code: sector.name for sector in org.sectors()}
    lines = [
        ListedIndicator(
            figure=figure,
            sector_name=sectors.get(figure.sector, figure.sector),
            owner_name=owners[rows[code].owner_id].short_name,
            method=rows[code].method,
            method_label=rows[code].get_method_display(),
            period=rows[code].period,
        )
        for (code, _), figure in known.items()
        if wanted.state in ("", figure.state)
    ]
    return _sorted(lines, wanted.sort)


def _sorted(lines: list[ListedIndicator], sort: str) -> list[ListedIndicator]:
    keys = {
        "name": lambda line: text.sort_key(line.figure.name),
        "state": lambda line: str(_SEVERITY[line.figure.state]),
        "sector": lambda line: text.sort_key(line.sector_name),
        "owner": lambda line: text.sort_key(line.owner_name),
        "as_of": lambda line: line.figure.as_of.isoformat() if line.figure.as_of else "",
    }
    key = keys.get(sort.removeprefix("-"))
    return sorted(lines, key=key, reverse=sort.startswith("-")) if key else lines


def owners(scope: "Scope") -> list["org.UnitRef"]:
    """Return the units that own indicators, in dictionary order."""
    scope.require(VIEW)
    ids = set(Indicator.objects.values_list("owner", flat=True))
    return sorted(org.units(ids).values(), key=lambda unit: text.sort_key(unit.name))
