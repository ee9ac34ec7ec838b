"""Runs: receipts, what waits for mending or approval, and the pedigree of a batch."""

from datetime import datetime

from django.db.models import Count, Q

from haidang.data.ingest.errors import RunNotFoundError
from haidang.data.ingest.models import QuarantinedRow, Run
from haidang.data.ingest.rules.values import Lineage, Receipt, Waiting
from haidang.data.protection import api as protection


def receipt(run_id: int) -> Receipt:
    """Return the receipt of a run as it stands now. Raises RunNotFoundError."""
    run = Run.objects.select_related("source").filter(pk=run_id).first()
    if run is None:
        raise RunNotFoundError(f"Không tìm thấy lượt nạp {run_id}.")
    return receipt_of(run)


def receipt_of(run: Run) -> Receipt:
    """Return the receipt of a run's row (its source loaded)."""
    return Receipt(
        run_id=run.pk,
        source=run.source.code,
        dataset=run.dataset,
        read=run.read,
        accepted=run.accepted,
        quarantined=run.quarantined,
        duplicate=run.duplicate,
        revised=run.revised,
        status=run.status,
        approval=run.approval,
        sha256=run.file_id or "",
        failure=run.failure,
    )


def pending_batches(dataset: str) -> frozenset[int]:
    """Return the batches of a dataset that figures must leave out: not approved, or rejected."""
    held = Run.objects.filter(dataset=dataset, approval__in=["pending", "rejected"])
    rows = held.values_list("id", "batches")
    return frozenset(batch for run, batches in rows for batch in (run, *batches))


def has_typed(run: Run, account_id: int | None) -> bool:
    """Tell whether an account loaded a run, or typed a value of a row that was mended into it."""
    if account_id is None:
        return False
    if run.loaded_by_id == account_id or run.mends_id is None:
        return run.loaded_by_id == account_id
    return run.mended_rows.filter(menders__contains=[account_id]).exists()


def awaits_approval(dataset: str) -> bool:
    """Tell whether landed rows of a dataset wait for somebody's approval."""
    waiting = Run.objects.filter(dataset=dataset, approval="pending", status="landed")
    return waiting.exists()


def waiting_rows(source: str, *, since: datetime) -> Waiting:
    """Return how many rows of a source wait, and how many were decided since then.

    A row that was mended waits until it is loaded again, and approved where that is needed.
    """
    state = QuarantinedRow.State
    on_its_way = Q(mended_in__status__in=["received", "checking"]) | Q(
        mended_in__status="landed", mended_in__approval="pending"
    )
    open_rows = Q(state=state.OPEN, run__status="landed") | Q(state=state.MENDED) & on_its_way
    rows = QuarantinedRow.objects.filter(source__code=source).filter(
        Q(state=state.OPEN) | Q(decided_at__gte=since) | on_its_way
    )
    return Waiting(
        **rows.aggregate(
            open=Count("pk", filter=open_rows),
            mended=Count("pk", filter=Q(state=state.MENDED) & ~on_its_way),
            discarded=Count("pk", filter=Q(state=state.DISCARDED)),
        )
    )


def lineage(dataset: str, batch: int) -> Lineage:
    """Return where a batch came from and who answers for it. Raises RunNotFoundError."""
    return lineage_of(_run_of(dataset, batch), batch)


def _file_gone(run: Run) -> str:
    """Return why the original is not kept any more; "" where it is, or never was."""
    gone = protection.gone_file(run.file_id) if run.file_id else None
    if gone is None:
        return ""
    return "Đã hết thời hạn lưu giữ" if gone.is_over else "Đã xóa theo yêu cầu của pháp luật"


def lineage_of(run: Run, batch: int) -> Lineage:
    """Return the pedigree of a batch of a run (its source and deciders loaded)."""
    return Lineage(
        batch=batch,
        run_id=run.pk,
        source=run.source.code,
        source_title=run.source.title,
        supplier_unit_id=run.source.supplier_id,
        dataset=run.dataset,
        channel=run.channel,
        file_name=run.file_name,
        sha256=run.file_id or "",
        file_gone=_file_gone(run),
        received_at=run.received_at,
        loaded_by=run.loaded_by_label,
        approval=run.approval,
        approved_by=_answers_for(run),
        approved_at=run.decided_at or run.source.approved_at,
        is_automatic=run.source.is_automatic,
        is_simulated=run.source.is_simulated,
    )


def _run_of(dataset: str, batch: int) -> Run:
    runs = Run.objects.select_related("source", "decided_by", "source__approved_by")
    found = runs.filter(pk=batch).first()
    if found is None:
        hours = runs.filter(dataset=dataset, first_batch__lte=batch, last_batch__gte=batch)
        found = hours.order_by("first_batch").last()
    if found is None:
        raise RunNotFoundError(f"Không tìm thấy lượt nạp của lô {batch}.")
    return found


def _answers_for(run: Run) -> str:
    if run.approval == Run.Approval.APPROVED and run.decided_by is not None:
        return run.decided_by.full_name
    if run.approval == Run.Approval.NOT_NEEDED and run.source.approved_by is not None:
        return run.source.approved_by.full_name
    return ""
