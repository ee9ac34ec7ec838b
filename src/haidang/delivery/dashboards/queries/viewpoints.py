"""From where a board is seen: whose scope, which unit, which sector, at what time."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import urlencode

from haidang.delivery.dashboards.rules import choosing
from haidang.delivery.dashboards.rules.definitions import LEVELS
from haidang.foundation.access import api as access
from haidang.foundation.core.errors import NotAllowedError
from haidang.foundation.org import api as org
from haidang.insight.indicators import api as indicators

VIEW = "dashboards.view"


@dataclass(frozen=True)
class Viewpoint:
    """One reader's place; `sectors` are those that the board is narrowed to (None: all).

    What several parts of a board need is asked once and kept for the one request.
    """

    scope: access.Scope
    unit: org.UnitRef
    sector: org.SectorRef | None
    sectors: frozenset[str] | None
    now: datetime

    @cached_property
    def dictionary(self) -> indicators.Dictionary:
        """What the scope may see of the dictionary."""
        return indicators.dictionary(self.scope)

    @cached_property
    def known(self) -> dict[str, indicators.IndicatorRef]:
        """The indicators of the board's sectors, in the order of the dictionary."""
        return {
            code: one
            for code, one in self.dictionary.refs.items()
            if self.sectors is None or one.sector in self.sectors
        }

    @cached_property
    def figures(self) -> dict[str, indicators.Figure]:
        """Every figure of the unit that the scope and the sectors let through."""
        codes = [
            code
            for code, one in self.known.items()
            if choosing.has_figures(one.reporting_level, self.unit.level)
        ]
        pairs = [(code, self.unit.id) for code in codes]
        found = indicators.figures(pairs, self.scope, self.dictionary)
        return {code: figure for (code, _), figure in found.items()}

    def figure(self, code: str) -> indicators.Figure | None:
        """Return one figure of the unit: of those already asked for, or alone."""
        if "figures" in self.__dict__:
            return self.figures.get(code)
        return indicators.figures([(code, self.unit.id)], self.scope).get((code, self.unit.id))

    @property
    def name(self) -> str:
        return name(self.unit)

    @property
    def address(self) -> str:
        """The query of every address of this board: ?unit=718&sector=y-te"""
        given = {"unit": self.unit.code}
        if self.sector:
            given["sector"] = self.sector.code
        return f"?{urlencode(given)}"


def viewpoint(scope: access.Scope, *, unit: str, sector: str, now: datetime) -> Viewpoint:
    """Return the viewpoint asked for; without a unit, the highest that the scope covers.

    Raises UnitNotFoundError, SectorNotFoundError, NotAllowedError.
    """
    seen = org.unit(unit) if unit else home(scope)
    chosen = org.sector(sector) if sector else None
    scope.require(VIEW, seen.id, chosen.code if chosen else None)
    narrowed = frozenset({chosen.code}) if chosen else _allowed(scope, seen)
    return Viewpoint(scope, seen, chosen, narrowed, now)


def _allowed(scope: access.Scope, unit: org.UnitRef) -> frozenset[str] | None:
    """Return the sectors that the scope covers in a unit; None: all of them."""
    every = [one.code for one in org.sectors()]
    allowed = frozenset(code for code in every if scope.allows(VIEW, unit.id, code))
    return None if len(allowed) == len(every) else allowed


def name(unit: org.UnitRef) -> str:
    """Return a territory's own name: "Tỉnh Bình Dương", not that of its People's Committee."""
    return f"{unit.designation} {unit.short_name}" if unit.designation else unit.name


def home(scope: access.Scope) -> org.UnitRef:
    """Return the highest unit with boards that the scope covers: the province or one's own."""
    covered = scope.units(VIEW)
    for level in LEVELS:
        here = [unit for unit in org.all_units(level, "ubnd") if unit.id in covered]
        if here:
            return here[0]
    raise NotAllowedError(capability=VIEW)


def sectors(scope: access.Scope, unit: org.UnitRef) -> list[org.SectorRef]:
    """Return the sectors that a unit's board may be narrowed to."""
    return [one for one in org.sectors() if scope.allows(VIEW, unit.id, one.code)]
