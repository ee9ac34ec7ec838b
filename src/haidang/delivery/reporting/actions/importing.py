"""Reports of earlier periods, taken over from where they were kept before."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from haidang.delivery.reporting.actions.assigning import deadline, holders_of
from haidang.delivery.reporting.errors import RegimeNotFoundError
from haidang.delivery.reporting.models import Assignment, Regime, Step, Submission
from haidang.delivery.reporting.permissions import MANAGE
from haidang.delivery.reporting.queries.filling import as_text
from haidang.delivery.reporting.rules import steps
from haidang.foundation.access import api as access
from haidang.foundation.calendar import periods
from haidang.foundation.calendar.periods import Period
from haidang.foundation.core import audit
from haidang.foundation.org import api as org

UnitValues = Mapping[int, Mapping[str, Decimal | None]]
_REASON = "Nhập từ hệ thống trước"


@transaction.atomic
def import_received(
    *,
    regime: str,
    period_key: str,
    values: UnitValues,
    account: int,
    by: access.Scope,
    now: datetime,
) -> int:
    """Keep whole reports of a period as received, by unit; return how many were new.

    `account` stands for whoever sent them. Nothing is owed, nobody is told, and the values are not
    handed to the indicators: their history is imported by itself. Raises RegimeNotFoundError.
    """
    row = Regime.objects.filter(code=regime).first()
    if row is None:
        raise RegimeNotFoundError(code=regime)
    by.require(MANAGE, row.receiver_id, row.sector_id)
    period = periods.from_key(row.period_kind, period_key)
    new = Assignment.objects.bulk_create(_missing(row, period, values))
    sent = Submission.objects.bulk_create(
        Submission(
            assignment=one,
            number=1,
            values=as_text(values[one.unit_id]),
            submitted_at=min(one.due_at, now),
            submitted_by_id=account,
        )
        for one in new
    )
    Step.objects.bulk_create(_received(version, by) for version in sent)
    audit.record(
        action="reporting.reports_imported",
        on=row,
        by=by.actor,
        changes={"period": period_key, "reports": len(new)},
    )
    return len(new)


def _received(version: Submission, by: access.Scope) -> Step:
    """Return the step by which a version counts as received."""
    return Step(
        assignment=version.assignment,
        what=steps.RECEIVE,
        submission=version,
        at=version.submitted_at,
        by_label=by.label,
        reason=_REASON,
    )


def _missing(row: Regime, period: Period, values: UnitValues) -> Iterator[Assignment]:
    """Yield the unsaved reports of units that have a form and no report of the period."""
    known = Assignment.objects.filter(form__regime=row, period_start=period.start)
    has = set(known.values_list("unit_id", flat=True))
    forms = {form.level_id: (form, deadline(form, period)) for form in row.forms.all()}
    holders = holders_of(values)
    for unit in org.units(values).values():
        if unit.level in forms and unit.id not in has:
            form, due_at = forms[unit.level]
            yield Assignment(
                form=form,
                unit_id=unit.id,
                holder_id=holders[unit.id],
                period_key=period.key,
                period_start=period.start,
                period_end=period.end,
                due_at=due_at,
                state=steps.RECEIVED,
            )
