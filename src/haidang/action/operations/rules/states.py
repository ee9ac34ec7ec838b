"""The life of a ticket as one table. Pure: no database, no clock.

mới → xác minh → phân công → đã nhận → đang xử lý → chờ (lý do) → hoàn thành (bằng chứng)
→ nghiệm thu / mở lại → đóng; branches: từ chối, gộp, chuyển thẩm quyền.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    NEW = "new"
    VERIFYING = "verifying"
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    WORKING = "working"
    WAITING = "waiting"
    DONE = "done"
    APPROVED = "approved"
    CLOSED = "closed"
    REFUSED = "refused"
    MERGED = "merged"
    TRANSFERRED = "transferred"


class Verb(StrEnum):
    VERIFY = "verify"
    ASSIGN = "assign"
    ACCEPT = "accept"
    REFUSE = "refuse"
    START = "start"
    WAIT = "wait"
    RESUME = "resume"
    FINISH = "finish"
    APPROVE = "approve"
    REOPEN = "reopen"
    CLOSE = "close"
    MERGE = "merge"
    TRANSFER = "transfer"


class Needs(StrEnum):
    """What a move asks for besides the click."""

    REASON = "reason"
    LEAD = "lead"
    EVIDENCE = "evidence"
    OUTCOME = "outcome"
    TICKET = "ticket"


class Where(StrEnum):
    """Over which unit the mover must hold the capability."""

    PLACE = "place"
    LEAD = "lead"


@dataclass(frozen=True)
class Move:
    """One verb: from which states to which, what it needs, who may."""

    verb: Verb
    sources: frozenset[State]
    target: State
    capability: str
    where: Where
    needs: frozenset[Needs] = frozenset()


S, N = State, Needs
UNFINISHED = frozenset(
    {S.NEW, S.VERIFYING, S.ASSIGNED, S.ACCEPTED, S.WORKING, S.WAITING, S.REFUSED}
)
_ASSIGNABLE = frozenset({S.NEW, S.VERIFYING, S.REFUSED, S.ASSIGNED})
ENDED = frozenset({S.CLOSED, S.MERGED, S.TRANSFERRED})

_HANDLE, _ASSIGN, _CLOSE = "operations.handle", "operations.assign", "operations.close"


def _move(
    verb: Verb,
    sources: set[State] | frozenset[State],
    target: State,
    who: str,
    where: Where,
    *needs: Needs,
) -> Move:
    return Move(verb, frozenset(sources), target, who, where, frozenset(needs))


# In the order in which a page offers them: the usual way first.
TABLE: dict[Verb, Move] = {
    move.verb: move
    for move in (
        _move(Verb.VERIFY, {S.NEW}, S.VERIFYING, _HANDLE, Where.PLACE),
        _move(Verb.ACCEPT, {S.ASSIGNED}, S.ACCEPTED, _HANDLE, Where.LEAD),
        _move(Verb.ASSIGN, _ASSIGNABLE, S.ASSIGNED, _ASSIGN, Where.PLACE, N.LEAD),
        _move(Verb.START, {S.ACCEPTED}, S.WORKING, _HANDLE, Where.LEAD),
        _move(Verb.FINISH, {S.WORKING}, S.DONE, _HANDLE, Where.LEAD, N.EVIDENCE),
        _move(Verb.WAIT, {S.WORKING}, S.WAITING, _HANDLE, Where.LEAD, N.REASON),
        _move(Verb.RESUME, {S.WAITING}, S.WORKING, _HANDLE, Where.LEAD),
        _move(Verb.REFUSE, {S.ASSIGNED, S.ACCEPTED}, S.REFUSED, _HANDLE, Where.LEAD, N.REASON),
        _move(Verb.APPROVE, {S.DONE}, S.APPROVED, _CLOSE, Where.PLACE),
        _move(Verb.CLOSE, {S.APPROVED}, S.CLOSED, _CLOSE, Where.PLACE, N.OUTCOME),
        _move(Verb.REOPEN, {S.DONE, S.APPROVED}, S.WORKING, _CLOSE, Where.PLACE, N.REASON),
        _move(Verb.MERGE, UNFINISHED, S.MERGED, _ASSIGN, Where.PLACE, N.TICKET, N.REASON),
        _move(Verb.TRANSFER, UNFINISHED, S.TRANSFERRED, _ASSIGN, Where.PLACE, N.LEAD, N.REASON),
    )
}


def possible(state: State) -> tuple[Move, ...]:
    """Return the moves out of a state, the usual one first."""
    return tuple(move for move in TABLE.values() if state in move.sources)


def is_possible(verb: Verb, state: State) -> bool:
    """Tell whether a verb may be used in a state."""
    return state in TABLE[verb].sources


def number(year: int, serial: int) -> str:
    """Return a ticket's public number: PDH-2026-0001."""
    return f"PDH-{year}-{serial:04d}"


def read_number(text: str) -> tuple[int, int] | None:
    """Return (year, serial) of a number as a person types it: " pdh-2026-1 "."""
    found = re.fullmatch(r"(?:pdh-)?(\d{4})-(\d{1,6})", text.strip().lower(), re.ASCII)
    return (int(found[1]), int(found[2])) if found else None
