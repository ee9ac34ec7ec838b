"""What is owed when the map changes: debts of a unit that ends, and to it, go to its successor."""

from collections.abc import Mapping
from typing import Any

from haidang.foundation.core import audit
from haidang.foundation.core.audit import Actor
from haidang.foundation.obligations.models import Obligation
from haidang.foundation.org import api as org

_SIDES = {"debtor_unit_id": "Việc phải thực hiện", "creditor_unit_id": "Việc được thực hiện"}


class Debts(org.Participant):
    """What obligations do when a set of changes applies."""

    def holdings(self, plan: org.Plan) -> list[org.Holding]:
        """Return what units that end owe and are owed."""
        found = []
        for side, what in _SIDES.items():
            unit = side.removesuffix("_id")
            rows = Obligation.objects.filter(
                state=Obligation.State.OPEN, **{f"{unit}__code__in": plan.ended}
            )
            for code, title, url in rows.order_by(f"{unit}__code", "due_at").values_list(
                f"{unit}__code", "title", "url"
            ):
                found.append(org.Holding(what, title, code, plan.heirs[code], url))
        return found

    def apply(self, reform: org.Reform, by: Actor) -> dict[str, Any]:
        """Hand everything open to the units that take over."""
        return {side: self._handed(side, reform, by) for side in _SIDES}

    def undo(self, reform: org.Reform, trace: Mapping[str, Any], by: Actor) -> None:
        """Hand back what is still open and still with the unit that took over."""
        for side in _SIDES:
            for pk, old in trace.get(side, ()):
                for row in _open(**{side: reform.heirs[old], "pk": pk}):
                    _hand(row, side, old, reform, by)

    def _handed(self, side: str, reform: org.Reform, by: Actor) -> list[list[int]]:
        handed = []
        for row in _open(**{f"{side}__in": list(reform.heirs)}):
            old = getattr(row, side)
            _hand(row, side, reform.heirs[old], reform, by)
            handed.append([row.pk, old])
        return handed


def _open(**wanted: Any) -> list[Obligation]:
    rows = Obligation.objects.select_for_update(of=("self",)).order_by("pk")
    return list(rows.filter(state=Obligation.State.OPEN, **wanted))


def _hand(row: Obligation, side: str, unit: int, reform: org.Reform, by: Actor) -> None:
    before = getattr(row, side)
    setattr(row, side, unit)
    row.save(update_fields=[side])
    audit.record(
        action="obligations.handed_over",
        on=row,
        by=by,
        changes={side: [before, unit]},
        reason=reform.title,
    )
