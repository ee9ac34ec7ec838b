"""What hangs on units in the domains above: shown before a set applies, taken along when it does.

A domain registers one participant in its `apps.ready`. All that participants do happens in the
transaction of the set: the map and what hangs on it change together, or nothing does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from haidang.foundation.core import audit
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


@dataclass(frozen=True)
class Held:
    """Open rows that name a unit in `field`; `rows` asks for them, str() is their title."""

    what: str
    rows: Callable[[], QuerySet[Any]]
    field: str
    action: str = "org.handed_over"


class HandOver(Participant):
    """Rows of ended units go to the units that take over, and back while they are still there."""

    def __init__(self, *held: Held) -> None:
        self._held = held

    def holdings(self, plan: Plan) -> list[Holding]:
        """Return the rows of the units that end."""
        found = []
        for one in self._held:
            rows = one.rows().filter(**{f"{one.field}__code__in": plan.ended})
            for row in rows.select_related(one.field).order_by("pk"):
                code = getattr(row, one.field).code
                url = getattr(row, "get_absolute_url", str)() or getattr(row, "url", "")
                found.append(Holding(one.what, str(row), code, plan.heirs[code], url))
        return found

    def apply(self, reform: Reform, by: Actor) -> dict[str, Any]:
        """Hand everything open over, row by row, each in the audit trail."""
        return {self._name(one): self._handed(one, reform, by) for one in self._held}

    def undo(self, reform: Reform, trace: Mapping[str, Any], by: Actor) -> None:
        """Hand back what is still open and still with the unit that took over."""
        for one in self._held:
            before = dict(trace.get(self._name(one), ()))
            for row in self._locked(one).filter(pk__in=before):
                old = before[row.pk]
                if getattr(row, f"{one.field}_id") == reform.heirs[old]:
                    _hand(row, one, old, reform, by)

    def _handed(self, one: Held, reform: Reform, by: Actor) -> list[list[int]]:
        handed = []
        for row in self._locked(one).filter(**{f"{one.field}__in": list(reform.heirs)}):
            old = getattr(row, f"{one.field}_id")
            _hand(row, one, reform.heirs[old], reform, by)
            handed.append([row.pk, old])
        return handed

    def _locked(self, one: Held) -> QuerySet[Any]:
        return one.rows().select_for_update(of=("self",)).order_by("pk")

    def _name(self, one: Held) -> str:
        return f"{one.rows().model._meta.label_lower}.{one.field}"


def _hand(row: Any, one: Held, unit: int, reform: Reform, by: Actor) -> None:
    before = getattr(row, f"{one.field}_id")
    setattr(row, f"{one.field}_id", unit)
    row.save(update_fields=[one.field])
    changes = {one.field: [before, unit]}
    audit.record(action=one.action, on=row, by=by, changes=changes, reason=reform.title)


_participants: dict[str, Participant] = {}


def register(name: str, participant: Participant) -> None:
    """Have a participant asked under the name of its domain, after those already registered."""
    _participants[name] = participant


def participants() -> Mapping[str, Participant]:
    """Return the participants in the order of their registration."""
    return _participants
