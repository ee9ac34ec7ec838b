"""Which reports there are, as far as the reader may see them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db.models import Case, QuerySet, When

from haidang.delivery.reporting.errors import ReportNotFoundError
from haidang.delivery.reporting.models import Assignment, Step, Submission
from haidang.delivery.reporting.permissions import VIEW
from haidang.delivery.reporting.rules import steps
from haidang.delivery.reporting.rules.checks import Values
from haidang.delivery.reporting.rules.values import ReportRef
from haidang.foundation.access import api as access
from haidang.foundation.calendar.periods import Period

SECTOR = "form__regime__sector"
REF = "reporting.assignment:{}"


def visible(scope: access.Scope, capability: str = VIEW) -> QuerySet[Assignment]:
    """Return the reports that the scope covers."""
    return scope.filter(Assignment.objects.all(), capability, "holder", SECTOR)


def listed(
    scope: access.Scope,
    *,
    now: datetime,
    state: str = "",
    period: str = "",
    units: Sequence[int] | None = None,
) -> QuerySet[Assignment]:
    """Return reports for a list: what is owed first, the oldest deadline on top.

    `state` is one of steps.NAMES, or "late".
    """
    rows = visible(scope)
    if state == "late":
        rows = rows.filter(state__in=steps.OWED, due_at__lt=now)
    elif state:
        rows = rows.filter(state=state)
    if period:
        rows = rows.filter(period_key=period)
    if units is not None:
        rows = rows.filter(unit__in=units)
    open_first = Case(When(state=steps.RECEIVED, then=1), default=0)
    return rows.select_related("form__regime").order_by(open_first, "due_at", "pk")


def report(report_id: int, scope: access.Scope, capability: str = VIEW) -> Assignment:
    """Return one report with its form. Raises ReportNotFoundError, NotAllowedError."""
    row = Assignment.objects.whole().filter(pk=report_id).first()
    if row is None:
        raise ReportNotFoundError(id=report_id)
    scope.require(capability, row.holder_id, row.form.regime.sector_id)
    return row


def submissions(report_id: int) -> list[Submission]:
    """Return every version that was sent, the newest first."""
    rows = Submission.objects.filter(assignment=report_id).order_by("-number")
    return list(rows.select_related("submitted_by", "file"))


def report_of_version(version_id: int) -> int:
    """Return the report that a version belongs to. Raises ReportNotFoundError."""
    found = Submission.objects.filter(pk=version_id).values_list("assignment", flat=True).first()
    if found is None:
        raise ReportNotFoundError(version=version_id)
    return found


def story(report_id: int) -> list[Step]:
    """Return what was done with a report, the newest first."""
    rows = Step.objects.filter(assignment=report_id).order_by("-pk")
    return list(rows.select_related("submission"))


def before(row: Assignment) -> Values:
    """Return the values that the unit sent for the period before, if it did."""
    last = (
        Submission.objects.filter(
            assignment__form=row.form_id,
            assignment__unit=row.unit_id,
            assignment__period_end=row.period_start,
            assignment__state__in=[steps.APPROVED, steps.RECEIVED],
        )
        .order_by("-number")
        .first()
    )
    return last.numbers() if last is not None else dict[str, Decimal | None]()


def periods_of(scope: access.Scope) -> list[tuple[str, str]]:
    """Return the keys and labels of the periods in which there are reports, the newest first."""
    rows = visible(scope).values_list(
        "period_key", "period_start", "period_end", "form__regime__period_kind"
    )
    found = rows.distinct().order_by("-period_start")[:36]
    return [(key, Period(kind, start, end).label()) for key, start, end, kind in found]


def period(row: Assignment) -> Period:
    """Return the period that a report is of."""
    return Period(row.form.regime.period_kind, row.period_start, row.period_end)


def ref(row: Assignment) -> ReportRef:
    """Return the value that others see of a report."""
    return ReportRef(
        id=row.pk,
        regime=row.form.regime.code,
        title=row.form.regime.title,
        unit_id=row.unit_id,
        period_key=row.period_key,
        period_label=period(row).label(),
        due_at=row.due_at,
        state=row.state,
    )


def late(scope: access.Scope, *, now: datetime, limit: int = 50) -> tuple[list[ReportRef], int]:
    """Return the reports that are overdue, the longest first, and how many there are in all."""
    rows = listed(scope, now=now, state="late")
    return [ref(row) for row in rows[:limit]], rows.count()
