"""Approved values of units that report by hand: kept, and rolled up to the units above them."""

import math
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from haidang.foundation.calendar import periods
from haidang.foundation.core import audit, jobs
from haidang.foundation.org import api as org
from haidang.insight.indicators.actions import formulas, judging, standing, storing
from haidang.insight.indicators.errors import (
    BadPeriodError,
    BadValueError,
    NotReportableError,
)
from haidang.insight.indicators.models import Indicator, Value
from haidang.insight.indicators.queries import conversion, dictionary
from haidang.insight.indicators.rules import reports

if TYPE_CHECKING:
    pass

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
def take_over(rows: Sequence[ReportedValue], *, approved_by: audit.Actor, lineage: str) -> int:
    """Take over values that another domain has had approved (a submitted report).

    Return how many cells changed. Raises UnknownIndicatorError, NotReportableError, BadValueError.
    """
    for row in rows:
        check(row.value)
    for code in {row.indicator for row in rows}:
        audit.record(
            action="indicators.values_taken_over",
            on=reportable(code),
            by=approved_by,
            changes={"lineage": lineage, "rows": sum(row.indicator == code for row in rows)},
        )
    return keep([(row, lineage) for row in rows])


def reportable(code: str) -> Indicator:
    """Return an indicator that units report by hand. Raises NotReportableError."""
    row = dictionary.row(code)
    if row.method != "manual":
        raise NotReportableError(code=code)
    return row


def span_of(row: Indicator, moment: datetime) -> periods.Period:
    """Return the period that holds a moment. Raises BadPeriodError for one that lies ahead."""
    span = periods.of(row.period, moment)
    if span.start > timezone.now():
        raise BadPeriodError
    return span


def check(value: float) -> None:
    """Raise BadValueError for what is no number."""
    if not math.isfinite(value):
        raise BadValueError


def keep(rows: Iterable[tuple[ReportedValue, str]]) -> int:
    """Keep approved values, each with its lineage; return how many cells changed."""
    changed, now = 0, timezone.now()
    groups: defaultdict[str, list[tuple[ReportedValue, str]]] = defaultdict(list)
    for row, lineage in rows:
        groups[row.indicator].append((row, lineage))
    for code, group in sorted(groups.items()):
        indicator = reportable(code)
        cells = [_cell(indicator, row, lineage, now) for row, lineage in group]
        written = store_and_roll_up(indicator, cells, now)
        if written:
            standing.refresh(indicator, written, now=now)
            formulas.follow([indicator], {one.period_start for one in written}, now=now)
        changed += len(written)
    jobs.defer("indicators.archive", queue="bulk", once="indicators.archive")
    return changed


def _cell(indicator: Indicator, row: ReportedValue, lineage: str, now: datetime) -> storing.Cell:
    span = span_of(indicator, row.period_start)
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
