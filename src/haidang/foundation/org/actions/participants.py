"""What hangs on units in the domains above: shown before a set applies, taken along when it does.

A domain registers one participant in its `apps.ready`. All that participants do happens in the
transaction of the set: the map and what hangs on it change together, or nothing does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from haidang.foundation.core.audit import Actor
from haidang.foundation.org.rules.changes import Plan


@dataclass(frozen=True)
class Reform:
    """A set as participants see it: who takes over from each unit that ends, by id.

    `abolished` are the ended units that have no successor of their own kind: a district's open
    matters go up to the province, its people's roles do not.
    """

    id: int
    title: str
    on: date
    now: datetime
    plan: Plan
    heirs: Mapping[int, int]
    abolished: frozenset[int] = frozenset()
    born: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Holding:
    """One open matter of a unit that ends, and the code of the unit it would go to; "": none."""

    what: str
    title: str
    unit: str
    heir: str
    url: str = ""


@dataclass(frozen=True)
class Total:
    """A sum over the whole province before and after, in digits, as both are compared."""

    name: str
    unit_of_measure: str
    period: str
    before: str
    after: str
    estimated: int

    @property
    def is_equal(self) -> bool:
        return self.before == self.after


class Participant:
    """What a domain does when the map changes; by itself nothing."""

    def holdings(self, plan: Plan) -> list[Holding]:
        """Return the open matters of the units that end."""
        return []

    def totals(self, plan: Plan) -> list[Total]:
        """Return sums as they are and as they would be."""
        return []

    def apply(self, reform: Reform, by: Actor) -> dict[str, Any]:
        """Take open matters along; return plain JSON, enough to undo it."""
        return {}

    def blockers(self, reform: Reform, trace: Mapping[str, Any]) -> list[str]:
        """Return, in words, what has come to depend on the set."""
        return []

    def undo(self, reform: Reform, trace: Mapping[str, Any], by: Actor) -> None:
        """Bring matters back to where they were."""


_participants: dict[str, Participant] = {}


def register(name: str, participant: Participant) -> None:
    """Have a participant asked under the name of its domain, after those already registered."""
    _participants[name] = participant


def participants() -> Mapping[str, Participant]:
    """Return the participants in the order of their registration."""
    return _participants
