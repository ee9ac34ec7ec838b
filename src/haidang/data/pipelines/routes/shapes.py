"""What the typed API of pipelines takes and hands out."""

import datetime as dt
from typing import Any, Literal

from ninja import Schema


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
    engine: Literal["duckdb", "spark"] = "duckdb"
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
    engine: str
    seal: str
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


class ApprovalIn(Schema):
    """`seal`: mã nội dung của phiên bản đã xem, như API trả về; nội dung đã đổi thì không duyệt."""

    reason: str
    seal: str


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
