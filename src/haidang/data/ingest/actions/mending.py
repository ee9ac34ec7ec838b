"""What a person does with waiting rows: mend, load again, discard."""

from collections.abc import Container, Iterable, Mapping

import orjson
from django.db import transaction
from django.utils import timezone

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import queries
from haidang.data.ingest.actions import facts, runs
from haidang.data.ingest.actions.who import By, allowed
from haidang.data.ingest.errors import (
    AlreadyDecidedError,
    IngestError,
    RowNotFoundError,
    RowStillWrongError,
)
from haidang.data.ingest.models import QuarantinedRow, Run
from haidang.data.ingest.rules import mending
from haidang.data.ingest.rules.layout import layout
from haidang.data.ingest.rules.values import Receipt
from haidang.foundation.core import audit, jobs

_CLOSED = "•••"


@transaction.atomic
def mend(*, row: int, values: Mapping[str, str], by: By) -> None:
    """Keep a row's mended values; they are loaded by `replay`.

    Raises RowStillWrongError whose `details["reasons"]` say what is wrong in which field.
    """
    found = open_rows([row])[0]
    source = found.run.source
    actor = allowed(by, "ingest.mend", source)
    contract = catalogue.contract(found.run.dataset)
    given = {each.name: values[each.name] for each in contract.fields if each.name in values}
    known = facts.known(source, contract, mending.layout_for(layout(source.mapping)))
    if wrong := mending.faults_of(given, contract.fields, known):
        raise RowStillWrongError(reasons=wrong)
    changes = told(found, given, catalogue.personal_fields(found.run.dataset))
    found.mended = given
    if actor.id is not None and actor.id not in found.menders:
        found.menders = [*found.menders, actor.id]
    found.save(update_fields=["mended", "menders"])
    audit.record(action="ingest.row_mended", on=found, by=actor, changes=changes)


def replay(*, rows: Iterable[int], by: By, wait: bool = True, reason: str = "") -> Receipt:
    """Load waiting rows of one run again, mended or as they are, as a new run linked to it.

    Rows that still break the contract wait again, under the new run. Raises RowNotFoundError.
    """
    run = taken(sorted(set(rows)), by, reason)
    return later(run) if not wait and runs.is_long(run) else at_once(run)


def at_once(run: Run) -> Receipt:
    """Load a replay now; where it cannot be, its rows wait as before."""
    try:
        return runs.process(run_id=run.pk)
    except Exception:
        give_back(run=run.pk)
        raise


def later(run: Run) -> Receipt:
    """Have a replay loaded by a job."""
    jobs.defer(runs.LOAD_JOB, queue="bulk", lock=f"source:{run.source.code}", run_id=run.pk)
    return queries.receipt_of(run)


@transaction.atomic
def discard(*, rows: Iterable[int], reason: str, by: By) -> int:
    """Give up waiting rows for a reason; they stay on record. Return how many."""
    if not reason.strip():
        raise IngestError("Cần ghi lý do loại bỏ.")
    found = open_rows(sorted(set(rows)))
    actors = {row.run.source_id: allowed(by, "ingest.mend", row.run.source) for row in found}
    actor = next(iter(actors.values()))
    QuarantinedRow.objects.filter(pk__in=[row.pk for row in found]).update(
        state=QuarantinedRow.State.DISCARDED,
        decided_at=timezone.now(),
        decided_by_id=actor.id,
        decision_reason=reason.strip(),
    )
    audit.record_all(
        action="ingest.row_discarded", on=[(row, {}) for row in found], by=actor, reason=reason
    )
    return len(found)


@transaction.atomic
def taken(ids: list[int], by: By, reason: str = "") -> Run:
    """Open the new run of a replay and mark its rows, both or neither."""
    found = open_rows(ids)
    old = found[0].run
    if any(row.run_id != old.pk for row in found):
        raise IngestError("Mỗi lần chỉ nạp lại các dòng của một lượt nạp.")
    fields = catalogue.contract(old.dataset).fields
    content = b"\n".join(
        orjson.dumps(row.mended or mending.as_written_here(row.raw, fields, old.styles))
        for row in found
    )
    run, _ = runs.receive(
        source=old.source.code,
        content=content,
        name=f"sua-luot-nap-{old.pk}.ndjson",
        media="application/x-ndjson",
        channel=Run.Channel.MEND,
        by=by,
        mends=old.pk,
        is_typed=any(row.mended for row in found),
    )
    actor = allowed(by, "ingest.mend", old.source)
    QuarantinedRow.objects.filter(pk__in=[row.pk for row in found]).update(
        state=QuarantinedRow.State.MENDED,
        mended_in=run,
        decided_at=timezone.now(),
        decided_by_id=actor.id,
    )
    audit.record(
        action="ingest.rows_replayed",
        on=old,
        by=actor,
        changes={"run": run.pk, "rows": len(found)},
        reason=reason,
    )
    return run


@transaction.atomic
def give_back(*, run: int) -> None:
    """Have the rows of a replay that did not land wait as before."""
    ended = [Run.Status.FAILED, Run.Status.CANCELLED]
    if not Run.objects.filter(pk=run, status__in=ended).exists():
        return  # it has landed, or will
    QuarantinedRow.objects.filter(mended_in=run).update(
        state=QuarantinedRow.State.OPEN, mended_in=None, decided_at=None, decided_by=None
    )


def open_rows(ids: list[int]) -> list[QuarantinedRow]:
    """Hold waiting rows. Raises RowNotFoundError, AlreadyDecidedError."""
    rows = QuarantinedRow.objects.select_for_update(of=("self",)).select_related("run__source")
    found = list(rows.filter(pk__in=ids).order_by("row_no", "pk"))
    if not found or len(found) != len(ids):
        raise RowNotFoundError
    if any(row.state != QuarantinedRow.State.OPEN for row in found):
        raise AlreadyDecidedError("Có dòng đã được xử lý trước đó. Tải lại trang để xem.")
    return found


def told(
    row: QuarantinedRow, given: Mapping[str, str], closed: Container[str]
) -> dict[str, list[str]]:
    """Return what was mended; of personal data only that it was, for the trail is widely read."""
    before = row.mended or row.raw
    return {
        name: [_CLOSED, _CLOSED] if name in closed else [str(before.get(name, "")), value]
        for name, value in given.items()
        if before.get(name, "") != value
    }
