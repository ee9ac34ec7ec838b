"""The state machine as a table, and the other pure rules."""

from datetime import timedelta

import pytest

from haidang.action.operations.rules import authority, evidence, states
from haidang.action.operations.rules.clocks import TimeLeft, time_left
from haidang.action.operations.rules.states import State, Verb

USUAL = [
    (State.NEW, Verb.VERIFY, State.VERIFYING),
    (State.VERIFYING, Verb.ASSIGN, State.ASSIGNED),
    (State.ASSIGNED, Verb.ACCEPT, State.ACCEPTED),
    (State.ACCEPTED, Verb.START, State.WORKING),
    (State.WORKING, Verb.WAIT, State.WAITING),
    (State.WAITING, Verb.RESUME, State.WORKING),
    (State.WORKING, Verb.FINISH, State.DONE),
    (State.DONE, Verb.REOPEN, State.WORKING),
    (State.DONE, Verb.APPROVE, State.APPROVED),
    (State.APPROVED, Verb.CLOSE, State.CLOSED),
    (State.ASSIGNED, Verb.REFUSE, State.REFUSED),
    (State.REFUSED, Verb.ASSIGN, State.ASSIGNED),
    (State.WORKING, Verb.TRANSFER, State.TRANSFERRED),
    (State.NEW, Verb.MERGE, State.MERGED),
]


@pytest.mark.parametrize(("source", "verb", "target"), USUAL)
def test_the_usual_way_and_its_branches(source: State, verb: Verb, target: State) -> None:
    assert states.is_possible(verb, source)
    assert states.TABLE[verb].target is target


@pytest.mark.parametrize(
    ("source", "verb"),
    [
        (State.NEW, Verb.CLOSE),
        (State.NEW, Verb.FINISH),
        (State.WORKING, Verb.CLOSE),
        (State.DONE, Verb.CLOSE),
        (State.VERIFYING, Verb.ACCEPT),
        (State.WAITING, Verb.FINISH),
    ],
)
def test_no_short_cuts(source: State, verb: Verb) -> None:
    assert not states.is_possible(verb, source)


def test_ended_is_ended() -> None:
    assert all(not states.possible(state) for state in states.ENDED)


def test_every_state_is_reached_and_every_unfinished_one_left() -> None:
    reached = {move.target for move in states.TABLE.values()} | {State.NEW}
    assert reached == set(State)
    assert all(states.possible(state) for state in set(State) - states.ENDED)


def test_every_ended_state_is_reachable_from_new() -> None:
    found, waiting = {State.NEW}, [State.NEW]
    while waiting:
        for move in states.possible(waiting.pop()):
            if move.target not in found:
                found.add(move.target)
                waiting.append(move.target)
    assert found == set(State)


def test_only_directed_units_are_ordered_and_only_on_a_legal_basis() -> None:
    assert authority.objection("giao", "coordinates", "QĐ 1") == "relation"
    assert authority.objection("giao", "directs", " ") == "legal_basis"
    assert authority.objection("giao", "directs", "QĐ 1") == ""
    assert authority.objection("de_nghi_phoi_hop", "coordinates", "") == ""
    assert authority.usual("directs") != "giao"


def test_each_kind_says_what_evidence_it_takes() -> None:
    assert evidence.is_enough("infrastructure", ["photo"])
    assert not evidence.is_enough("infrastructure", ["figure", "document"])
    assert not evidence.is_enough("flood", [])
    assert all(evidence.is_enough(kind, ["none"]) for kind in evidence.TicketKind)


@pytest.mark.parametrize(
    ("left", "clock", "said"),
    [
        (timedelta(minutes=22), "running", TimeLeft("còn 22 phút", "watch")),
        (timedelta(hours=4), "working", TimeLeft("còn 4 giờ làm việc", "info")),
        (timedelta(hours=2, minutes=5), "running", TimeLeft("còn 2 giờ 5 phút", "info")),
        (-timedelta(hours=3), "running", TimeLeft("quá hạn 3 giờ", "critical")),
        (timedelta(hours=24), "working", TimeLeft("còn 3 ngày làm việc", "info")),
        (-timedelta(seconds=1), "working", TimeLeft("quá hạn dưới 1 phút làm việc", "critical")),
    ],
)
def test_a_clock_in_words(left: timedelta, clock: str, said: TimeLeft) -> None:
    day = timedelta(hours=8) if clock == "working" else timedelta(days=1)
    assert time_left(left, clock=clock, day=day) == said


def test_numbers_are_read_as_people_type_them() -> None:
    assert states.read_number(" pdh-2026-12 ") == (2026, 12)
    assert states.read_number(states.number(2026, 12)) == (2026, 12)
    assert states.read_number("12") is None
    assert states.read_number("PDH-2026-٣") is None
