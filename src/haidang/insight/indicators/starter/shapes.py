"""The shapes that the starter's data are written in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

# How a plan of the province falls to its districts, in thousandths (code: share).
DISTRICT_SHARES: Mapping[str, int] = {
    "718": 170,
    "719": 90,
    "720": 75,
    "721": 125,
    "722": 70,
    "723": 130,
    "724": 135,
    "725": 140,
    "726": 65,
}

# When a figure of a closed period is too old: the next period and the days allowed to report it.
HOURLY = timedelta(hours=2)
DAILY = timedelta(days=1, hours=17)  # the next day's figure is due at 17:00
WEEKLY = timedelta(days=7 + 3)
MONTHLY = timedelta(days=31 + 15)
QUARTERLY = timedelta(days=92 + 20)
YEARLY = timedelta(days=366 + 90)
LIVE = timedelta(minutes=15)


@dataclass(frozen=True)
class FieldData:
    """One column of a dataset; types are the catalogue's."""

    name: str
    title: str
    type: str = "number"
    unit_of_measure: str = ""
    key: bool = False
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class DatasetData:
    """One dataset: `level` says whose codes stand in its unit column."""

    code: str
    title: str
    sector: str
    owner: str
    level: str
    time_field: str
    fields: tuple[FieldData, ...] = ()
    kind: str = "table"
    unit_field: str = "don_vi"


@dataclass(frozen=True)
class ThresholdData:
    """A threshold from a day on; see models.Threshold for the bases."""

    watch: float
    critical: float
    basis: str = "value"
    start: date = date(2020, 1, 1)
    end: date | None = None
    watch_low: float | None = None
    critical_low: float | None = None
    hysteresis: float = 0
    minimum_seconds: int = 0
    legal_basis: str = ""
    level: str = ""


@dataclass(frozen=True)
class TargetData:
    """What an issuer wants of the province in each year; `shared` hands it on to districts."""

    issuer: str
    kind: str
    years: Mapping[int, float]
    rank: int = 1
    shared: bool = False
    legal_basis: str = ""


@dataclass(frozen=True)
class IndicatorData:
    """One entry of the dictionary, as models.Indicator keeps it."""

    code: str
    name: str
    sector: str
    unit_of_measure: str
    direction: str
    period: str
    cycle: timedelta
    owner: str
    level: str
    spec: Mapping[str, Any] = field(default_factory=dict)
    method: str = "lake"
    decimals: int = 0
    hazard: bool = False
    shows_ratio: bool = False
    thresholds: tuple[ThresholdData, ...] = ()
    targets: tuple[TargetData, ...] = ()
    description: str = ""
