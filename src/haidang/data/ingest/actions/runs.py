"""Loading: receive, check, commit, hand out the receipt; cancel, approve, reject."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from haidang.data.ingest import queries
from haidang.data.ingest.actions import exclusive, lateness, processing, structures
from haidang.data.ingest.actions.who import By, allowed
from haidang.data.ingest.errors import (
    AlreadyDecidedError,
    CancelledError,
    IdempotencyError,
    IngestError,
    RunNotFoundError,
    SamePersonError,
    SecretFileError,
    SourceNotFoundError,
    StructureChangedError,
    TooLargeError,
)
from haidang.data.ingest.files import secrecy
from haidang.data.ingest.models import QuarantinedRow, Run, Source
from haidang.data.ingest.rules.values import Receipt
from haidang.data.warehouse import api as warehouse
from haidang.foundation.core import audit, events, files, jobs, live
from haidang.foundation.core.errors import HaidangError
from haidang.foundation.core.models import StoredFile

LOAD_JOB = "ingest.load_run"
INLINE_BYTES = 4 << 20
_log = logging.getLogger(__name__)

Content = Path | bytes | BinaryIO | Iterable[bytes]


def load(
    *,
    source: str,
    file: Content,
    by: By,
    name: str = "",
    media: str = "",
    channel: str = Run.Channel.FILE,
    idempotency_key: str | None = None,
    wait: bool = True,
    records: str = "",
    is_typed: bool = False,
    known: Callable[[Run], None] = lambda run: None,
) -> Receipt:
    """Load a file through the source's contract and return its receipt.

    `records` says where in a JSON or XML document the rows stand. `known` is called with the run
    in the transaction in which it becomes known, also where a repeat finds the first.

    The original is kept by its hash before anything is read. The same idempotency key returns the
    first receipt. With `wait=False` a large file becomes a job and the receipt says "received".
    Raises SourceNotFoundError, NotAllowedError, TooLargeError, UnreadableFileError, LayoutError,
    IdempotencyError; what the check of the file raises is also written on the run. Raises
    SecretFileError for a file with a mark of secrecy: nothing of it is kept but that it came.
    """
    # One transaction: a run that is known has its job, so that a repeat need not ask for it.
    with _opened(file) as content, refusals_recorded(source, by), transaction.atomic():
        run, is_new = receive(
            source=source,
            content=content,
            name=name or (file.name if isinstance(file, Path) else ""),
            media=media,
            channel=channel,
            key=idempotency_key,
            by=by,
            records=records,
            is_typed=is_typed,
        )
        known(run)
        is_left = not wait and is_new and is_long(run)
        if is_left:
            jobs.defer(LOAD_JOB, queue="bulk", lock=f"source:{source}", run_id=run.pk)
    if is_left or not is_new:
        return queries.receipt_of(run)
    return process(run_id=run.pk)


@contextmanager
def refusals_recorded(source: str, by: By) -> Iterator[None]:
    """Record that a secret came, after all else of its transaction is undone."""
    try:
        yield
    except SecretFileError as error:
        owner = Source.objects.get(code=source)
        actor = allowed(by, "ingest.load", owner)
        with transaction.atomic():
            audit.record(
                action="ingest.secret_refused", on=owner, by=actor, changes={"mark": error.mark}
            )
        raise


def load_file(*, dataset: str, file: Path, scope: By, source: str | None = None) -> Receipt:
    """Load a file of this machine for `haidang load`; the source may follow from the dataset.

    Raises what `load` raises, and IngestError when several sources feed the dataset.
    """
    if source is None:
        feeding = [one for one in queries.sources(dataset) if one.is_active]
        if len(feeding) > 1:
            named = ", ".join(one.code for one in feeding)
            raise IngestError(f"Bộ dữ liệu “{dataset}” có nhiều nguồn, cần chọn một: {named}.")
        source = queries.source_for(dataset).code
    elif queries.source(source).dataset != dataset:
        raise IngestError(f"Nguồn “{source}” không cung cấp bộ dữ liệu “{dataset}”.")
    return load(source=source, file=file, by=scope, channel=Run.Channel.COMMAND)


@contextmanager
def _opened(file: Content) -> Iterator[bytes | BinaryIO | Iterable[bytes]]:
    if isinstance(file, Path):
        with file.open("rb") as opened:
            yield opened
    else:
        yield file


def is_long(run: Run) -> bool:
    """Say whether a run's file takes longer to read than a page may wait."""
    return run.file is not None and run.file.size > INLINE_BYTES


def process(*, run_id: int) -> Receipt:
    """Check and commit a received run; safe to repeat after a crash at any point.

    While another is at it, nothing happens and the receipt says "checking".

    A file that differs from the agreed structure waits for a person's consent (status "waiting").

    Raises what was wrong with the file, after writing it on the run. Where disk or database are
    away the run stays as it is and that is raised: a job finds it again.
    """
    with exclusive.held(run_id) as is_held:
        run = _started(run_id)
        return _processed(run) if is_held else queries.receipt_of(run)


def _processed(run: Run) -> Receipt:
    if run.is_finished or run.status == Run.Status.WAITING:
        return queries.receipt_of(run)
    try:
        landed = warehouse.landed([run.pk]).get(run.pk) or processing.bring_in(run)
    except StructureChangedError as error:
        return _held(run, error)
    except Exception as error:
        if warehouse.is_passing(error):
            _log.warning("run %s waits for disk or database", run.pk, exc_info=True)
            raise
        if isinstance(error, HaidangError):
            _failed(run, error)
            raise
        _log.exception("run %s could not be loaded", run.pk)
        _failed(run, IngestError("Lỗi trong hệ thống khi nạp. Tệp gốc đã được giữ; nạp lại được."))
        raise
    return _finished(run, landed)


@transaction.atomic
def cancel(*, run: int, by: By) -> None:
    """Ask a run that is still being read to stop; nothing of it will have landed."""
    found = locked(run)
    actor = allowed(by, "ingest.load", found.source)
    if found.is_finished:
        raise AlreadyDecidedError("Lượt nạp này đã kết thúc, không hủy được nữa.")
    found.cancel_asked_at = timezone.now()
    fields = ["cancel_asked_at"]
    if found.status in {Run.Status.RECEIVED, Run.Status.WAITING}:
        found.status, found.finished_at = Run.Status.CANCELLED, timezone.now()
        fields += ["status", "finished_at"]
    found.save(update_fields=fields)
    audit.record(action="ingest.run_cancelled", on=found, by=actor)


def approve_run(*, run: int, by: By, reason: str = "") -> None:
    """Approve a run so that figures count it. Raises SamePersonError, AlreadyDecidedError."""
    _decide(run, Run.Approval.APPROVED, by, reason)


def reject_run(*, run: int, by: By, reason: str) -> None:
    """Refuse a run: its rows stay in the lake and figures never count them."""
    if not reason.strip():
        raise IngestError("Cần ghi lý do khi không duyệt.")
    _decide(run, Run.Approval.REJECTED, by, reason)


@transaction.atomic
def _decide(run: int, decision: str, by: By, reason: str) -> None:
    found = locked(run)
    actor = allowed(by, "ingest.approve", found.source)
    if found.approval != Run.Approval.PENDING or found.status != Run.Status.LANDED:
        raise AlreadyDecidedError("Lượt nạp này không chờ duyệt.")
    if queries.has_typed(found, actor.id):
        raise SamePersonError
    found.approval, found.decided_at = decision, timezone.now()
    found.decided_by_id, found.decision_reason = actor.id, reason
    found.save(update_fields=["approval", "decided_at", "decided_by", "decision_reason"])
    audit.record(action=f"ingest.run_{decision}", on=found, by=actor, reason=reason)
    _publish(f"ingest.run_{decision}", found)


@transaction.atomic
def receive(
    *,
    source: str,
    content: bytes | BinaryIO | Iterable[bytes],
    name: str,
    media: str,
    channel: str,
    by: By,
    key: str | None = None,
    mends: int | None = None,
    is_typed: bool = False,
    records: str = "",
) -> tuple[Run, bool]:
    """Keep what arrived and open its run; return it, and whether it is new (see `load`).

    What a person typed (`is_typed`) is approved by another, also where the source is automatic.
    """
    owner = Source.objects.filter(code=source).first()
    if owner is None:
        raise SourceNotFoundError(f"Không tìm thấy nguồn dữ liệu “{source}”.")
    actor = allowed(by, "ingest.load" if mends is None else "ingest.mend", owner)
    if not owner.is_active:
        raise IngestError(f"Nguồn “{owner.title}” đã ngừng nhận số liệu.")
    stored = _stored(content, name, media)
    if key is not None and (known := _known(owner, key, stored.sha256)):
        return known, False
    run = _new_run(
        owner,
        stored,
        actor,
        is_typed=is_typed,
        channel=channel,
        file_name=name,
        content_type=media,
        records=records,
        idempotency_key=key,
        mends_id=mends,
    )
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError:
        if key is not None and (known := _known(owner, key, stored.sha256)):
            return known, False
        raise
    audit.record(action="ingest.run_received", on=run, by=actor, changes={"file": stored.sha256})
    return run, True


def _new_run(
    owner: Source, stored: StoredFile, actor: audit.Actor, *, is_typed: bool, **given: Any
) -> Run:
    """Return the unsaved run of what was kept; its id is the number of its batch."""
    needs_nobody = owner.is_automatic and not is_typed
    return Run(
        id=warehouse.next_batch(),
        source=owner,
        dataset=owner.dataset,
        file=stored,
        loaded_by_id=actor.id,
        loaded_by_label=actor.label,
        approval=Run.Approval.NOT_NEEDED if needs_nobody else Run.Approval.PENDING,
        **given,
    )


def _stored(content: bytes | BinaryIO | Iterable[bytes], name: str, media: str) -> StoredFile:
    limit: int = settings.MAX_UPLOAD_BYTES
    try:
        return files.store(content, name=name, media_type=media, max_bytes=limit)
    except files.FileTooLargeError as error:
        raise TooLargeError(
            f"Tệp lớn hơn {limit >> 20} MB, mức tối đa của hệ thống. Chia thành nhiều tệp nhỏ hơn.",
            status=413,
        ) from error


def refuse_secret(path: Path) -> None:
    """Raise SecretFileError for a file that bears a mark of secrecy."""
    if mark := secrecy.mark_of(path):
        raise SecretFileError(mark)


def _known(owner: Source, key: str, sha256: str) -> Run | None:
    found = owner.runs.select_related("source", "file").filter(idempotency_key=key).first()
    if found is not None and found.file_id != sha256:
        raise IdempotencyError(status=409)
    return found


@transaction.atomic
def _started(run_id: int) -> Run:
    run = locked(run_id)
    if run.status == Run.Status.RECEIVED:
        run.status = Run.Status.CHECKING
        run.save(update_fields=["status"])
    return run


@transaction.atomic
def _finished(run: Run, landed: warehouse.Landed) -> Receipt:
    """Write the receipt from what landed, never from a second count."""
    found = locked(run.pk)
    if found.is_finished:
        return queries.receipt_of(found)
    now = timezone.now()
    counts = landed.counts
    found.read, found.quarantined = counts["read"], counts["quarantined"]
    found.repeated = counts["repeated"]
    found.accepted, found.revised = landed.accepted, landed.revised
    found.duplicate = landed.duplicate + found.repeated
    found.status, found.finished_at, found.progress = Run.Status.LANDED, now, 100
    if found.accepted == 0 and found.approval == Run.Approval.PENDING:
        found.approval = Run.Approval.NOT_NEEDED
    found.save()
    if found.read:
        lateness.delivered(source=found.source, at=now)
    audit.record(
        action="ingest.run_landed",
        on=found,
        by=audit.Actor(found.loaded_by_id, found.loaded_by_label),
        changes={
            name: getattr(found, name) for name in ("read", "accepted", "quarantined", "duplicate")
        },
    )
    _publish("ingest.run_finished", found)
    if found.quarantined:
        _publish("ingest.rows_quarantined", found)
    live.tell(
        "run", unit=found.source.supplier_id, sector=found.source.sector or None, run=found.pk
    )
    return queries.receipt_of(found)


@transaction.atomic
def _held(run: Run, error: StructureChangedError) -> Receipt:
    found = locked(run.pk)
    if not found.is_finished:
        QuarantinedRow.objects.filter(run=found).delete()
        structures.hold(found, error)
    return queries.receipt_of(found)


@transaction.atomic
def _failed(run: Run, error: HaidangError) -> None:
    QuarantinedRow.objects.filter(run=run).delete()
    cancelled = isinstance(error, CancelledError)
    found = locked(run.pk)
    found.status = Run.Status.CANCELLED if cancelled else Run.Status.FAILED
    found.failure, found.finished_at = error.message.replace("\x00", "\u2400"), timezone.now()
    found.approval = Run.Approval.NOT_NEEDED
    found.save(update_fields=["status", "failure", "finished_at", "approval"])
    audit.record(
        action=f"ingest.run_{found.status}",
        on=found,
        by=audit.Actor(found.loaded_by_id, found.loaded_by_label),
        reason=error.message,
    )
    _publish("ingest.run_failed", found)


def locked(run_id: int) -> Run:
    rows = Run.objects.select_for_update(of=("self",)).select_related("source", "file")
    found = rows.filter(pk=run_id).first()
    if found is None:
        raise RunNotFoundError(f"Không tìm thấy lượt nạp {run_id}.")
    return found


def _publish(name: str, run: Run) -> None:
    events.publish(
        name,
        aggregate=f"source:{run.source.code}",
        run=run.pk,
        source=run.source.code,
        dataset=run.dataset,
        batch=run.pk,
    )
