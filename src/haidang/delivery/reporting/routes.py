"""Reports for other programs: /api/v1/reports."""

from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from ninja import Router, Schema

from haidang.delivery.reporting.actions import sending
from haidang.delivery.reporting.models import Assignment
from haidang.delivery.reporting.permissions import APPROVE, FILL, RECEIVE, VIEW
from haidang.delivery.reporting.queries import filling, reports
from haidang.delivery.reporting.queries.filling import Draft
from haidang.foundation.access.api import ScopedRequest, SessionOrKey
from haidang.foundation.org import api as org

router = Router(tags=["Báo cáo"], auth=SessionOrKey(VIEW))
MOST = 500


class ReportOut(Schema):
    """One unit's report of one period."""

    id: int
    regime: str
    unit: str
    period: str
    period_label: str
    due_at: datetime
    state: str


class ReportsOut(Schema):
    """One page of reports, and how many there are in all."""

    total: int
    items: list[ReportOut]


class VersionOut(Schema):
    """One version as it was sent."""

    number: int
    submitted_at: datetime
    values: dict[str, Decimal | None]
    notes: dict[str, str]


class WholeReportOut(ReportOut):
    """A report with all its versions, the newest first."""

    versions: list[VersionOut]


class FindingOut(Schema):
    """Something about one line: error, unusual, missing."""

    item: str
    kind: str
    text: str


class SavedOut(Schema):
    """What was kept, and what is still to be settled."""

    report: ReportOut
    findings: list[FindingOut]


class ValuesIn(Schema):
    """Values and notes by line; `confirmed` lines are vouched for."""

    values: dict[str, Decimal | None]
    notes: dict[str, str] = {}
    confirmed: list[str] = []


class ReasonIn(Schema):
    reason: str


@router.get("/reports", response=ReportsOut, summary="Danh sách báo cáo, việc còn nợ trước")
def list_reports(
    request: ScopedRequest, state: str = "", period: str = "", limit: int = 100, offset: int = 0
) -> ReportsOut:
    rows = reports.listed(request.scope, now=_now(), state=state, period=period)
    page = rows[max(offset, 0) :][: min(max(limit, 1), MOST)]
    return ReportsOut(total=rows.count(), items=_out(list(page)))


@router.get("/reports/{report_id}", response=WholeReportOut, summary="Một báo cáo, mọi lần gửi")
def show_report(request: ScopedRequest, report_id: int) -> WholeReportOut:
    row = reports.report(report_id, request.scope)
    versions = [
        VersionOut(
            number=sent.number,
            submitted_at=sent.submitted_at,
            values=sent.numbers(),
            notes=sent.notes,
        )
        for sent in reports.submissions(row.pk)
    ]
    return WholeReportOut(**_out([row])[0].dict(), versions=versions)


@router.put(
    "/reports/{report_id}/draft",
    response=SavedOut,
    auth=SessionOrKey(FILL),
    summary="Lưu số liệu, chưa gửi",
)
def save_draft(request: ScopedRequest, report_id: int, said: ValuesIn) -> SavedOut:
    row = reports.report(report_id, request.scope, FILL)
    draft = _draft(row, said)
    sending.save(report=row.pk, draft=draft, by=request.scope, now=_now())
    return _saved(request, row.pk, draft)


@router.post(
    "/reports/{report_id}/submit",
    response=SavedOut,
    auth=SessionOrKey(FILL),
    summary="Gửi người duyệt",
)
def submit(request: ScopedRequest, report_id: int, said: ValuesIn) -> SavedOut:
    row = reports.report(report_id, request.scope, FILL)
    draft = _draft(row, said)
    sending.submit(report=row.pk, draft=draft, by=request.scope, now=_now())
    return _saved(request, row.pk, draft)


@router.post(
    "/reports/{report_id}/approve",
    response=ReportOut,
    auth=SessionOrKey(APPROVE),
    summary="Duyệt và gửi nơi nhận",
)
def approve(request: ScopedRequest, report_id: int) -> ReportOut:
    sending.approve(report=report_id, by=request.scope, now=_now())
    return _out([reports.report(report_id, request.scope)])[0]


@router.post(
    "/reports/{report_id}/receive",
    response=ReportOut,
    auth=SessionOrKey(RECEIVE),
    summary="Tiếp nhận và khóa",
)
def receive(request: ScopedRequest, report_id: int) -> ReportOut:
    sending.receive(report=report_id, by=request.scope, now=_now())
    return _out([reports.report(report_id, request.scope)])[0]


@router.post("/reports/{report_id}/return", response=ReportOut, summary="Trả lại kèm lý do")
def send_back(request: ScopedRequest, report_id: int, said: ReasonIn) -> ReportOut:
    sending.send_back(report=report_id, reason=said.reason, by=request.scope, now=_now())
    return _out([reports.report(report_id, request.scope)])[0]


def _now() -> datetime:
    return timezone.now()


def _draft(row: Assignment, said: ValuesIn) -> Draft:
    """Return what was sent, for the lines that the form has."""
    codes = [item.code for item in row.form.spec().items]
    values = {code: said.values.get(code) for code in codes}
    sources = {code: filling.TYPED for code, value in values.items() if value is not None}
    notes = {code: said.notes[code][:500] for code in codes if code in said.notes}
    return Draft(values, sources, notes, frozenset(said.confirmed) & frozenset(codes))


def _saved(request: ScopedRequest, report_id: int, draft: Draft) -> SavedOut:
    row = reports.report(report_id, request.scope)
    found = [
        FindingOut(item=one.item, kind=one.kind, text=one.text)
        for one in filling.findings(row, draft)
    ]
    return SavedOut(report=_out([row])[0], findings=found)


def _out(rows: list[Assignment]) -> list[ReportOut]:
    units = org.units(row.unit_id for row in rows)
    return [
        ReportOut(
            id=row.pk,
            regime=row.form.regime.code,
            unit=units[row.unit_id].code,
            period=row.period_key,
            period_label=reports.period(row).label(),
            due_at=row.due_at,
            state=row.state,
        )
        for row in rows
    ]
