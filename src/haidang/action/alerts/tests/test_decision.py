"""The decision of alerts: tables for the cases, a slow obvious replay for all the others."""

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haidang.action.alerts import rules
from haidang.action.alerts.rules import Criteria, Effect, Memory, Phase, Reach, Seen

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
FLOOD = Criteria(frozenset({"critical"}), frozenset({"normal"}), timedelta(0))
HELD = Criteria(frozenset({"critical"}), frozenset({"normal"}), timedelta(minutes=10))


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def walk(criteria: Criteria, *seen: tuple[int, str]) -> list[Effect]:
    memory, effects = rules.QUIET, []
    for minute, state in seen:
        memory, effect = rules.step(criteria, memory, state=state, at=at(minute))
        effects.append(effect)
    return effects


def test_a_raising_state_raises_at_once_without_a_minimum_duration() -> None:
    assert walk(FLOOD, (0, "critical"), (5, "normal")) == [Effect.RAISE, Effect.CLEAR]


def test_the_band_between_keeps_an_alert_and_starts_none() -> None:
    effects = walk(FLOOD, (0, "watch"), (1, "critical"), (2, "watch"), (3, "critical"))
    assert effects == [Effect.NOTHING, Effect.RAISE, Effect.NOTHING, Effect.UPDATE]


def test_a_state_must_last_without_a_break() -> None:
    effects = walk(HELD, (0, "critical"), (9, "watch"), (10, "critical"), (19, "critical"))
    assert effects == [Effect.WAIT, Effect.FORGET, Effect.WAIT, Effect.NOTHING]
    assert walk(HELD, (0, "critical"), (10, "critical"))[-1] is Effect.RAISE


def test_a_restated_state_clears_but_never_raises() -> None:
    memory, effect = rules.step(FLOOD, rules.QUIET, state="critical", at=at(0), may_raise=False)
    assert (memory.phase, effect) == (Phase.QUIET, Effect.NOTHING)
    raised = Memory(Phase.RAISED, "critical", at(0))
    _, effect = rules.step(FLOOD, raised, state="normal", at=at(1), may_raise=False)
    assert effect is Effect.CLEAR


STATES = st.sampled_from(["normal", "watch", "critical", "stale", "no_data"])
# A busy machine must not fail a proof.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
HISTORY = st.lists(st.tuples(st.integers(1, 30), STATES, st.booleans()), max_size=30)


def history_of(steps: list[tuple[int, str, bool]], *, with_restated: bool) -> list[Seen]:
    minute, seen = 0, []
    for gap, state, restated in steps:
        minute += gap
        seen.append(Seen(state, at(minute), restated=restated and with_restated))
    return seen


def slow(criteria: Criteria, history: list[Seen], minutes: int) -> list[tuple[int, int | None]]:
    """Look at every single minute: has the state raised for long enough, is it calm?"""
    at_minute = {int((one.at - START).total_seconds()) // 60: one.state for one in history}
    hold = int(criteria.hold.total_seconds()) // 60
    episodes: list[tuple[int, int | None]] = []
    state, run_since, is_raised = "normal", None, False
    for minute in range(minutes + 1):
        # at the very minute in which a hold ends, the hold is looked at before a new state
        for now in (state, at_minute.get(minute, state)):
            run_since = (
                (minute if run_since is None else run_since) if now in (criteria.raises) else None
            )
            if run_since is not None and minute - run_since >= hold and not is_raised:
                episodes.append((minute, None))
                is_raised = True
            if is_raised and now in criteria.clears:
                episodes[-1] = (episodes[-1][0], minute)
                is_raised = False
            state = now
    return episodes


@unhurried
@given(
    HISTORY,
    st.sets(STATES, min_size=1, max_size=2),
    st.sets(STATES, max_size=2),
    st.integers(0, 40),
)
def test_replay_equals_looking_at_every_minute(
    steps: list[tuple[int, str, bool]], raises: set[str], clears: set[str], hold: int
) -> None:
    calm = frozenset(clears - raises)
    raising = frozenset(raises - {"normal"}) or frozenset({"critical"})
    criteria = Criteria(raising, calm - raising, timedelta(minutes=hold))
    history = history_of(steps, with_restated=False)
    episodes = rules.replay(criteria, history, until=at(1000))
    found = [
        (minute_of(one.raised_at), minute_of(one.cleared_at) if one.cleared_at else None)
        for one in episodes
    ]
    assert found == slow(criteria, history, 1000)


def minute_of(moment: datetime) -> int:
    return int((moment - START).total_seconds()) // 60


@unhurried
@given(HISTORY, st.integers(0, 20))
def test_restated_history_alone_never_raises(steps: list[tuple[int, str, bool]], hold: int) -> None:
    criteria = Criteria(frozenset({"critical"}), frozenset({"normal"}), timedelta(minutes=hold))
    history = [
        Seen(one.state, one.at, restated=True) for one in history_of(steps, with_restated=True)
    ]
    assert rules.replay(criteria, history, until=at(2000)) == []


@unhurried
@given(HISTORY, st.integers(0, 20))
def test_every_episode_but_the_last_is_cleared_before_the_next(
    steps: list[tuple[int, str, bool]], hold: int
) -> None:
    criteria = Criteria(frozenset({"critical"}), frozenset({"normal"}), timedelta(minutes=hold))
    history = history_of(steps, with_restated=True)
    episodes = rules.replay(criteria, history, until=at(2000))
    for one, following in itertools.pairwise(episodes):
        assert one.cleared_at is not None
        assert one.raised_at <= one.cleared_at <= following.raised_at


def test_the_most_particular_rule_governs() -> None:
    anywhere = Reach(1, "", "", None)
    sector = Reach(2, "", "thuy-van", None)
    district = Reach(3, "", "thuy-van", 20)
    indicator = Reach(4, "muc-nuoc", "", None)

    def chosen(*reaches: Reach) -> int | None:
        return rules.choose(reaches, subject="muc-nuoc", sector="thuy-van", path=(1, 20, 300))

    assert chosen(anywhere, sector) == 2
    assert chosen(anywhere, sector, district) == 3
    assert chosen(anywhere, sector, district, indicator) == 4
    assert chosen(Reach(5, "", "y-te", None), Reach(6, "", "", 21)) is None
