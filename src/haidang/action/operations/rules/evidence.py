"""What each kind of ticket needs before it may be called finished. Pure."""

from collections.abc import Collection
from enum import StrEnum


class EvidenceKind(StrEnum):
    PHOTO = "photo"
    DOCUMENT = "document"
    FIGURE = "figure"
    NONE = "none"


class TicketKind(StrEnum):
    FLOOD = "flood"
    INDICATOR = "indicator"
    ENVIRONMENT = "environment"
    INFRASTRUCTURE = "infrastructure"
    DATA = "data"
    OTHER = "other"


_E = EvidenceKind
_ACCEPTED: dict[TicketKind, frozenset[EvidenceKind]] = {
    TicketKind.FLOOD: frozenset({_E.PHOTO, _E.FIGURE}),
    TicketKind.INDICATOR: frozenset({_E.FIGURE, _E.DOCUMENT}),
    TicketKind.ENVIRONMENT: frozenset({_E.FIGURE, _E.DOCUMENT, _E.PHOTO}),
    TicketKind.INFRASTRUCTURE: frozenset({_E.PHOTO}),
    TicketKind.DATA: frozenset({_E.FIGURE, _E.DOCUMENT}),
    TicketKind.OTHER: frozenset({_E.PHOTO, _E.DOCUMENT, _E.FIGURE}),
}


def accepted(kind: str) -> frozenset[EvidenceKind]:
    """Return the evidence of which one piece is enough; "none, with a reason" always counts."""
    return _ACCEPTED[TicketKind(kind)]


def is_enough(kind: str, given: Collection[str]) -> bool:
    """Tell whether a ticket of `kind` may be finished with what was `given`."""
    return bool((accepted(kind) | {_E.NONE}) & {EvidenceKind(one) for one in given})


def kind_for(sector: str, cause: str) -> TicketKind:
    """Return the kind to propose for an alert's ticket."""
    if cause == "data":
        return TicketKind.DATA
    by_sector = {"thuy-van": TicketKind.FLOOD, "moi-truong": TicketKind.ENVIRONMENT}
    return by_sector.get(sector, TicketKind.INDICATOR)
