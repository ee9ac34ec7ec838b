"""A value that changes with time: spans of days that never overlap.

A span runs from its first day, inclusive, to its end, exclusive; an open end is None.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True)
class Span(Generic[Value]):
    """What held from `start` to the day before `end`."""

    start: date
    end: date | None
    value: Value

    def holds(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


Timeline = Sequence[Span[Value]]


def at(timeline: Timeline[Value], day: date) -> Span[Value] | None:
    """Return the span that holds on `day`."""
    return next((span for span in timeline if span.holds(day)), None)


def last(timeline: Timeline[Value]) -> Span[Value] | None:
    """Return the span that begins last."""
    return max(timeline, key=lambda span: span.start, default=None)


def amended(
    timeline: Timeline[Value], day: date, change: Callable[[Value], Value]
) -> list[Span[Value]]:
    """Return the timeline with `change` in force from `day` to the end of the span it falls in.

    Raises LookupError when nothing holds on `day`.
    """
    found = _holding(timeline, day)
    after = replace(found, start=day, value=change(found.value))
    if after.value == found.value:
        return list(timeline)
    before = [replace(found, end=day)] if found.start < day else []
    return _sorted([*(span for span in timeline if span is not found), *before, after])


def ended(timeline: Timeline[Value], day: date) -> list[Span[Value]]:
    """Return the timeline with nothing in force from `day` on.

    Raises LookupError when nothing holds on `day`.
    """
    _holding(timeline, day)
    return [
        span if span.end is not None and span.end <= day else replace(span, end=day)
        for span in timeline
        if span.start < day
    ]


def _holding(timeline: Timeline[Value], day: date) -> Span[Value]:
    found = at(timeline, day)
    if found is None:
        raise LookupError(f"nothing holds on {day}")
    return found


def _sorted(spans: list[Span[Value]]) -> list[Span[Value]]:
    return sorted(spans, key=lambda span: span.start)
