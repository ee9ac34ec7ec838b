"""Waiting and decided rows: blotted where they stand, with what the audit says of their values."""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from haidang.data.ingest.actions.removal.expanding import runs_of
from haidang.data.ingest.models import QuarantinedRow, Run
from haidang.data.ingest.rules import redaction
from haidang.data.protection import api as protection
from haidang.foundation.core import audit, files
from haidang.foundation.core.models import StoredFile

WORD = audit.REMOVED
CODE = "removed"
_AT_ONCE = 2000


class WaitingRows:
    """Rows that broke the contract, kept as they came."""

    title = "Dữ liệu chờ xử lý"

    def preview(self, target: protection.Target) -> protection.Found:
        count = sum(1 for _ in found(target))
        return protection.Found({"dòng chờ xử lý hoặc đã quyết định": count} if count else {})

    def erase(self, target: protection.Target, note_file: protection.NoteFile) -> protection.Found:
        count, part = 0, []
        for row in found(target):
            part.append(row)
            if len(part) == _AT_ONCE:
                count, part = count + _blot(part, note_file), []
        count += _blot(part, note_file)
        _forget_texts(target)
        return protection.Found({"dòng chờ xử lý hoặc đã quyết định": count} if count else {})


def found(target: protection.Target) -> Iterator[QuarantinedRow]:
    """Yield the rows that go and still say anything."""
    for dataset in target.datasets:
        rows = QuarantinedRow.objects.filter(run__dataset=dataset).exclude(first_code=CODE)
        batches = target.batches.get(dataset, frozenset())
        if batches:
            runs = runs_of(dataset, batches)
            of_runs = Q(run__in=runs, run__stream_hour=None) | Q(
                run__in=runs, raw__batch__in=sorted(batches)
            )
            yield from rows.filter(of_runs).iterator(_AT_ONCE)
        if target.groups.get(dataset):
            for row in rows.iterator(_AT_ONCE):
                if row.run_id not in batches and _matches(target, dataset, row):
                    yield row


def _matches(target: protection.Target, dataset: str, row: QuarantinedRow) -> bool:
    if target.matches_row(dataset, row.raw) or target.matches_row(dataset, row.mended or {}):
        return True
    line = " ".join(str(row.raw.get(name, "")) for name in ("", "original"))
    alone = [group for group in target.groups[dataset] if len(group) == 1]
    said = [str(value) for value in row.raw.values()] + redaction.cells(line)
    return bool(alone) and any(target.matches([cell]) for cell in said)


@transaction.atomic
def _blot(rows: list[QuarantinedRow], note_file: protection.NoteFile) -> int:
    for row in rows:
        _remove_file(row, note_file)
        row.raw = {"": WORD}
        row.mended = None
        row.reasons = [{"field": "", "code": CODE, "message": f"{WORD}."}]
        row.first_code = CODE
        if row.state == QuarantinedRow.State.OPEN:
            row.state, row.decided_at = QuarantinedRow.State.DISCARDED, timezone.now()
            row.decision_reason = WORD
    QuarantinedRow.objects.bulk_update(
        rows,
        ["raw", "mended", "reasons", "first_code", "state", "decided_at", "decision_reason"],
        batch_size=_AT_ONCE,
    )
    audit.blot("ingest.quarantinedrow", [row.pk for row in rows])
    return len(rows)


def _remove_file(row: QuarantinedRow, note_file: protection.NoteFile) -> None:
    """Delete the file that holds what was too long for the row."""
    sha256 = str(row.raw.get("file", ""))
    if row.run.stream_hour is not None and StoredFile.objects.filter(pk=sha256).exists():
        note_file(sha256)
        files.remove(sha256)


@transaction.atomic
def _forget_texts(target: protection.Target) -> None:
    """Blot names and sentences of whole runs, which may tell what their files said."""
    for dataset, batches in target.batches.items():
        runs = Run.objects.filter(pk__in=batches, dataset=dataset)
        StoredFile.objects.filter(pk__in=runs.values("file_id")).update(name=f"({WORD.lower()})")
        runs.exclude(file_name="").update(file_name=f"({WORD.lower()})")
        runs.exclude(failure="").update(failure=f"{WORD}.")
        runs.exclude(notes=[]).update(notes=[f"{WORD}."])
        failed = runs.filter(status="failed").values_list("pk", flat=True)
        audit.blot("ingest.run", failed, with_reasons=True)
