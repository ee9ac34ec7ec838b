"""From an approved report to the indicators: its values count, with the report as their origin."""

from datetime import timedelta

from haidang.delivery.reporting.models import Assignment, Submission
from haidang.foundation.access import api as access
from haidang.insight.indicators import api as indicators

PRELIMINARY, OFFICIAL = "preliminary", "official"
_LINEAGE = "report:{}"


def publish(row: Assignment, version: Submission, *, status: str, by: access.Scope) -> int:
    """Hand the values of the lines that feed indicators on; return how many.

    A report month that ends on the 14th counts for the calendar's month of its last day.
    """
    values, last_moment = version.numbers(), row.period_end - timedelta(microseconds=1)
    rows = [
        indicators.ReportedValue(
            indicator=item.indicator,
            unit_id=row.unit_id,
            period_start=last_moment,
            value=float(value),
            status=status,
        )
        for item in row.form.spec().items
        if item.indicator and (value := values.get(item.code)) is not None
    ]
    if rows:
        lineage = _LINEAGE.format(version.pk)
        indicators.take_over(rows, approved_by=by.actor, lineage=lineage)
    return len(rows)
