"""Pipelines for other programs: /api/v1/pipelines and below."""

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from ninja import Router, Status

from haidang.data.pipelines import api, permissions, queries
from haidang.data.pipelines.models import Pipeline, PipelineRun, PipelineVersion
from haidang.data.pipelines.queries import graphs
from haidang.data.pipelines.queries.listing import search
from haidang.data.pipelines.queries.showing import Shown
from haidang.data.pipelines.routes.shapes import (
    ApprovalIn,
    AroundIn,
    BackfillIn,
    BackfillOut,
    DaysIn,
    EdgeOut,
    PipelineIn,
    PipelinesOut,
    PipelineWhole,
    ReasonIn,
    RunOut,
    RunsOut,
    TextIn,
    TimingIn,
    TriedOut,
    VersionOut,
)
from haidang.foundation.access.api import ScopedRequest, SessionOrKey

router = Router(tags=["Luồng xử lý dữ liệu"])
_PAGE = 100


@router.get(
    "/pipelines", response=PipelinesOut, auth=SessionOrKey(permissions.VIEW),
    summary="Các luồng xử lý dữ liệu",
)  # fmt: skip
def get_pipelines(request: ScopedRequest, q: str = "", state: str = "", page: int = 1) -> Any:
    """Theo tên, 100 luồng một trang; state: on, off."""
    paged = Paginator(search(queries.visible(request.scope), q, state), _PAGE)
    return {"total": paged.count, "items": [_out(one) for one in paged.get_page(page)]}


@router.get(
    "/pipelines/graph", response=list[EdgeOut], auth=SessionOrKey(permissions.VIEW),
    summary="Bộ dữ liệu nào được làm ra từ bộ nào",
)  # fmt: skip
def get_graph(request: ScopedRequest) -> list[dict[str, Any]]:
    """Các luồng đã có phiên bản được duyệt."""
    return [
        {"pipeline": one.code, "inputs": one.version.inputs, "output": one.output,
         "is_on": one.is_on}
        for one in queries.visible(request.scope)
        if one.version is not None
    ]  # fmt: skip


@router.post(
    "/pipelines", response={201: PipelineWhole}, auth=SessionOrKey(permissions.MANAGE),
    summary="Thêm luồng với bản nháp đầu tiên",
)  # fmt: skip
def post_pipeline(request: ScopedRequest, body: PipelineIn) -> Status[dict[str, Any]]:
    """Câu lệnh được kiểm ngay; chạy thử rồi người thứ hai duyệt."""
    api.create(
        code=body.code, title=body.title, output=body.output, text=_text(body), by=request.scope,
        why=body.why, purpose=body.purpose, timing=_timing(body.timing),
    )  # fmt: skip
    return Status(201, _whole(queries.seen(request.scope, body.code)))


@router.get(
    "/pipelines/{code}", response=PipelineWhole, auth=SessionOrKey(permissions.VIEW),
    summary="Một luồng với các phiên bản",
)  # fmt: skip
def get_pipeline(request: ScopedRequest, code: str) -> dict[str, Any]:
    return _whole(queries.seen(request.scope, code))


@router.put(
    "/pipelines/{code}", response=PipelineWhole, auth=SessionOrKey(permissions.MANAGE),
    summary="Đổi tên và lịch chạy",
)  # fmt: skip
def put_pipeline(request: ScopedRequest, code: str, body: AroundIn) -> dict[str, Any]:
    api.change(
        pipeline=code, title=body.title, purpose=body.purpose, timing=_timing(body),
        by=request.scope,
    )  # fmt: skip
    return _whole(queries.seen(request.scope, code))


@router.post(
    "/pipelines/{code}/versions", response={201: VersionOut},
    auth=SessionOrKey(permissions.MANAGE), summary="Soạn phiên bản kế tiếp",
)  # fmt: skip
def post_version(request: ScopedRequest, code: str, body: TextIn) -> Status[dict[str, Any]]:
    """Bản nháp đang mở được ghi đè, phải chạy thử lại."""
    return Status(
        201, _version(api.draft(pipeline=code, text=_text(body), by=request.scope, why=body.why))
    )


@router.post(
    "/pipelines/{code}/try", response=TriedOut, auth=SessionOrKey(permissions.MANAGE),
    summary="Chạy thử bản nháp trên số liệu thật, không ghi gì",
)  # fmt: skip
def post_try(request: ScopedRequest, code: str, body: DaysIn) -> dict[str, Any]:
    """`as_known_on`: theo số liệu đã biết đến lúc đó; không tính là đã chạy thử."""
    tried = api.try_version(
        pipeline=code, by=request.scope, days=_days(body), as_known_on=body.as_known_on
    )
    trial = tried.trial
    first = [
        {"line": one.line, "cells": list(one.cells), "reasons": list(one.reasons)}
        for one in (trial.rows if trial else ())
    ]
    return {
        "is_good": tried.is_good, "rows": tried.rows, "is_whole": tried.is_whole,
        "headings": list(trial.headings) if trial else [], "first": first, "tests": tried.tests,
        "inputs": tried.inputs,
    }  # fmt: skip


@router.post(
    "/pipelines/{code}/approve", response=PipelineWhole, auth=SessionOrKey(permissions.APPROVE),
    summary="Duyệt đưa phiên bản vào dùng",
)  # fmt: skip
def post_approval(request: ScopedRequest, code: str, body: ApprovalIn) -> dict[str, Any]:
    """Người soạn không tự duyệt; duyệt đúng nội dung đã xem."""
    api.switch_on(pipeline=code, by=request.scope, reason=body.reason, seal=body.seal)
    return _whole(queries.seen(request.scope, code))


@router.post(
    "/pipelines/{code}/stop", response=PipelineWhole, auth=SessionOrKey(permissions.MANAGE),
    summary="Dừng luồng",
)  # fmt: skip
def post_stop(request: ScopedRequest, code: str, body: ReasonIn) -> dict[str, Any]:
    api.switch_off(pipeline=code, by=request.scope, reason=body.reason)
    return _whole(queries.seen(request.scope, code))


@router.post(
    "/pipelines/{code}/resume", response=PipelineWhole, auth=SessionOrKey(permissions.MANAGE),
    summary="Chạy lại luồng đã dừng",
)  # fmt: skip
def post_resume(request: ScopedRequest, code: str, body: ReasonIn) -> dict[str, Any]:
    api.resume(pipeline=code, by=request.scope, reason=body.reason)
    return _whole(queries.seen(request.scope, code))


@router.get(
    "/pipelines/{code}/runs", response=RunsOut, auth=SessionOrKey(permissions.VIEW),
    summary="Các lần chạy, mới nhất trước",
)  # fmt: skip
def get_runs(request: ScopedRequest, code: str, page: int = 1) -> dict[str, Any]:
    paged = Paginator(queries.runs(queries.seen(request.scope, code)), _PAGE)
    shown = Shown(request.scope)
    return {"total": paged.count, "items": [_run(one, shown) for one in paged.get_page(page)]}


@router.post(
    "/pipelines/{code}/runs", response={202: RunOut}, auth=SessionOrKey(permissions.MANAGE),
    summary="Chạy ngay",
)  # fmt: skip
def post_run(request: ScopedRequest, code: str, body: DaysIn) -> Status[dict[str, Any]]:
    made = api.run_now(pipeline=code, by=request.scope, days=_days(body))
    return Status(202, _run(made, Shown(request.scope)))


@router.get(
    "/pipeline-runs/{int:run_id}", response=RunOut, auth=SessionOrKey(permissions.VIEW),
    summary="Một lần chạy",
)  # fmt: skip
def get_run(request: ScopedRequest, run_id: int) -> dict[str, Any]:
    return _run(queries.run_seen(request.scope, run_id), Shown(request.scope))


@router.post(
    "/pipeline-runs/{int:run_id}/cancel", response=RunOut, auth=SessionOrKey(permissions.MANAGE),
    summary="Dừng một lần chạy",
)  # fmt: skip
def post_cancel(request: ScopedRequest, run_id: int) -> dict[str, Any]:
    api.cancel_run(run=run_id, by=request.scope)
    return _run(queries.run_seen(request.scope, run_id), Shown(request.scope))


@router.get(
    "/pipelines/{code}/backfills", response=list[BackfillOut],
    auth=SessionOrKey(permissions.VIEW), summary="Các đợt tính lại kỳ cũ",
)  # fmt: skip
def get_backfills(request: ScopedRequest, code: str) -> list[dict[str, Any]]:
    return _backfills(queries.seen(request.scope, code))


@router.post(
    "/pipelines/{code}/backfills", response={202: list[BackfillOut]},
    auth=SessionOrKey(permissions.MANAGE), summary="Tính lại các kỳ cũ",
)  # fmt: skip
def post_backfill(request: ScopedRequest, code: str, body: BackfillIn) -> Status[Any]:
    """Mỗi kỳ một lần chạy, kỳ cũ trước."""
    api.backfill(
        pipeline=code, start=body.from_day, end=body.to_day, step=body.step, by=request.scope,
        reason=body.reason,
    )  # fmt: skip
    return Status(202, _backfills(queries.seen(request.scope, code)))


@router.post(
    "/pipeline-backfills/{int:backfill_id}/cancel", response={204: None},
    auth=SessionOrKey(permissions.MANAGE), summary="Dừng một đợt tính lại",
)  # fmt: skip
def post_cancel_backfill(request: ScopedRequest, backfill_id: int, body: ReasonIn) -> Status[None]:
    api.cancel_backfill(backfill=backfill_id, by=request.scope, reason=body.reason)
    return Status(204, None)


def _text(body: TextIn) -> api.Text:
    tests = [{"title": one.title, "sql": one.sql} for one in body.tests]
    return api.Text(body.sql, body.inputs, tests, body.min_rows, body.max_rows, engine=body.engine)


def _timing(body: TimingIn) -> api.Timing:
    return api.Timing(body.cadence, body.minute, body.at, body.lookback)


def _days(body: DaysIn) -> tuple[dt.date, dt.date] | None:
    if bool(body.from_day) != bool(body.to_day):
        raise api.PipelineError("Ghi cả from_day và to_day, hoặc bỏ trống cả hai.")
    return (body.from_day, body.to_day) if body.from_day and body.to_day else None


def _out(one: Pipeline) -> dict[str, Any]:
    names = (
        "code", "title", "purpose", "output", "cadence", "minute", "at", "lookback", "is_on",
        "next_at",
    )  # fmt: skip
    used = one.version
    said = {name: getattr(one, name) for name in names}
    return said | {
        "version": used.number if used else None, "inputs": used.inputs if used else []
    }  # fmt: skip


def _whole(one: Pipeline) -> dict[str, Any]:
    return _out(one) | {"versions": [_version(row) for row in one.versions.order_by("-number")]}


def _version(row: PipelineVersion) -> dict[str, Any]:
    given = {name: getattr(row, name) for name in VersionOut.model_fields if hasattr(row, name)}
    return given | {"written_by": row.written_label, "decided_by": row.decided_label}


def _run(one: PipelineRun, shown: Shown) -> dict[str, Any]:
    given = {name: getattr(one, name) for name in RunOut.model_fields if hasattr(one, name)}
    return given | {
        "pipeline": one.pipeline.code, "version": one.version.number, "asked_by": one.asked_label,
        "tests": shown.tests(one.version, one.tests),
    }  # fmt: skip


def _backfills(found: Pipeline) -> list[dict[str, Any]]:
    return [
        {"id": one.pk, "from_day": one.from_day, "to_day": one.to_day, "step": one.step,
         "reason": one.reason, "asked_by": one.asked_label, "total": getattr(one, "total", 0),
         "over": getattr(one, "over", 0), "failed": getattr(one, "failed", 0),
         "is_cancelled": one.cancelled_at is not None}
        for one in graphs.backfills(found)
    ]  # fmt: skip
