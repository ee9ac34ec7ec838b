"""Who is competent when the map changes: the questions and answers of ended units move on."""

from collections.abc import Mapping
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from haidang.foundation.core import audit
from haidang.foundation.core.audit import Actor
from haidang.foundation.org.actions.participants import Holding, Participant, Reform
from haidang.foundation.org.models import Competence, CompetenceVersion
from haidang.foundation.org.rules.changes import Plan


class Competences(Participant):
    """A competent unit that ends is followed by its heir from the set's day on.

    Undone, the rows are again as they were: each is remembered whole, by its id.
    """

    def holdings(self, plan: Plan) -> list[Holding]:
        """Return the sectors in which an ended unit is competent."""
        rows = _in_force(plan.on).filter(competent__code__in=plan.ended)
        rows = rows.select_related("competence__sector", "competent").order_by("pk")
        return [
            Holding(
                "Thẩm quyền",
                row.competence.sector.name,
                row.competent.code,
                plan.heirs[row.competent.code],
            )
            for row in rows
        ]

    def apply(self, reform: Reform, by: Actor) -> dict[str, Any]:
        """End each answer that names an ended unit and begin one that names its heir."""
        found = _in_force(reform.on).filter(competent__in=reform.heirs).select_for_update()
        return {"moved": [_move(row, reform, by) for row in found.order_by("pk")]}

    def undo(self, reform: Reform, trace: Mapping[str, Any], by: Actor) -> None:
        """Bring back the answers that nobody has changed since."""
        for moved in trace.get("moved", ()):
            rows = CompetenceVersion.objects.select_for_update().filter(pk=moved["began"])
            began, old = rows.first(), moved["old"]
            if began is not None and began.competent_id == reform.heirs[old]:
                _take_back(began, moved["ended"], old)
                _tell(began.competence, reform.heirs[old], old, reform, by)


def _in_force(on: Any) -> Any:
    return CompetenceVersion.objects.filter(valid__contains=on)


def _move(row: CompetenceVersion, reform: Reform, by: Actor) -> dict[str, int | None]:
    """Return what `_take_back` needs; a version that begins on the day only changes hands."""
    old, heir, end = row.competent_id, reform.heirs[row.competent_id], row.valid.upper
    _tell(row.competence, old, heir, reform, by)
    if row.valid.lower == reform.on:
        row.competent_id = heir
        row.save(update_fields=["competent"])
        return {"began": row.pk, "ended": None, "old": old}
    row.valid = DateRange(row.valid.lower, reform.on)
    row.save(update_fields=["valid"])
    valid = DateRange(reform.on, end)
    began = row.competence.versions.create(valid=valid, competent_id=heir)
    return {"began": began.pk, "ended": row.pk, "old": old}


def _take_back(began: CompetenceVersion, ended: int | None, old: int) -> None:
    if ended is None:
        began.competent_id = old
        began.save(update_fields=["competent"])
        return
    before, end = CompetenceVersion.objects.get(pk=ended), began.valid.upper
    began.delete()
    before.valid = DateRange(before.valid.lower, end)
    before.save(update_fields=["valid"])


def _tell(competence: Competence, before: int, after: int, reform: Reform, by: Actor) -> None:
    changes = {"competent": [before, after], "from": str(reform.on)}
    audit.record(
        action="org.competence_handed_over",
        on=competence,
        by=by,
        changes=changes,
        reason=reform.title,
    )
