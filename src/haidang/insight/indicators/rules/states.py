"""The state of a value under dated thresholds: each level is a trigger with hysteresis and a timer.

A level is *active* from the moment a value crosses it until a value has gone back by more than the
hysteresis. It *counts* once it has been active for the minimum duration. The state is the worst
level that counts.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

SEVERITY = {"no_data": 0, "stale": 0, "normal": 0, "watch": 1, "critical": 2}


@dataclass(frozen=True)
class Levels:
    """A threshold as plain data. For "range", `watch`/`critical` are the upper side."""

    direction: str
    watch: float
    critical: float
    watch_low: float | None = None
    critical_low: float | None = None
    hysteresis: float = 0.0
    minimum_seconds: int = 0


@dataclass(frozen=True)
class Memory:
    """Since when each level has been active without a break; None: it is not."""

    watch_since: datetime | None = None
    critical_since: datetime | None = None


def crossed(value: float, levels: Levels, which: str, *, slack: float = 0.0) -> bool:
    """Say whether a value is at or beyond level `which` ("watch", "critical"), less `slack`."""
    upper: float = getattr(levels, which)
    if levels.direction == "higher":
        return value < upper + slack
    if value >= upper - slack:
        return True
    lower: float | None = getattr(levels, f"{which}_low")
    if levels.direction != "range":
        return False
    return lower is not None and value < lower + slack


def judge(value: float | None, levels: Levels | None) -> str:
    """Return the state of a single value, without memory."""
    if value is None or math.isnan(value):
        return "no_data"
    if levels is None:
        return "normal"
    if crossed(value, levels, "critical"):
        return "critical"
    return "watch" if crossed(value, levels, "watch") else "normal"


def advance(memory: Memory, value: float, at: datetime, levels: Levels) -> Memory:
    """Return the memory after a value measured `at`; values come in the order of time."""
    return Memory(
        watch_since=_since(memory.watch_since, value, at, levels, "watch"),
        critical_since=_since(memory.critical_since, value, at, levels, "critical"),
    )


def _since(
    since: datetime | None, value: float, at: datetime, levels: Levels, which: str
) -> datetime | None:
    slack = levels.hysteresis if since is not None else 0.0
    if not crossed(value, levels, which, slack=slack):
        return None
    return since or at


def state_at(memory: Memory, at: datetime, levels: Levels) -> str:
    """Return the worst level that has been active for the minimum duration at `at`."""
    needed = timedelta(seconds=levels.minimum_seconds)
    if memory.critical_since is not None and at - memory.critical_since >= needed:
        return "critical"
    if memory.watch_since is not None and at - memory.watch_since >= needed:
        return "watch"
    return "normal"


def worst(states: Iterable[str]) -> str:
    """Return the most severe state; "no_data" where there is none."""
    return max(states, key=lambda state: (SEVERITY[state], state == "normal"), default="no_data")
