"""How long values stay in the operational database; beyond, the lake alone has them."""

from datetime import timedelta

_KEPT = {
    "minute5": timedelta(days=3),
    "hour": timedelta(days=15),
    "day": timedelta(days=400),
}


def kept(kind: str) -> timedelta | None:
    """Return how far back periods of a kind are kept; None: for good."""
    return _KEPT.get(kind)


_SHOWN = {
    "minute5": timedelta(days=1),
    "hour": timedelta(days=4),
    "day": timedelta(days=92),
    "week": timedelta(days=730),
}


def shown(kind: str) -> timedelta:
    """Return how far back a page's chart looks."""
    return _SHOWN.get(kind, timedelta(days=1100))
