"""The one value type: what every screen, export, report and answer shows."""

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode


@dataclass(frozen=True)
class IndicatorRef:
    """An indicator as other domains see it."""

    code: str
    name: str
    sector: str
    unit_of_measure: str
    decimals: int
    direction: str
    hazard: bool
    shows_ratio: bool
    period: str
    method: str
    reporting_level: str
    owner_unit_id: int
    version: int


@dataclass(frozen=True)
class PlanRatio:
    """One issuer's plan for the unit and period, and how far the value has come."""

    issuer: str
    kind: str
    amount: float
    ratio: float | None
    label: str


@dataclass(frozen=True)
class Delta:
    """A difference in words ("tăng 12 so hôm qua") and whether it is good news."""

    text: str
    good: bool | None


@dataclass(frozen=True)
class ThresholdRef:
    """The threshold in force: the two levels, and what they are compared with."""

    basis: str
    watch: float
    critical: float
    watch_low: float | None = None
    critical_low: float | None = None
    hysteresis: float = 0.0
    minimum_seconds: int = 0
    legal_basis: str = ""


@dataclass(frozen=True)
class Figure:
    """One number with its pedigree. `value` is None when there is none: never an old number."""

    indicator: str
    name: str
    sector: str
    unit_id: int
    unit_code: str
    unit_name: str
    period_key: str
    period_label: str
    period_start: datetime | None
    period_end: datetime | None
    value: float | None
    unit_of_measure: str
    decimals: int
    direction: str
    hazard: bool
    headline: float | None
    headline_unit: str
    headline_decimals: int
    as_of: datetime | None
    reported: int
    expected: int
    status: str
    approval: str
    source_type: str
    state: str
    state_label: str
    state_since: datetime | None
    stale_since: datetime | None
    revision: int
    lineage: str
    url: str
    simulated: bool = False
    newer_pending: bool = False
    expected_pace: float | None = None
    targets: tuple[PlanRatio, ...] = ()
    threshold: ThresholdRef | None = None
    deltas: tuple[Delta, ...] = field(default=())

    @property
    def quality(self) -> float | None:
        """The share of expected units that reported, 0 to 1."""
        return min(1.0, self.reported / self.expected) if self.expected else None

    @property
    def lineage_url(self) -> str:
        """The page that follows this very figure down to its rows; empty without a value."""
        if self.period_start is None or self.value is None:
            return ""
        return f"{self.url}lineage/?{urlencode({'period': self.period_start.isoformat()})}"


@dataclass(frozen=True)
class Point:
    """One period of a series."""

    start: datetime
    end: datetime
    label: str
    value: float | None
    headline: float | None
    state: str
    status: str
    revision: int
    restated: "Restated | None" = None


@dataclass(frozen=True)
class Restated:
    """That data which came after the close of a period changed it; and what had stood before."""

    at: datetime
    value: float | None
    headline: float | None
    state: str


@dataclass(frozen=True)
class Ranked:
    """One unit's place among its siblings; units without a figure come last, place None."""

    place: int | None
    figure: Figure
