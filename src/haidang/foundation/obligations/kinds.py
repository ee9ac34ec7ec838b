"""The kinds of obligation and of wake-up that the domains above name at their start."""

from collections.abc import Mapping
from dataclasses import dataclass

from haidang.foundation.obligations.permissions import ANSWER, HEAD


@dataclass(frozen=True)
class Kind:
    """What is owed, in words, and which capability makes somebody the one to remind."""

    code: str
    label: str
    answered_by: str = ANSWER
    headed_by: str = HEAD


_kinds: dict[str, Kind] = {}
_tasks: dict[str, str] = {}


def register_kind(
    code: str, label: str, *, answered_by: str = ANSWER, headed_by: str = HEAD
) -> None:
    """Name a kind: who of the debtor unit is reminded, who hears of it after the deadline."""
    _kinds[code] = Kind(code, label, answered_by, headed_by)


def kind(code: str) -> Kind:
    """Return a kind; one that nobody named is shown by its code."""
    return _kinds.get(code) or Kind(code, code)


def kinds() -> Mapping[str, Kind]:
    """Return every named kind."""
    return _kinds


def on_wake(kind: str, task: str) -> None:
    """Have the job `task` run as `task(ref=, due_at=)` when a wake-up of this kind is due.

    Call it in `apps.ready`. The job may run twice (as every job) and must be idempotent.
    """
    _tasks[kind] = task


def tasks() -> Mapping[str, str]:
    """Return the job that answers each kind of wake-up."""
    return _tasks
