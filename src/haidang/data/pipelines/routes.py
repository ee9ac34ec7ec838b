"""Pipelines for other programs: /api/v1/pipelines and below."""

import datetime as dt
from typing import Any, Literal

from django.core.paginator import Paginator
from ninja import Router, Schema, Status

from haidang.data.pipelines import api, permissions, queries
from haidang.data.pipelines.models import Pipeline, PipelineRun, PipelineVersion
from haidang.data.pipelines.queries import graphs
from haidang.data.pipelines.queries.listing import search
from haidang.foundation.access.api import ScopedRequest, SessionOrKey

router = Router(tags=["Luồng xử lý dữ liệu"])
_PAGE = 100


class TestText(Schema):
    """Câu lệnh không được trả về dòng nào; bảng `ket_qua` là kết quả."""

    title: str
    sql: str


class TextIn(Schema):
    """Một phiên bản: câu lệnh SELECT trên các bộ dữ liệu đầu vào."""

    sql: str
    inputs: list[str]
    tests: list[TestText] = []
    min_rows: int | None = None
    max_rows: int | None = None
    why: str


class TimingIn(Schema):
    cadence: Literal["manual", "hourly", "daily", "landed"] = "manual"
    minute: int = 5
    at: dt.time | None = None
    lookback: int = 3


class PipelineIn(TextIn):
    code: str
    title: str
    output: str
    purpose: str = ""
    timing: TimingIn = TimingIn()


class AroundIn(TimingIn):
    title: str
    purpose: str = ""


class VersionOut(Schema):
    number: int
    state: str
    sql: str
    inputs: list[str]
    tests: list[dict[str, str]]
    min_rows: int | None
    max_rows: int | None
    has_period: bool
    origin: str
    why: str
    written_by: str
    written_at: dt.datetime
    tried_at: dt.datetime | None
    decided_by: str
    decided_at: dt.datetime | None


class PipelineOut(Schema):
    code: str
    title: str
    purpose: str
    output: str
    inputs: list[str]
    cadence: str
    minute: int
    at: dt.time | None
    lookback: int
    is_on: bool
    version: int | None
    next_at: dt.datetime | None


class PipelineWhole(PipelineOut):
    versions: list[VersionOut]


class PipelinesOut(Schema):
    total: int
    items: list[PipelineOut]


class RunOut(Schema):
    """Một lần chạy: rows_made = accepted + quarantined + duplicate khi state là landed."""

    id: int
    pipeline: str
    version: int
    cause: str
    state: str
    from_day: dt.date | None
    to_day: dt.date | None
    asked_by: str
    queued_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    inputs: list[dict[str, Any]]
    tests: list[dict[str, Any]]
    log: list[list[str]]
    rows_made: int
    batch: int | None
    accepted: int
    quarantined: int
    duplicate: int
    revised: int
    failure: str


class RunsOut(Schema):
    total: int
    items: list[RunOut]


class DaysIn(Schema):
    """Từ ngày đầu đến trước ngày sau cùng; bỏ trống là kỳ thường lệ."""

    from_day: dt.date | None = None
    to_day: dt.date | None = None
    as_known_on: dt.datetime | None = None


class TriedRow(Schema):
    line: int
    cells: list[str]
    reasons: list[str]


class TriedOut(Schema):
    is_good: bool
    rows: int
    is_whole: bool
    headings: list[str]
    first: list[TriedRow]
    tests: list[dict[str, Any]]
    inputs: list[dict[str, Any]]


class ReasonIn(Schema):
    reason: str = ""


class BackfillIn(Schema):
    from_day: dt.date
    to_day: dt.date
    step: Literal["day", "month", "year"] = "month"
    reason: str


class BackfillOut(Schema):
    id: int
    from_day: dt.date
    to_day: dt.date
    step: str
    reason: str
    asked_by: str
    total: int
    over: int
    failed: int
    is_cancelled: bool


class EdgeOut(Schema):
    pipeline: str
    inputs: list[str]
    output: str
    is_on: bool


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
def post_approval(request: ScopedRequest, code: str, body: ReasonIn) -> dict[str, Any]:
    """Người soạn không tự duyệt."""
    api.switch_on(pipeline=code, by=request.scope, reason=body.reason)
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
    return {"total": paged.count, "items": [_run(one) for one in paged.get_page(page)]}


@router.post(
    "/pipelines/{code}/runs", response={202: RunOut}, auth=SessionOrKey(permissions.MANAGE),
    summary="Chạy ngay",
)  # fmt: skip
def post_run(request: ScopedRequest, code: str, body: DaysIn) -> Status[dict[str, Any]]:
    return Status(202, _run(api.run_now(pipeline=code, by=request.scope, days=_days(body))))


@router.get(
    "/pipeline-runs/{int:run_id}", response=RunOut, auth=SessionOrKey(permissions.VIEW),
    summary="Một lần chạy",
)  # fmt: skip
def get_run(request: ScopedRequest, run_id: int) -> dict[str, Any]:
    return _run(queries.run_seen(request.scope, run_id))


@router.post(
    "/pipeline-runs/{int:run_id}/cancel", response=RunOut, auth=SessionOrKey(permissions.MANAGE),
    summary="Dừng một lần chạy",
)  # fmt: skip
def post_cancel(request: ScopedRequest, run_id: int) -> dict[str, Any]:
    api.cancel_run(run=run_id, by=request.scope)
    return _run(queries.run_seen(request.scope, run_id))


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
    return api.Text(body.sql, body.inputs, tests, body.min_rows, body.max_rows)


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


def _run(one: PipelineRun) -> dict[str, Any]:
    given = {name: getattr(one, name) for name in RunOut.model_fields if hasattr(one, name)}
    return given | {
        "pipeline": one.pipeline.code, "version": one.version.number, "asked_by": one.asked_label
    }  # fmt: skip


def _backfills(found: Pipeline) -> list[dict[str, Any]]:
    return [
        {"id": one.pk, "from_day": one.from_day, "to_day": one.to_day, "step": one.step,
         "reason": one.reason, "asked_by": one.asked_label, "total": getattr(one, "total", 0),
         "over": getattr(one, "over", 0), "failed": getattr(one, "failed", 0),
         "is_cancelled": one.cancelled_at is not None}
        for one in graphs.backfills(found)
    ]  # fmt: skip
