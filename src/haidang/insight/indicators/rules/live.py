"""The fast path as arrays: the triggers and timers of `rules.states`, many series at once."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NEVER = np.iinfo(np.int64).min  # "not active"; times are microseconds since 1970


@dataclass(frozen=True)
class Triggers:
    """One row per series: thresholds as plain numbers; NaN where there is none.

    `higher` marks the series where lower values are the bad ones.
    """

    higher: npt.NDArray[np.bool_]
    watch: Floats
    critical: Floats
    watch_low: Floats
    critical_low: Floats
    hysteresis: Floats
    minimum: Ints


@dataclass
class Memories:
    """One row per series: the newest reading, and since when each level has been active."""

    time: Ints
    value: Floats
    watch_since: Ints
    critical_since: Ints

    @classmethod
    def empty(cls, size: int) -> "Memories":
        """Return the memories of series that have seen nothing."""
        never = np.full(size, NEVER)
        return cls(never.copy(), np.full(size, np.nan), never.copy(), never.copy())


def newer(memories: Memories, series: Ints, time: Ints) -> npt.NDArray[np.int64]:
    """Return the readings to apply, in order of series and time: newer than what is known.

    Of several readings of one series at one moment the last to arrive counts.
    """
    fresh = np.flatnonzero(time > memories.time[series])
    order = fresh[np.lexsort((fresh, time[fresh], series[fresh]))]
    if not len(order):
        return order
    s, t = series[order], time[order]
    last = np.r_[(np.diff(s) != 0) | (np.diff(t) != 0), True]
    return order[last]


def apply(memories: Memories, triggers: Triggers, series: Ints, time: Ints, value: Floats) -> Ints:
    """Bring `memories` up to date with sorted, fresh readings; return the series touched."""
    if not len(series):
        return series
    starts = np.flatnonzero(np.r_[True, np.diff(series) != 0])
    ends = np.r_[starts[1:], len(series)] - 1
    touched = series[starts]
    for which in ("watch", "critical"):
        since: Ints = getattr(memories, f"{which}_since")
        levels = getattr(triggers, which)[series], getattr(triggers, f"{which}_low")[series]
        high, low = triggers.higher[series], triggers.hysteresis[series]
        entered = _crossed(value, *levels, high, np.zeros(len(series)))
        held = _crossed(value, *levels, high, low)
        since[touched] = _active_since(entered, held, series, time, since[touched], starts)[ends]
    memories.time[touched] = time[ends]
    memories.value[touched] = value[ends]
    return touched


def _crossed(
    value: Floats, upper: Floats, lower: Floats, higher: npt.NDArray[np.bool_], slack: Floats
) -> npt.NDArray[np.bool_]:
    """Compare as `states.crossed` does; a comparison with NaN is false."""
    up = np.where(higher, value < upper + slack, value >= upper - slack)
    beyond: npt.NDArray[np.bool_] = np.logical_or(up, ~higher & (value < lower + slack))
    return beyond


def _active_since(
    entered: npt.NDArray[np.bool_],
    held: npt.NDArray[np.bool_],
    series: Ints,
    time: Ints,
    before: Ints,
    starts: npt.NDArray[np.int64],
) -> Ints:
    """Return, after each reading, since when the level is active (NEVER: it is not).

    A reading beyond the level switches it on, one back beyond the hysteresis off; between the two
    it stays as it was. So the last switching reading decides, found by carrying its index forward.
    """
    index = np.arange(len(series))
    first = np.repeat(starts, np.diff(np.r_[starts, len(series)]))
    switch = np.maximum.accumulate(np.where(entered | ~held, index, -1))
    inside = switch >= first
    on_before = np.repeat(before, np.diff(np.r_[starts, len(series)]))
    active = np.where(inside, entered[switch], on_before != NEVER)
    previous = np.r_[False, active[:-1]]
    previous[starts] = before != NEVER
    begun = active & ~previous
    begun_at = np.maximum.accumulate(np.where(begun, index, -1))
    since = np.where(begun_at >= first, time[begun_at], on_before)
    return np.where(active, since, NEVER)


def severities(memories: Memories, triggers: Triggers, rows: Ints) -> npt.NDArray[np.int64]:
    """Return 0 normal, 1 watch, 2 critical for the chosen series at their newest reading."""
    time, needed = memories.time[rows], triggers.minimum[rows]

    def counts(since: Ints) -> npt.NDArray[np.bool_]:
        active = since != NEVER
        return np.asarray(active & (time - np.where(active, since, time) >= needed), dtype=np.bool_)

    critical = counts(memories.critical_since[rows])
    watch = counts(memories.watch_since[rows])
    return np.where(critical, 2, np.where(watch, 1, 0)).astype(np.int64)
