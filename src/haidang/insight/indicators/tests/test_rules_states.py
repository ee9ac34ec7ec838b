"""States: triggers with hysteresis and timers, one by one and as arrays."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haidang.insight.indicators.rules import live, states
from haidang.insight.indicators.rules.states import Levels, Memory

START = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("direction", "value", "state"),
    [
        ("lower", 1.39, "normal"),
        ("lower", 1.40, "watch"),
        ("lower", 1.60, "critical"),
        ("lower", None, "no_data"),
    ],
)
def test_a_hazard_is_reached_at_its_level(direction, value, state) -> None:
    assert states.judge(value, Levels(direction, watch=1.4, critical=1.6)) == state


@pytest.mark.parametrize(("value", "state"), [(98, "normal"), (97.9, "watch"), (94, "critical")])
def test_progress_is_slow_below_its_level(value, state) -> None:
    assert states.judge(value, Levels("higher", watch=98, critical=95)) == state


@pytest.mark.parametrize(
    ("value", "state"),
    [(7, "normal"), (8.6, "watch"), (9, "critical"), (5.9, "watch"), (5, "critical")],
)
def test_a_range_is_left_on_either_side(value, state) -> None:
    levels = Levels("range", watch=8.5, critical=9, watch_low=6, critical_low=5.5)
    assert states.judge(value, levels) == state


def test_a_state_eases_only_beyond_the_hysteresis_and_rises_only_after_the_minimum() -> None:
    levels = Levels("lower", watch=10, critical=30, hysteresis=2, minimum_seconds=600)
    seen = []
    memory = Memory()
    for minute, value in [(0, 12), (5, 11), (10, 12), (15, 9), (20, 7.9), (25, 31), (30, 31)]:
        at = START + timedelta(minutes=minute)
        memory = states.advance(memory, value, at, levels)
        seen.append(states.state_at(memory, at, levels))
    assert seen == ["normal", "normal", "watch", "watch", "normal", "normal", "normal"]


def _slow_since(levels: Levels, readings, which: str):
    """Replay with a flag and a clock: the obvious way."""
    since = None
    for at, value in readings:
        bad = states.crossed(value, levels, which)
        good = not states.crossed(value, levels, which, slack=levels.hysteresis)
        if since is None and bad:
            since = at
        elif since is not None and good:
            since = None
    return since


levels_of = st.builds(
    lambda direction, a, b, gap, hysteresis, minimum: Levels(
        direction,
        watch=max(a, b) if direction == "higher" else min(a, b),
        critical=min(a, b) if direction == "higher" else max(a, b),
        watch_low=min(a, b) - gap if direction == "range" else None,
        critical_low=min(a, b) - 2 * gap if direction == "range" else None,
        hysteresis=hysteresis,
        minimum_seconds=minimum,
    ),
    st.sampled_from(["higher", "lower", "range"]),
    st.integers(-5, 5),
    st.integers(-5, 5),
    st.integers(1, 4),
    st.integers(0, 3),
    st.integers(0, 5),
)
readings_of = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 30), st.integers(-10, 10)), max_size=40
)


@given(st.lists(levels_of, min_size=4, max_size=4), readings_of, st.integers(1, 5))
def test_arrays_and_single_steps_agree(levels, readings, batch_size) -> None:
    memories = live.Memories.empty(4)
    triggers = _triggers(levels)
    slow: dict[int, dict[int, float]] = {}
    for first in range(0, len(readings), batch_size):
        batch = readings[first : first + batch_size]
        fresh = _apply(memories, triggers, batch)
        for row in fresh:
            series, time, value = batch[row]
            slow.setdefault(series, {})[time] = value
    for series, known in slow.items():
        history = [(START + timedelta(seconds=t), v) for t, v in sorted(known.items())]
        memory = Memory(
            _slow_since(levels[series], history, "watch"),
            _slow_since(levels[series], history, "critical"),
        )
        at = history[-1][0]
        stepped = Memory()
        for moment, value in history:
            stepped = states.advance(stepped, value, moment, levels[series])
        assert stepped == memory
        row = live.severities(memories, triggers, np.array([series]))[0]
        assert ["normal", "watch", "critical"][row] == states.state_at(memory, at, levels[series])


def _triggers(levels: list[Levels]) -> live.Triggers:
    def column(name: str):
        return np.array([np.nan if getattr(x, name) is None else getattr(x, name) for x in levels])

    return live.Triggers(
        higher=np.array([x.direction == "higher" for x in levels]),
        watch=column("watch").astype(float),
        critical=column("critical").astype(float),
        watch_low=column("watch_low").astype(float),
        critical_low=column("critical_low").astype(float),
        hysteresis=column("hysteresis").astype(float),
        minimum=np.array([x.minimum_seconds for x in levels], dtype=np.int64),
    )


def _apply(memories, triggers, batch):
    series = np.array([row[0] for row in batch], dtype=np.int64)
    time = np.array([row[1] for row in batch], dtype=np.int64)
    value = np.array([row[2] for row in batch], dtype=np.float64)
    rows = live.newer(memories, series, time)
    live.apply(memories, triggers, series[rows], time[rows], value[rows])
    return rows
