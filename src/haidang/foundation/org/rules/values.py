"""What crosses to other domains: frozen, without a query behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from haidang.foundation.org.rules.crosswalk import Step


@dataclass(frozen=True)
class UnitRef:
    """A unit as it was on the day asked for."""

    id: int
    code: str
    name: str
    short_name: str
    level: str
    kind: str
    relation: str
    parent_id: int | None
    designation: str = ""


@dataclass(frozen=True)
class SectorRef:
    code: str
    name: str


@dataclass(frozen=True)
class Place:
    """A point on the map (WGS 84)."""

    lat: float
    lon: float


@dataclass(frozen=True)
class SheetRef:
    """A sheet of official boundaries in use from a day."""

    id: int
    on: date
    source: str
    decision: str


@dataclass(frozen=True)
class Surrounding:
    """A commune of a neighbouring province, by the code of that province's register."""

    code: str
    name: str
    place: Place


@dataclass(frozen=True)
class UnitRow:
    """One unit to be imported; parents come by code, in any order."""

    code: str
    name: str
    short_name: str
    level: str
    kind: str
    parent: str | None = None
    relation: str = "directs"
    designation: str = ""
    aliases: tuple[str, ...] = ()
    place: Place | None = None


@dataclass(frozen=True)
class OfficerRef:
    """A person in a position of a unit."""

    id: int
    name: str
    title: str
    unit_id: int
    is_head: bool
    phone: str
    email: str


@dataclass(frozen=True)
class LegalBasisRef:
    id: int
    number: str
    title: str
    issued_by: str
    issued_date: date
    start: date
    end: date | None


@dataclass(frozen=True)
class MapChange:
    """A set of changes in force: from which day the map is another, and since when we know it.

    What came in before `applied_at` was said by the map before, whatever day it is about.
    """

    id: int
    title: str
    on: date
    applied_at: datetime
    traces: Mapping[str, Any] = field(repr=False, hash=False)
    step: Step = field(repr=False)
