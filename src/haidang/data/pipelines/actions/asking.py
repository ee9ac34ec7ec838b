"""Asking for runs: by hand, by the clock, because an input landed, over past periods."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from haidang.data.pipelines import errors, queries
from haidang.data.pipelines.actions import running
from haidang.data.pipelines.models import Backfill, Pipeline, PipelineRun
from haidang.data.pipelines.permissions import MANAGE
from haidang.data.pipelines.rules import due
from haidang.foundation.access.api import Scope
from haidang.foundation.core import audit

MOST_PERIODS = 1_000
State, Cause = PipelineRun.State, PipelineRun.Cause


@transaction.atomic
def run_now(*, pipeline: str, by: Scope, days: running.Days = None) -> PipelineRun:
    """Have the version in use run now. Raises NotAllowedError, PipelineError."""
    found = _usable(pipeline, by)
    if days is not None and days[0] >= days[1]:
        raise errors.PipelineError("Ngày cuối phải sau ngày đầu.")
    made = running.queue(found, cause=Cause.MANUAL, actor=by.actor, days=days)
    audit.record(action="pipelines.run_asked", on=found, by=by.actor, changes={"run": made.pk})
    return made


@transaction.atomic
def backfill(
    *, pipeline: str, start: dt.date, end: dt.date, step: str, by: Scope, reason: str
) -> Backfill:
    """Have the periods of [start, end) computed again, one run each, oldest first."""
    found = _usable(pipeline, by)
    assert found.version is not None
    if not found.version.has_period:
        raise errors.PipelineError(
            "Câu lệnh không dùng :from, :to nên mỗi lần chạy đã tính lại toàn bộ; bấm “Chạy ngay”."
        )
    if not reason.strip():
        raise errors.PipelineError("Cần ghi lý do tính lại kỳ cũ.")
    if step not in Backfill.Step.values or start >= end:
        raise errors.PipelineError("Ngày cuối của khoảng tính lại phải sau ngày đầu.")
    spans = list(due.periods(start, end, step))
    if len(spans) > MOST_PERIODS:
        raise errors.PipelineError(
            f"Có {len(spans)} kỳ, nhiều hơn {MOST_PERIODS}; chọn kỳ dài hơn hoặc chia nhiều lần."
        )
    made = Backfill.objects.create(
        pipeline=found, from_day=start, to_day=end, step=step, reason=reason.strip(),
        asked_label=by.label,
    )  # fmt: skip
    for span in spans:
        running.queue(found, cause=Cause.BACKFILL, actor=by.actor, days=span, backfill=made.pk)
    changes = {"from": str(start), "to": str(end), "step": step, "periods": len(spans)}
    audit.record(
        action="pipelines.backfill_asked", on=found, by=by.actor, reason=reason, changes=changes
    )
    return made


@transaction.atomic
def cancel_run(*, run: int, by: Scope) -> None:
    """Stop a run that has not loaded; what waits never begins."""
    seen = queries.run_seen(by, run)
    by.require(MANAGE, seen.pipeline.owner_unit_id, seen.pipeline.sector)
    found = running.locked(run)
    if not found.is_open:
        raise errors.PipelineError("Lần chạy này đã kết thúc.")
    _cancel(found)
    audit.record(
        action="pipelines.run_cancelled", on=found.pipeline, by=by.actor, changes={"run": run}
    )


@transaction.atomic
def cancel_backfill(*, backfill: int, by: Scope, reason: str = "") -> None:
    """Stop a backfill: the periods that wait are not computed."""
    found = (
        Backfill.objects.select_related("pipeline")
        .filter(pk=backfill, pipeline__in=queries.visible(by))
        .first()
    )
    if found is None:
        raise errors.UnknownRunError
    by.require(MANAGE, found.pipeline.owner_unit_id, found.pipeline.sector)
    if found.cancelled_at is not None:
        raise errors.PipelineError("Đợt tính lại này đã được dừng.")
    found.cancelled_at = timezone.now()
    found.save(update_fields=["cancelled_at"])
    for one in found.runs.select_for_update(of=("self",)).filter(state__in=PipelineRun.OPEN):
        _cancel(one)
    audit.record(
        action="pipelines.backfill_cancelled", on=found.pipeline, by=by.actor, reason=reason,
        changes={"backfill": backfill},
    )  # fmt: skip


def _cancel(run: PipelineRun) -> None:
    run.cancel_asked_at = timezone.now()
    if run.state == State.QUEUED:
        run.state, run.finished_at = State.CANCELLED, timezone.now()
        running.note(run, "Đã hủy trước khi chạy.")
    run.save(update_fields=["cancel_asked_at", "state", "finished_at", "log"])


def run_due(now: dt.datetime) -> int:
    """Queue every pipeline whose time has come; return how many."""
    count = 0
    waiting = Pipeline.objects.filter(is_on=True, next_at__lte=now).values_list("pk", flat=True)
    for number in list(waiting):
        with transaction.atomic():
            found = _locked_due(number, now)
            if found is not None:
                _queue_once(found, Cause.SCHEDULE)
                found.next_at = due.next_due(found.cadence, found.minute, found.at, now)
                found.save(update_fields=["next_at"])
                count += 1
    return count


def run_landed(dataset: str) -> None:
    """Queue the pipelines that run when a dataset has new rows; a run that waits is enough."""
    found = Pipeline.objects.filter(
        is_on=True, cadence=Pipeline.Cadence.LANDED, version__inputs__contains=[dataset]
    )
    for number in found.values_list("pk", flat=True):
        with transaction.atomic():
            locked = Pipeline.objects.select_for_update(of=("self",)).select_related("version")
            _queue_once(locked.get(pk=number), Cause.LANDED)


def _queue_once(pipeline: Pipeline, cause: str) -> None:
    """Queue a regular run unless one of the same version waits that has not begun to read."""
    waiting = pipeline.runs.filter(
        state=State.QUEUED, version=pipeline.version, backfill=None, cause=cause
    )
    if not waiting.exists():
        running.queue(pipeline, cause=cause, actor=audit.SYSTEM)


def _locked_due(number: int, now: dt.datetime) -> Pipeline | None:
    rows = Pipeline.objects.select_for_update(of=("self",), skip_locked=True)
    return rows.select_related("version").filter(pk=number, is_on=True, next_at__lte=now).first()


def _usable(code: str, by: Scope) -> Pipeline:
    seen = queries.seen(by, code)
    by.require(MANAGE, seen.owner_unit_id, seen.sector)
    rows = Pipeline.objects.select_for_update(of=("self",)).select_related("version")
    found = rows.get(pk=seen.pk)
    if found.version is None:
        raise errors.PipelineError("Luồng chưa có phiên bản nào được duyệt đưa vào dùng.")
    return found
