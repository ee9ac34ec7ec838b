"""When to raise, keep or clear an alert. Pure: no database, no clock, no Django.

One function, `step`, decides. The live jobs call it once per event and once per wake-up; `replay`
folds it over history. So what a back-test shows is what the live rule would have done.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Phase(StrEnum):
    """Where one rule stands on one series."""

    QUIET = "quiet"
    PENDING = "pending"  # the state raises, but not yet for long enough
    RAISED = "raised"


class Effect(StrEnum):
    """What the caller has to do after a step."""

    NOTHING = "nothing"
    WAIT = "wait"  # wake up at `Memory.since` + `Criteria.hold`
    RAISE = "raise"
    UPDATE = "update"  # seen again: count it
    FORGET = "forget"  # it ended before it lasted long enough: no alert, cancel the wake-up
    CLEAR = "clear"  # back to normal: mark the alert, a person still gives the outcome


@dataclass(frozen=True)
class Criteria:
    """The part of a rule that decides.

    States in neither set form the hysteresis band: they neither raise nor clear.
    """

    raises: frozenset[str]
    clears: frozenset[str]
    hold: timedelta = timedelta(0)


@dataclass(frozen=True)
class Memory:
    """What must be remembered of a series between two events."""

    phase: Phase = Phase.QUIET
    state: str = ""
    since: datetime | None = None  # start of the present uninterrupted raising state


QUIET = Memory()


def step(
    criteria: Criteria, memory: Memory, *, state: str, at: datetime, may_raise: bool = True
) -> tuple[Memory, Effect]:
    """Take one observed state into account; a wake-up is the last known state seen again.

    With `may_raise` false (a restated value, a closed period) a step can clear, never raise.
    """
    if state in criteria.raises:
        return _raising(criteria, memory, state, at, may_raise)
    calm = replace(memory, state=state, since=None)
    if memory.phase is Phase.PENDING:
        return replace(calm, phase=Phase.QUIET), Effect.FORGET
    if memory.phase is Phase.RAISED and state in criteria.clears:
        return replace(calm, phase=Phase.QUIET), Effect.CLEAR
    return calm, Effect.NOTHING


def _raising(
    criteria: Criteria, memory: Memory, state: str, at: datetime, may_raise: bool
) -> tuple[Memory, Effect]:
    if not may_raise:
        return replace(memory, state=state), Effect.NOTHING
    again = memory.state == state
    since = memory.since if memory.since is not None else at
    now = replace(memory, state=state, since=since)
    if memory.phase is Phase.RAISED:
        return now, Effect.NOTHING if again else Effect.UPDATE
    if at >= since + criteria.hold:
        return replace(now, phase=Phase.RAISED), Effect.RAISE
    waiting = Effect.NOTHING if memory.phase is Phase.PENDING else Effect.WAIT
    return replace(now, phase=Phase.PENDING), waiting


@dataclass(frozen=True)
class Seen:
    """One entry of a series' history."""

    state: str
    at: datetime
    restated: bool = False


@dataclass(frozen=True)
class Episode:
    """One alert that a rule would have raised."""

    raised_at: datetime
    cleared_at: datetime | None
    count: int


def replay(criteria: Criteria, history: Iterable[Seen], *, until: datetime) -> list[Episode]:
    """Return the alerts that the rule would have raised over `history` (in time order)."""
    memory, episodes = QUIET, list[Episode]()
    for seen in _with_wake_ups(criteria, history, until):
        memory, effect = step(
            criteria, memory, state=seen.state, at=seen.at, may_raise=not seen.restated
        )
        if effect is Effect.RAISE:
            episodes.append(Episode(seen.at, None, 1))
        elif effect is Effect.UPDATE:
            episodes[-1] = replace(episodes[-1], count=episodes[-1].count + 1)
        elif effect is Effect.CLEAR:
            episodes[-1] = replace(episodes[-1], cleared_at=seen.at)
    return episodes


def _with_wake_ups(criteria: Criteria, history: Iterable[Seen], until: datetime) -> Iterator[Seen]:
    """Put between the entries the wake-ups that the live system would have had."""
    memory = QUIET
    for seen in [*history, None]:
        end = until if seen is None else seen.at
        due = memory.since + criteria.hold if memory.since is not None else None
        if due is not None and memory.phase is Phase.PENDING and due <= end:
            wake = Seen(memory.state, due)
            memory, _ = step(criteria, memory, state=wake.state, at=wake.at)
            yield wake
        if seen is not None and seen.at <= until:
            memory, _ = step(
                criteria, memory, state=seen.state, at=seen.at, may_raise=not seen.restated
            )
            yield seen


@dataclass(frozen=True)
class Reach:
    """Which series a rule speaks of; empty means any."""

    rule_id: int
    subject: str  # an indicator's or a source's code
    sector: str
    unit_id: int | None  # this unit and all below it


def choose(
    reaches: Iterable[Reach], *, subject: str, sector: str, path: tuple[int, ...]
) -> int | None:
    """Return the rule that governs a series: the most particular one that reaches it.

    `path` is the unit's line from the root down. A rule on the indicator beats a rule on the
    sector, which beats a nearer unit; the oldest rule wins a tie.
    """
    fitting = [
        reach
        for reach in reaches
        if reach.subject in ("", subject)
        and reach.sector in ("", sector)
        and (reach.unit_id is None or reach.unit_id in path)
    ]
    if not fitting:
        return None
    return min(fitting, key=lambda reach: _generality(reach, path)).rule_id


def _generality(reach: Reach, path: tuple[int, ...]) -> tuple[bool, bool, int, int]:
    nearness = path.index(reach.unit_id) + 1 if reach.unit_id is not None else 0
    return (not reach.subject, not reach.sector, -nearness, reach.rule_id)
