"""What stands for a unit of several devices: the worst of those that still report."""

from dataclasses import dataclass

from haidang.insight.indicators.rules.live import NEVER, Ints, Memories


@dataclass(frozen=True)
class Gathered:
    """A unit's live value: worst value, worst state, since when, from how many of its devices."""

    time: int
    value: float
    severity: int
    watch_since: int
    critical_since: int
    reported: int


def gather(
    memories: Memories, severities: Ints, rows: Ints, *, lowest: bool, cycle: int
) -> Gathered:
    """Gather the devices `rows` of a unit, but those silent for a cycle before the newest."""
    newest = int(memories.time[rows].max())
    fresh = rows[memories.time[rows] > newest - cycle]
    values = memories.value[fresh]
    return Gathered(
        time=newest,
        value=float(values.min() if lowest else values.max()),
        severity=int(severities[fresh].max()),
        watch_since=_earliest(memories.watch_since[fresh]),
        critical_since=_earliest(memories.critical_since[fresh]),
        reported=len(fresh),
    )


def _earliest(since: Ints) -> int:
    active = since[since != NEVER]
    return int(active.min()) if len(active) else NEVER
