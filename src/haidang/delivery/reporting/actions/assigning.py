"""Giving out the reports of a period: one for each unit, each with its deadline."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from haidang.delivery.reporting.errors import RegimeNotFoundError
from haidang.delivery.reporting.models import Assignment, Form, Regime, Step
from haidang.delivery.reporting.permissions import MANAGE
from haidang.delivery.reporting.queries.reports import REF
from haidang.foundation.access import api as access
from haidang.foundation.calendar import office_hours, periods, working_time
from haidang.foundation.calendar.periods import Period
from haidang.foundation.calendar.zone import local_date
from haidang.foundation.core import audit, events
from haidang.foundation.obligations import api as obligations
from haidang.foundation.org import api as org

KIND = "reporting.report"


@transaction.atomic
def assign(*, regime: str, period_key: str, by: access.Scope, now: datetime) -> int:
    """Give out a regime's reports of a period; return how many were new.

    Units that have theirs are left alone. Raises RegimeNotFoundError, NotAllowedError, ValueError
    for a wrong period.
    """
    row = Regime.objects.select_for_update().filter(code=regime, is_active=True).first()
    if row is None:
        raise RegimeNotFoundError(code=regime)
    by.require(MANAGE, row.receiver_id, row.sector_id)
    period = periods.from_key(row.period_kind, period_key)
    new = [one for form in row.forms.all() for one in _of_level(form, period)]
    for assignment in new:
        _owe(assignment, row, period, by)
    Step.objects.bulk_create(
        Step(assignment=one, what="assign", at=now, by_label=by.label) for one in new
    )
    if new:
        audit.record(
            action="reporting.period_assigned",
            on=row,
            by=by.actor,
            changes={"period": period_key, "reports": len(new)},
        )
        events.publish("reporting.period_assigned", aggregate=f"regime:{row.pk}", regime=row.pk)
    return len(new)


def assign_current(*, now: datetime) -> int:
    """Give out the reports of the period that runs now, for every regime; for the night's job."""
    count = 0
    for code, kind in Regime.objects.filter(is_active=True).values_list("code", "period_kind"):
        key = periods.of(kind, now).key
        count += assign(regime=code, period_key=key, by=access.EVERYTHING, now=now)
    return count


def _of_level(form: Form, period: Period) -> Iterable[Assignment]:
    last_day = local_date(period.end - timedelta(microseconds=1))
    has = set(
        Assignment.objects.filter(form=form, period_start=period.start).values_list(
            "unit_id", flat=True
        )
    )
    due_at = deadline(form, period)
    units = [unit.id for unit in org.all_units(form.level_id, kind="ubnd", on=last_day)]
    holders = holders_of(units)
    return Assignment.objects.bulk_create(
        Assignment(
            form=form,
            unit_id=unit,
            holder_id=holders[unit],
            period_key=period.key,
            period_start=period.start,
            period_end=period.end,
            due_at=due_at,
        )
        for unit in units
        if unit not in has
    )


def holders_of(units: Iterable[int]) -> dict[int, int]:
    """Return who answers today for each unit's report: itself, or who took over its ground."""
    wanted = list(units)
    heirs = org.successors(wanted, timezone.localdate())
    return {unit: heirs[unit][0].id if heirs.get(unit) else unit for unit in wanted}


def deadline(form: Form, period: Period) -> datetime:
    """Return when offices close on the last of the working days after the cut-off."""
    calendar = office_hours.calendar()
    last_day = local_date(period.end - timedelta(microseconds=1))
    due_day = working_time.working_day_after(last_day, form.working_days, calendar)
    return working_time.end_of_day(due_day, calendar)


def _owe(row: Assignment, regime: Regime, period: Period, by: access.Scope) -> None:
    obligations.owe(
        kind=KIND,
        debtor_unit_id=row.holder_id,
        creditor_unit_id=regime.receiver_id,
        due_at=row.due_at,
        clock="working",
        sector=regime.sector_id,
        ref=REF.format(row.pk),
        title=f"{regime.title}, {period.label()}",
        url=reverse("reporting:report", args=[row.pk]),
        by=by,
    )
