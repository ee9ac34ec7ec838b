"""Publish procedures: a new version beside the old ones, never over them."""

from datetime import datetime
from pathlib import Path

from django.db import transaction

from haidang.action.operations import procedures
from haidang.action.operations.errors import ProcedureError
from haidang.action.operations.models import Procedure, ProcedureVersion
from haidang.foundation.core import audit
from haidang.foundation.core.audit import Actor

_SHIPPED = (
    ("ngap-trieu-cuong", "flood"),
    ("chi-tieu-vuot-nguong", "indicator"),
)


@transaction.atomic
def publish_procedure(
    *, code: str, bpmn: str, by: Actor, now: datetime, ticket_kind: str = ""
) -> ProcedureVersion:
    """Publish a definition; the same text again returns the version that it already is.

    Raises ProcedureError when it holds scripts, services or expressions that are not allowed.
    """
    try:
        definition = procedures.read(bpmn)
    except (procedures.ForbiddenElementError, procedures.ForbiddenExpressionError) as error:
        raise ProcedureError from error
    procedure, _ = Procedure.objects.select_for_update().update_or_create(
        code=code, defaults={"title": definition.title, "ticket_kind": ticket_kind}
    )
    newest = procedure.versions.order_by("-number").first()
    if newest is not None and newest.sha256 == definition.sha256:
        return newest
    version = ProcedureVersion.objects.create(
        procedure=procedure,
        number=newest.number + 1 if newest else 1,
        bpmn=bpmn,
        sha256=definition.sha256,
        published_at=now,
        published_by=by.label,
    )
    audit.record(
        action="operations.procedure_published",
        on=procedure,
        by=by,
        changes={"version": version.number, "sha256": version.sha256},
    )
    return version


def install_starter(*, by: Actor, now: datetime) -> int:
    """Publish the shipped procedures; return how many there are."""
    folder = Path(procedures.__file__).parent
    for code, kind in _SHIPPED:
        bpmn = (folder / f"{code}.bpmn").read_text(encoding="utf-8")
        publish_procedure(code=code, bpmn=bpmn, by=by, now=now, ticket_kind=kind)
    return len(_SHIPPED)
