"""Publish procedures: a new version beside the old ones, never over them."""

from datetime import datetime
from pathlib import Path

from django.db import transaction

from haidang.action.operations import procedures
from haidang.action.operations.errors import ProcedureError, ReasonNeededError
from haidang.action.operations.models import Procedure, ProcedureVersion
from haidang.foundation.access import api as access
from haidang.foundation.core import audit
from haidang.foundation.core.audit import Actor
from haidang.foundation.org import api as org

MANAGE = "operations.manage"
_SHIPPED = (
    ("ngap-trieu-cuong", "flood"),
    ("chi-tieu-vuot-nguong", "indicator"),
)


@transaction.atomic
def publish_procedure(
    *,
    code: str,
    bpmn: str,
    by: Actor | access.Scope,
    now: datetime,
    ticket_kind: str | None = None,
    reason: str = "",
) -> ProcedureVersion:
    """Publish a definition; the same text again returns the version that it already is.

    Tickets take the newest version when they start; a run keeps the version that it has. Without
    `ticket_kind` the one that it had stays. A person
    (a Scope) must hold the capability for the whole province, and give a reason. Raises
    NotAllowedError, ReasonNeededError, ProcedureError with every fault of the definition.
    """
    actor = _publisher(by, reason)
    bpmn = _lines(bpmn)
    if faults := procedures.faults(bpmn):
        raise ProcedureError("; ".join(map(str, faults)), faults=faults)
    definition = procedures.read(bpmn)
    said = {"title": definition.title}
    if ticket_kind is not None:
        said["ticket_kind"] = ticket_kind
    procedure, _ = Procedure.objects.select_for_update().update_or_create(code=code, defaults=said)
    newest = procedure.versions.order_by("-number").first()
    if newest is not None and newest.sha256 == definition.sha256:
        return newest
    version = ProcedureVersion.objects.create(
        procedure=procedure,
        number=newest.number + 1 if newest else 1,
        bpmn=bpmn,
        sha256=definition.sha256,
        published_at=now,
        published_by=actor.label,
        reason=reason.strip(),
    )
    audit.record(
        action="operations.procedure_published",
        on=procedure,
        by=actor,
        changes={"version": version.number, "sha256": version.sha256},
        reason=reason.strip(),
    )
    return version


def _publisher(by: Actor | access.Scope, reason: str) -> Actor:
    if not isinstance(by, access.Scope):
        return by
    by.require(MANAGE, org.root().id)
    if not reason.strip():
        raise ReasonNeededError
    return by.actor


def _lines(bpmn: str) -> str:
    """Return the text with the line ends of files: a form sends others, and the digest differs."""
    return bpmn.removeprefix("\ufeff").replace("\r\n", "\n")


def install_starter(*, by: Actor, now: datetime) -> int:
    """Publish the shipped procedures; return how many there are."""
    folder = Path(procedures.__file__).parent
    for code, kind in _SHIPPED:
        bpmn = (folder / f"{code}.bpmn").read_text(encoding="utf-8")
        publish_procedure(code=code, bpmn=bpmn, by=by, now=now, ticket_kind=kind)
    return len(_SHIPPED)
