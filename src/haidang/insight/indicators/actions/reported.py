"""Values that units report by hand: typed by one person, approved by another, then rolled up."""

import math
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from haidang.foundation.calendar import periods
from haidang.foundation.core import audit, jobs
from haidang.foundation.notifications import api as notifications
from haidang.foundation.org import api as org
from haidang.insight.indicators.actions import formulas, judging, standing, storing, telling
from haidang.insight.indicators.errors import (
    AlreadyDecidedError,
    BadPeriodError,
    BadValueError,
    NotReportableError,
    SamePersonError,
    UnknownValueError,
)
from haidang.insight.indicators.models import Indicator, PendingValue, Value
from haidang.insight.indicators.queries import conversion, dictionary
from haidang.insight.indicators.rules import reports

if TYPE_CHECKING:
    from haidang.foundation.access.api import Scope

REPORT, APPROVE = "indicators.report", "indicators.approve"


@dataclass(frozen=True)
class ReportedValue:
    """An approved value of a unit and period; with both parts, parents get the ratio of sums."""

    indicator: str
    unit_id: int
    period_start: datetime
    value: float
    status: str = "preliminary"
    numerator: float | None = None
    denominator: float | None = None


@transaction.atomic
def report_value(
    *,
    indicator: str,
    unit_id: int,
    period: datetime,
    value: float,
    by: "Scope",
    note: str = "",
    status: str = "preliminary",
) -> int:
    """Enter a value for the period that holds `period`; return the id of what waits for approval.

    Entering again before the decision replaces it. The unit's approvers are told. Raises
    NotAllowedError, NotReportableError, BadPeriodError, BadValueError.
    """
    row = _reportable(indicator)
    by.require(REPORT, unit_id, row.sector_id)
    span = _span(row, period)
    _check(value)
    open_ones = PendingValue.objects.select_for_update().filter(
        indicator=row, unit=unit_id, period_start=span.start, decided_at__isnull=True
    )
    pending = open_ones.first() or PendingValue(
        indicator=row, unit_id=unit_id, period_start=span.start, period_end=span.end
    )
    pending.value, pending.note, pending.status = value, note, status
    pending.typed_by_id, pending.typed_at = _person(by), timezone.now()
    pending.save()
    audit.record(
        action="indicators.value_reported",
        on=pending,
        by=by.actor,
        changes={"value": value, "period": span.key},
        reason=note,
    )
    _ask(row, pending, span, by)
    return pending.pk


def _person(by: "Scope") -> int:
    """Return the account that acts: what two persons must do, the system cannot."""
    if by.account_id is None:
        raise SamePersonError
    return by.account_id


def _reportable(code: str) -> Indicator:
    row = dictionary.row(code)
    if row.method != "manual":
        raise NotReportableError(code=code)
    return row


def _span(row: Indicator, moment: datetime) -> periods.Period:
    span = periods.of(row.period, moment)
    if span.start > timezone.now():
        raise BadPeriodError
    return span


def _check(value: float) -> None:
    if not math.isfinite(value):
        raise BadValueError


def _ask(row: Indicator, pending: PendingValue, span: periods.Period, by: "Scope") -> None:
    """Tell the nearest unit's approvers, but not the typist."""
    nearest = telling.second_persons(APPROVE, pending.unit_id, row.sector_id, first=by.account_id)
    if nearest:
        notifications.send(
            to=nearest,
            kind="indicators.value_waits",
            title=_("Số liệu chờ duyệt: %(name)s") % {"name": row.name},
            body=_("%(who)s đã nhập số liệu %(period)s.")
            % {"who": by.label, "period": span.label()},
            url=telling.PAGE,
            ref=f"indicators.pending:{pending.pk}",
        )


@transaction.atomic
def approve_value(*, pending: int, by: "Scope", note: str = "") -> int:
    """Approve what a colleague has typed: it becomes the figure; return how many cells changed.

    Raises NotAllowedError, SamePersonError, AlreadyDecidedError, UnknownValueError.
    """
    row = _decided(pending, by, note, is_approved=True)
    audit.record(action="indicators.value_approved", on=row, by=by.actor, reason=note)
    value = ReportedValue(
        indicator=row.indicator.code,
        unit_id=row.unit_id,
        period_start=row.period_start,
        value=row.value,
        status=row.status,
    )
    return _keep([value], lineage=f"typed:{row.pk}", now=timezone.now())


@transaction.atomic
def reject_value(*, pending: int, by: "Scope", note: str) -> None:
    """Refuse a typed value, with the reason; the typist is told.

    Raises as `approve_value`, and BadValueError without a reason.
    """
    if not note.strip():
        raise BadValueError(_("Cần nêu lý do trả lại."))
    row = _decided(pending, by, note, is_approved=False)
    audit.record(action="indicators.value_rejected", on=row, by=by.actor, reason=note)
    notifications.send(
        to=[row.typed_by_id],
        kind="indicators.value_rejected",
        title=_("Số liệu bị trả lại: %(name)s") % {"name": row.indicator.name},
        body=note,
        url="/console/indicators/",
        ref=f"indicators.pending:{row.pk}",
    )


def _decided(pending: int, by: "Scope", note: str, *, is_approved: bool) -> PendingValue:
    row = (
        PendingValue.objects.select_for_update(of=("self",))
        .select_related("indicator")
        .filter(pk=pending)
        .first()
    )
    if row is None:
        raise UnknownValueError
    by.require(APPROVE, row.unit_id, row.indicator.sector_id)
    if row.decided_at is not None:
        raise AlreadyDecidedError
    if row.typed_by_id == by.account_id:
        raise SamePersonError
    row.decided_by_id, row.decided_at = _person(by), timezone.now()
    row.is_approved, row.decision_note = is_approved, note
    row.save()
    return row


@transaction.atomic
def report_values(rows: Sequence[ReportedValue], *, approved_by: audit.Actor, lineage: str) -> int:
    """Take over values that another domain has had approved (a submitted report).

    Return how many cells changed. Raises UnknownIndicatorError, NotReportableError, BadValueError.
    """
    for row in rows:
        _check(row.value)
    for code in {row.indicator for row in rows}:
        audit.record(
            action="indicators.values_taken_over",
            on=_reportable(code),
            by=approved_by,
            changes={"lineage": lineage, "rows": sum(row.indicator == code for row in rows)},
        )
    return _keep(rows, lineage=lineage, now=timezone.now())


def _keep(rows: Sequence[ReportedValue], *, lineage: str, now: datetime) -> int:
    changed = 0
    groups: defaultdict[str, list[ReportedValue]] = defaultdict(list)
    for row in rows:
        groups[row.indicator].append(row)
    for code, group in sorted(groups.items()):
        indicator = _reportable(code)
        cells = [_cell(indicator, row, lineage, now) for row in group]
        written = store_and_roll_up(indicator, cells, now)
        if written:
            standing.refresh(indicator, written, now=now)
            formulas.follow([indicator], {one.period_start for one in written}, now=now)
        changed += len(written)
    jobs.defer("indicators.archive", queue="bulk", once="indicators.archive")
    return changed


def _cell(indicator: Indicator, row: ReportedValue, lineage: str, now: datetime) -> storing.Cell:
    span = _span(indicator, row.period_start)
    return storing.Cell(
        unit_id=row.unit_id,
        period_start=span.start,
        period_end=span.end,
        value=row.value,
        numerator=row.numerator,
        denominator=row.denominator,
        as_of=min(span.end, now),
        status=row.status,
        source_type="manual",
        lineage=lineage,
    )


def store_and_roll_up(
    indicator: Indicator,
    cells: Sequence[storing.Cell],
    now: datetime,
    *,
    but: Container[int] = frozenset(),
) -> list[storing.Written]:
    """Keep the cells of reporting units, and of all units above them in their period's tree.

    Units in `but` are left as they are: their parts were only divided anew.
    """
    written = _store(indicator, cells, now)
    by_day: defaultdict[date, list[storing.Cell]] = defaultdict(list)
    for cell in cells:
        period = periods.of(indicator.period, cell.period_start)
        by_day[org.turn(conversion.last_day(period))].append(cell)
    for day, group in by_day.items():
        written += _roll_up(indicator, group, day, now, but)
    return written


def _store(
    indicator: Indicator, cells: Sequence[storing.Cell], now: datetime
) -> list[storing.Written]:
    by = judging.judging(indicator, {cell.unit_id for cell in cells})
    by = judging.with_last_year(by, indicator, cells)
    judged = [replace(cell, state=judging.judge(indicator, cell, by)) for cell in cells]
    return storing.store(indicator, judged, now=now)


def _roll_up(
    indicator: Indicator,
    cells: Sequence[storing.Cell],
    day: date,
    now: datetime,
    but: Container[int],
) -> list[storing.Written]:
    """Compute the units above the reporting level anew from all that was reported there."""
    above = _above(indicator, {cell.unit_id for cell in cells}, day)
    if not above:
        return []
    spans = {cell.period_start: cell for cell in cells}
    leaves = Value.objects.filter(
        indicator=indicator,
        period_start__in=spans,
        unit__in={leaf for below in above.values() for leaf in below},
        value__isnull=False,
    )
    by_start: defaultdict[datetime, dict[int, Value]] = defaultdict(dict)
    for leaf in leaves:
        by_start[leaf.period_start][leaf.unit_id] = leaf
    found = [
        cell
        for start, values in by_start.items()
        for unit_id, below in above.items()
        if unit_id not in but
        and (cell := _parent(indicator, unit_id, below, values, spans[start])) is not None
    ]
    return _store(indicator, found, now)


def _above(
    indicator: Indicator, unit_ids: Iterable[int], day: date
) -> Mapping[int, frozenset[int]]:
    """Return the units above the reporting units, each with the reporting units below it."""
    found = org.all_units(level=indicator.reporting_level, kind="ubnd", on=day)
    reporting = {unit.id for unit in found}
    parents = {
        unit.id
        for one in set(unit_ids) & reporting
        for unit in org.path(one, on=day)
        if unit.id not in reporting
    }
    return {parent: org.subtree(parent, on=day) & reporting for parent in parents}


def _parent(
    indicator: Indicator,
    unit_id: int,
    below: frozenset[int],
    values: Mapping[int, Value],
    like: storing.Cell,
) -> storing.Cell | None:
    found = [values[leaf] for leaf in sorted(below) if leaf in values]
    parts = [reports.Part(row.value or 0, row.numerator, row.denominator) for row in found]
    whole = reports.whole(
        parts, how=indicator.spec.get("rollup", ""), scale=indicator.spec.get("scale", 100)
    )
    if whole is None:
        return None
    return replace(
        like,
        unit_id=unit_id,
        value=round(whole.value, 6),
        numerator=whole.numerator,
        denominator=whole.denominator,
        as_of=max(row.as_of for row in found),
        reported=len(found),
        expected=len(below),
        status="estimate" if whole.is_estimate else _least_certain(found),
        lineage="reported",
    )


def _least_certain(found: Sequence[Value]) -> str:
    order = ("estimate", "preliminary", "official")
    return min((row.status for row in found), key=order.index)
