"""Units and what is dated about them; people in posts; sectors; legal bases; places."""

from haidang.foundation.org.models.areas import (
    Competence,
    CompetenceVersion,
    Neighbour,
    Place,
    SurroundingPoint,
)
from haidang.foundation.org.models.bases import LegalBasis
from haidang.foundation.org.models.boundaries import Boundary, BoundarySheet
from haidang.foundation.org.models.changes import ChangePart, ChangeSet, UnitAfter, UnitChange
from haidang.foundation.org.models.people import Delegation, Officer, Position
from haidang.foundation.org.models.stamp import RegisterStamp
from haidang.foundation.org.models.units import Level, Sector, Unit, UnitAlias, UnitVersion

__all__ = [
    "Boundary",
    "BoundarySheet",
    "ChangePart",
    "ChangeSet",
    "Competence",
    "CompetenceVersion",
    "Delegation",
    "LegalBasis",
    "Level",
    "Neighbour",
    "Officer",
    "Place",
    "Position",
    "RegisterStamp",
    "Sector",
    "SurroundingPoint",
    "Unit",
    "UnitAfter",
    "UnitAlias",
    "UnitChange",
    "UnitVersion",
]
