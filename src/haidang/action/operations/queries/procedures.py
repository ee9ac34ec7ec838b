"""Procedures with their published versions, and the steps of one in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from haidang.action.operations import procedures
from haidang.action.operations.errors import ProcedureNotFoundError, ProcedureVersionNotFoundError
from haidang.action.operations.models import Procedure, ProcedureVersion

_ROLES = {
    "centre": gettext_lazy("Trung tâm"),
    "place": gettext_lazy("Địa bàn"),
    "lead": gettext_lazy("Đơn vị chủ trì"),
}
_CLOCKS = {
    "running": gettext_lazy("giờ liên tục"),
    "working": gettext_lazy("giờ làm việc"),
}


@dataclass(frozen=True)
class StepLine:
    """One step as a reader of the procedure sees it."""

    id: str
    title: str
    guide: str
    doer: str
    deadline: str
    answers: tuple[str, ...]


@dataclass(frozen=True)
class VersionRef:
    """One published version; `running` counts the unfinished runs that keep it."""

    number: int
    sha256: str
    published_at: datetime
    published_by: str
    reason: str
    running: int


@dataclass(frozen=True)
class ProcedureRef:
    """A procedure and its newest version (0: none was published)."""

    code: str
    title: str
    ticket_kind: str
    kind_label: str
    number: int
    published_at: datetime | None
    published_by: str


def listed() -> QuerySet[Procedure]:
    """Return all procedures by title, with their newest versions."""
    newest = ProcedureVersion.objects.filter(procedure=OuterRef("pk")).order_by("-number")
    return Procedure.objects.annotate(
        number=Subquery(newest.values("number")[:1]),
        published_at=Subquery(newest.values("published_at")[:1]),
        published_by=Subquery(newest.values("published_by")[:1]),
    ).order_by("title", "pk")


def procedure_refs(rows: Iterable[Procedure]) -> list[ProcedureRef]:
    """Return rows of `listed` as values."""
    return [_ref(row) for row in rows]


def procedure(code: str) -> ProcedureRef:
    """Return one procedure. Raises ProcedureNotFoundError."""
    row = listed().filter(code=code).first()
    if row is None:
        raise ProcedureNotFoundError(code=code)
    return _ref(row)


def known(code: str) -> dict[str, str]:
    """Return what a new version of a procedure starts from; only the code when it is unknown."""
    kind = Procedure.objects.filter(code=code).values_list("ticket_kind", flat=True).first()
    return {"code": code, "ticket_kind": kind or ""}


def _ref(row: Procedure) -> ProcedureRef:
    return ProcedureRef(
        code=row.code,
        title=row.title,
        ticket_kind=row.ticket_kind,
        kind_label=row.get_ticket_kind_display() if row.ticket_kind else "",
        number=getattr(row, "number", None) or 0,
        published_at=getattr(row, "published_at", None),
        published_by=getattr(row, "published_by", None) or "",
    )


def versions(code: str) -> list[VersionRef]:
    """Return the versions of a procedure, the newest first, each with its unfinished runs."""
    rows = (
        ProcedureVersion.objects.filter(procedure__code=code)
        .annotate(started=Count("runs"), ended=Count("runs__completed_at"))
        .annotate(running=F("started") - F("ended"))
        .order_by("-number")
    )
    return [
        VersionRef(
            number=row.number,
            sha256=row.sha256,
            published_at=row.published_at,
            published_by=row.published_by,
            reason=row.reason,
            running=row.running,
        )
        for row in rows
    ]


def bpmn(code: str, number: int) -> str:
    """Return the text of a version. Raises ProcedureVersionNotFoundError."""
    found = ProcedureVersion.objects.filter(procedure__code=code, number=number).first()
    if found is None:
        raise ProcedureVersionNotFoundError(code=code, number=number)
    return found.bpmn


def steps_of(definition: procedures.Definition) -> list[StepLine]:
    """Return the steps of a definition, in the order of the file."""
    return [_line(step) for step in definition.steps.values()]


def _line(step: procedures.StepSpec) -> StepLine:
    deadline = _("%(minutes)s phút, %(clock)s") % {
        "minutes": step.minutes,
        "clock": _CLOCKS[step.clock],
    }
    return StepLine(
        id=step.id,
        title=step.title,
        guide=step.guide,
        doer=str(_ROLES[step.role]),
        deadline=deadline if step.minutes else "",
        answers=tuple(label for _code, label in step.answers),
    )
