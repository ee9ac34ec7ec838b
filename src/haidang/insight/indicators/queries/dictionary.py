"""The dictionary: which indicators there are, and may be seen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from haidang.insight.indicators.errors import UnknownIndicatorError
from haidang.insight.indicators.models import Indicator
from haidang.insight.indicators.rules.figures import IndicatorRef

if TYPE_CHECKING:
    from haidang.foundation.access.api import Scope

VIEW = "indicators.view"


def reference(row: Indicator) -> IndicatorRef:
    """Return an indicator as a value."""
    return IndicatorRef(
        code=row.code,
        name=row.name,
        sector=row.sector_id,
        unit_of_measure=row.unit_of_measure,
        decimals=row.decimals,
        direction=row.direction,
        hazard=row.is_hazard,
        shows_ratio=row.shows_ratio,
        period=row.period,
        method=row.method,
        reporting_level=row.reporting_level,
        owner_unit_id=row.owner_id,
        version=row.version,
    )


@dataclass(frozen=True)
class Dictionary:
    """The indicators that a scope may see, read once by who asks several questions about them."""

    refs: Mapping[str, IndicatorRef]  # in the order of the dictionary
    rows: Mapping[str, Indicator] = field(repr=False)


def dictionary(scope: "Scope") -> Dictionary:
    """Return what the scope may see of the dictionary, for the questions of one request.

    Pass it to `figures`, `courses`, `ranking`, `states` and `series`: they need not read it again.
    """
    found = visible(scope)
    return Dictionary({one.code: reference(one) for one in found}, {one.code: one for one in found})


def row(code: str, known: Dictionary | None = None) -> Indicator:
    """Return one indicator. Raises UnknownIndicatorError."""
    if known is not None and code in known.rows:
        return known.rows[code]
    found = Indicator.objects.filter(code=code).first()
    if found is None:
        raise UnknownIndicatorError(code=code)
    return found


def rows(codes: Iterable[str], known: Dictionary | None = None) -> dict[str, Indicator]:
    """Return the indicators that exist among the codes, in one query; in none if all are known."""
    if known is not None:
        codes = list(codes)
        if all(code in known.rows for code in codes):
            return {code: known.rows[code] for code in codes}
    return {one.code: one for one in Indicator.objects.filter(code__in=set(codes))}


def indicators(scope: "Scope", sector: str | None = None) -> list[IndicatorRef]:
    """Return the indicators that the scope may see somewhere, in the order of the dictionary."""
    return [reference(one) for one in visible(scope, sector)]


def visible(scope: "Scope", sector: str | None = None) -> list[Indicator]:
    """Return the rows of the indicators that the scope may see somewhere."""
    scope.require(VIEW)
    found = Indicator.objects.order_by("sector__order", "sort_key")
    if sector is not None:
        found = found.filter(sector=sector)
    allowed = scope.sectors(VIEW)
    if allowed is not None:
        found = found.filter(sector__in=allowed)
    return list(found)


def indicator(code: str, scope: "Scope") -> IndicatorRef:
    """Return one indicator. Raises UnknownIndicatorError, NotAllowedError."""
    found = row(code)
    scope.require(VIEW, sector=found.sector_id)
    return reference(found)
