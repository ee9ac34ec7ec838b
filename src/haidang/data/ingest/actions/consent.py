"""A person's answer to a changed structure: consent, and the run goes on; or refusal."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import queries
from haidang.data.ingest.actions import runs, sources, structures
from haidang.data.ingest.actions.who import By, allowed
from haidang.data.ingest.errors import AlreadyDecidedError, IngestError
from haidang.data.ingest.models import Run
from haidang.data.ingest.rules import consent as rules
from haidang.data.ingest.rules.structure import Difference, Heading
from haidang.data.ingest.rules.values import Receipt
from haidang.foundation.core import audit, jobs


def agree_structure(
    *, run: int, answers: Sequence[str], reason: str, by: By, wait: bool = False
) -> Receipt:
    """Agree to a changed structure: one answer for each difference; then the run goes on.

    New fields make a new version of the contract, other headings a new mapping (which takes back
    "automatic"); both are audited with the reason. Other waiting runs of the source are looked at
    again. Raises NotAllowedError, AlreadyDecidedError, IngestError, ContractError.
    """
    found = _agreed(run, answers, reason, by)
    if not wait and runs.is_long(found):
        jobs.defer(runs.LOAD_JOB, queue="bulk", lock=f"source:{found.source.code}", run_id=run)
        return queries.receipt_of(found)
    return runs.process(run_id=run)


@transaction.atomic
def refuse_structure(*, run: int, reason: str, by: By) -> Receipt:
    """Refuse a changed structure: nothing of the file is loaded, its original stays kept."""
    found = _waiting(run)
    actor = allowed(by, structures.MANAGE, found.source)
    if not reason.strip():
        raise IngestError("Cần ghi lý do khi từ chối cấu trúc mới.")
    found.status, found.finished_at = Run.Status.FAILED, timezone.now()
    found.failure = f"Cấu trúc tệp bị từ chối: {reason.strip()}"
    found.approval = Run.Approval.NOT_NEEDED
    found.save(update_fields=["status", "finished_at", "failure", "approval"])
    audit.record(action="ingest.structure_refused", on=found, by=actor, reason=reason)
    return queries.receipt_of(found)


def differences_of(run: Run) -> list[Difference]:
    """Return in what a waiting run's file differs."""
    return [Difference(**one) for one in run.structure.get("differences", [])]


def agreement(run: Run, answers: Sequence[str]) -> rules.Agreement:
    """Return what the answers would make; nothing is kept. Raises IngestError."""
    columns = [Heading(**one) for one in run.structure.get("columns", [])]
    return rules.agree(
        differences_of(run),
        answers,
        catalogue.newest(run.dataset).fields,
        columns,
        is_wider=_wider,
        name_of=catalogue.name_of,
        field_of=catalogue.FieldSpec,
    )


def choices_of(run: Run) -> list[tuple[Difference, list[str], str]]:
    """Return each difference with its possible answers and the one that is suggested."""
    fields = catalogue.newest(run.dataset).fields
    columns = [Heading(**one) for one in run.structure.get("columns", [])]
    fed = {one.field for one in columns}
    free = [each.name for each in fields if each.name not in fed]
    found = differences_of(run)
    offered = [rules.choices(one, fields, free, _wider) for one in found]
    return [
        (one, several, rules.suggested(one, found, several))
        for one, several in zip(found, offered, strict=True)
    ]


@transaction.atomic
def _agreed(run: int, answers: Sequence[str], reason: str, by: By) -> Run:
    found = _waiting(run)
    source = found.source
    actor = allowed(by, structures.MANAGE, source)
    if not reason.strip():
        raise IngestError("Cần ghi lý do đồng ý cấu trúc mới.")
    made = agreement(found, answers)
    contract = catalogue.newest(found.dataset)
    if made.fields != contract.fields:
        contract = catalogue.revise(
            dataset=found.dataset, fields=made.fields, reason=reason, by=by, seen=contract.version
        )
    if made.headings:
        _map(source.code, source.mapping, made.headings, reason, by)
    structures.keep(found, made.columns, contract.version, actor, reason)
    audit.record(
        action="ingest.structure_agreed",
        on=found,
        by=actor,
        changes={"answers": list(answers), "contract": contract.version},
        reason=reason,
    )
    source.refresh_from_db()
    _go_on(found, is_automatic=source.is_automatic)
    others = Run.objects.select_for_update().filter(source=source, status=Run.Status.WAITING)
    for other in others:
        _go_on(other, is_automatic=source.is_automatic)
        jobs.defer(runs.LOAD_JOB, queue="bulk", lock=f"source:{source.code}", run_id=other.pk)
    return found


def _map(code: str, before: dict[str, Any], headings: Any, reason: str, by: By) -> None:
    columns = {**(before.get("columns") or {}), **headings}
    mapping = {**before, "columns": columns}
    sources.change_source(source=code, mapping=mapping, reason=reason, by=by)


def _go_on(run: Run, *, is_automatic: bool) -> None:
    run.status = Run.Status.RECEIVED
    if not is_automatic:
        run.approval = Run.Approval.PENDING
    run.save(update_fields=["status", "approval"])


def _waiting(run_id: int) -> Run:
    found = runs.locked(run_id)
    if found.status != Run.Status.WAITING:
        raise AlreadyDecidedError("Lượt nạp này không chờ đồng ý cấu trúc.")
    return found


def _wider(old: str, new: str) -> bool:
    return old != new and catalogue.is_wider(old, new)  # type: ignore[arg-type]  # field types
