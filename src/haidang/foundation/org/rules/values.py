"""What crosses to other domains: frozen, without a query behind it."""

from dataclasses import dataclass
from datetime import date


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
