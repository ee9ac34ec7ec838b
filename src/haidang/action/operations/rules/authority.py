"""In which form the Centre may turn to a unit. Pure.

The Centre orders (giao) only units that the province directs, and only on a legal basis; vertical
bodies, mass organisations and utilities are asked to cooperate.
"""

from enum import StrEnum


class Authority(StrEnum):
    GIAO = "giao"
    PHOI_HOP = "de_nghi_phoi_hop"
    CHUYEN = "chuyen_tham_quyen"


def allowed(relation: str) -> frozenset[Authority]:
    """Return the forms that suit a unit's relation to the Centre (directs, coordinates)."""
    if relation == "directs":
        return frozenset(Authority)
    return frozenset({Authority.PHOI_HOP, Authority.CHUYEN})


def usual(relation: str) -> Authority:
    """Return the form to propose first; never `giao`, which needs a legal basis."""
    return Authority.PHOI_HOP


def objection(authority: str, relation: str, legal_basis: str) -> str:
    """Return "" when the form is right, else "relation" or "legal_basis"."""
    if Authority(authority) not in allowed(relation):
        return "relation"
    if authority == Authority.GIAO and not legal_basis.strip():
        return "legal_basis"
    return ""
