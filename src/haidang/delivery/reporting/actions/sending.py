"""The way of one report: filled in, sent, approved, received; or returned with a reason."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from haidang.delivery.reporting.actions import publishing
from haidang.delivery.reporting.actions.assigning import KIND
from haidang.delivery.reporting.errors import (
    HasErrorsError,
    OwnReportError,
    ReasonMissingError,
    ReportLockedError,
    ReportNotFoundError,
    TooEarlyError,
    WrongStateError,
)
from haidang.delivery.reporting.models import Assignment, Step, Submission
from haidang.delivery.reporting.permissions import APPROVE, FILL, RECEIVE
from haidang.delivery.reporting.queries import filling, reports
from haidang.delivery.reporting.queries.filling import Draft
from haidang.delivery.reporting.queries.reports import REF
from haidang.delivery.reporting.rules import checks, steps
from haidang.foundation.access import api as access
from haidang.foundation.calendar import office_hours, working_time
from haidang.foundation.core import audit, events, live
from haidang.foundation.core.errors import NotAllowedError
from haidang.foundation.notifications import api as notifications
from haidang.foundation.obligations import api as obligations


@transaction.atomic
def save(*, report: int, draft: Draft, by: access.Scope, now: datetime) -> Assignment:
    """Keep what is filled in so far, right or wrong. Raises WrongStateError, ReportLockedError."""
    row = _locked(report, by, FILL)
    row.state = _after(row, steps.SAVE)
    row.draft, row.saved_at = draft.as_json(), now
    if by.account_id is not None and by.account_id not in row.typists:
        row.typists = [*row.typists, by.account_id]
    row.save(update_fields=["state", "draft", "saved_at", "typists"])
    audit.record(action="reporting.report_saved", on=row, by=by.actor)
    return row


@transaction.atomic
def submit(*, report: int, draft: Draft, by: access.Scope, now: datetime) -> Submission:
    """Send what is filled in to the unit's approver, as a new version.

    Raises HasErrorsError while something is wrong, missing or not confirmed, TooEarlyError before
    the cut-off.
    """
    if by.account_id is None:
        raise NotAllowedError
    row = save(report=report, draft=draft, by=by, now=now)
    if now < row.period_end:
        raise TooEarlyError
    if checks.blocking(filling.findings(row, draft)):
        raise HasErrorsError
    state = _after(row, steps.SUBMIT)
    version = Submission.objects.create(
        assignment=row,
        number=row.submissions.count() + 1,
        values=filling.as_text(draft.values),
        notes=draft.as_json()["notes"],
        sources=dict(draft.sources),
        file_id=draft.file or None,
        submitted_at=now,
        submitted_by_id=by.account_id,
    )
    row.submitted_by_id, row.approved_by, row.approved_at = by.account_id, None, None
    _move(row, state, steps.SUBMIT, version, by=by, now=now)
    _ask(row, APPROVE, "Báo cáo chờ duyệt", row.holder_id, by)
    return version


@transaction.atomic
def approve(*, report: int, by: access.Scope, now: datetime) -> None:
    """Approve the version that was sent, for the unit: its values count from now on.

    Raises OwnReportError to the one who filled it in.
    """
    row = _locked(report, by, APPROVE)
    state = _after(row, steps.APPROVE)
    if by.account_id is None or row.has_typed(by.account_id):
        raise OwnReportError
    row.approved_by_id, row.approved_at = by.account_id, now
    version = _newest(row)
    _move(row, state, steps.APPROVE, version, by=by, now=now)
    obligations.fulfil(ref=REF.format(row.pk), at=now, by=by)
    publishing.publish(row, version, status=publishing.PRELIMINARY, by=by)
    _ask(row, RECEIVE, "Báo cáo chờ tiếp nhận", row.form.regime.receiver_id, by)


@transaction.atomic
def receive(*, report: int, by: access.Scope, now: datetime) -> None:
    """Take the report in for its receiver: its values are official, and it is locked."""
    row = _locked(report, by, RECEIVE)
    state, version = _after(row, steps.RECEIVE), _newest(row)
    _move(row, state, steps.RECEIVE, version, by=by, now=now)
    publishing.publish(row, version, status=publishing.OFFICIAL, by=by)


@transaction.atomic
def send_back(*, report: int, reason: str, by: access.Scope, now: datetime) -> None:
    """Return a report to be mended: the approver before, the receiver after its approval.

    What the receiver returns is owed again, within two working days at least.
    """
    if not reason.strip():
        raise ReasonMissingError
    row = _row(report)
    was_approved = row.state == steps.APPROVED
    by.require(RECEIVE if was_approved else APPROVE, row.holder_id, row.form.regime.sector_id)
    state = _after(row, steps.RETURN)
    row.approved_by, row.approved_at = None, None
    if was_approved:
        _owe_again(row, by=by, now=now)
    _move(row, state, steps.RETURN, _newest(row), by=by, now=now, reason=reason.strip())
    _tell_typist(row, reason.strip())


def _row(report: int) -> Assignment:
    row = (
        Assignment.objects.select_for_update(of=("self",))
        .select_related("form__regime")
        .filter(pk=report)
        .first()
    )
    if row is None:
        raise ReportNotFoundError(id=report)
    return row


def _locked(report: int, by: access.Scope, capability: str) -> Assignment:
    row = _row(report)
    by.require(capability, row.holder_id, row.form.regime.sector_id)
    return row


def _after(row: Assignment, step: str) -> str:
    if row.state == steps.RECEIVED:
        raise ReportLockedError
    state = steps.after(row.state, step)
    if state is None:
        raise WrongStateError
    return state


def _newest(row: Assignment) -> Submission:
    return row.submissions.order_by("-number")[0]


def _move(
    row: Assignment,
    state: str,
    step: str,
    version: Submission,
    *,
    by: access.Scope,
    now: datetime,
    reason: str = "",
) -> None:
    row.state = state
    row.save(
        update_fields=["state", "submitted_by", "approved_by", "approved_at"],
    )
    Step.objects.create(
        assignment=row, what=step, submission=version, at=now, by_label=by.label, reason=reason
    )
    audit.record(
        action=f"reporting.report_{state}",
        on=row,
        by=by.actor,
        changes={"version": version.number},
        reason=reason,
    )
    events.publish(f"reporting.report_{state}", aggregate=f"report:{row.pk}", report=row.pk)
    live.tell("report", unit=row.holder_id, sector=row.form.regime.sector_id, report=row.pk)


def _owe_again(row: Assignment, *, by: access.Scope, now: datetime) -> None:
    calendar, regime = office_hours.calendar(), row.form.regime
    again = working_time.add(now, 2 * calendar.day_length, calendar)
    obligations.owe(
        kind=KIND,
        debtor_unit_id=row.holder_id,
        creditor_unit_id=regime.receiver_id,
        due_at=max(row.due_at, again),
        sector=regime.sector_id,
        ref=REF.format(row.pk),
        title=f"{regime.title}, {reports.period(row).label()} (bị trả lại)",
        url=reverse("reporting:report", args=[row.pk]),
        by=by,
    )


def _ask(row: Assignment, capability: str, title: str, unit: int, by: access.Scope) -> None:
    """Tell those whose turn it is."""
    holders = access.holders(capability, unit, row.form.regime.sector_id)
    near = [holder.id for holder in holders if holder.unit_id == unit] or [
        holder.id for holder in holders
    ]
    _send([one for one in near if one != by.account_id], row, title)


def _tell_typist(row: Assignment, reason: str) -> None:
    if row.submitted_by_id is not None:
        _send([row.submitted_by_id], row, f"Báo cáo bị trả lại: {reason}")


def _send(to: list[int], row: Assignment, title: str) -> None:
    if not to:
        return
    notifications.send(
        to=to,
        kind="reporting",
        title=title,
        body=f"{row.form.regime.title}, {reports.period(row).label()}",
        url=reverse("reporting:report", args=[row.pk]),
        ref=REF.format(row.pk),
    )
