"""The dictionary: which indicators there are, and may be seen."""

from collections.abc import Iterable
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


def row(code: str) -> Indicator:
    """Return one indicator. Raises UnknownIndicatorError."""
    found = Indicator.objects.filter(code=code).first()
    if found is None:
        raise UnknownIndicatorError(code=code)
    return found


def rows(codes: Iterable[str]) -> dict[str, Indicator]:
    """Return the indicators that exist among the codes, in one query."""
    return {one.code: one for one in Indicator.objects.filter(code__in=set(codes))}


def indicators(scope: "Scope", sector: str | None = None) -> list[IndicatorRef]:
    """Return the indicators that the scope may see somewhere, in the order of the dictionary."""
    scope.require(VIEW)
    found = Indicator.objects.order_by("sector__order", "sort_key")
    if sector is not None:
        found = found.filter(sector=sector)
    allowed = scope.sectors(VIEW)
    if allowed is not None:
        found = found.filter(sector__in=allowed)
    return [reference(one) for one in found]


def indicator(code: str, scope: "Scope") -> IndicatorRef:
    """Return one indicator. Raises UnknownIndicatorError, NotAllowedError."""
    found = row(code)
    scope.require(VIEW, sector=found.sector_id)
    return reference(found)
