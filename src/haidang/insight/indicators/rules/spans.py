"""Which days to read again: touched periods as few spans of time."""

from collections.abc import Iterable
from datetime import datetime

MOST = 40

Span = tuple[datetime, datetime]


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the spans joined where they touch, in order; at most MOST, the last ones widened."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    if len(joined) <= MOST:
        return joined
    return [*joined[: MOST - 1], (joined[MOST - 1][0], joined[-1][1])]


def inside(moment: datetime, spans: Iterable[Span]) -> bool:
    """Say whether a moment lies in one of the spans."""
    return any(start <= moment < end for start, end in spans)
