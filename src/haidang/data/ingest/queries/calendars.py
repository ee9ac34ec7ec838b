"""Plans as the rules read them."""

import datetime as dt
from collections.abc import Iterable

from haidang.data.ingest.models import Plan
from haidang.data.ingest.rules import calendars


def recurrence(plan: Plan) -> calendars.Recurrence:
    """Return a plan's row as a rule."""
    return calendars.Recurrence(
        start=plan.starts_at,
        length=plan.length,
        declared_at=plan.declared_at,
        kind=plan.kind,
        metric=plan.metric,
        every_days=plan.every_days,
        until=plan.until,
    )


def windows_of(
    plans: Iterable[Plan], after: dt.datetime, before: dt.datetime
) -> list[tuple[Plan, calendars.Window]]:
    """Return the windows of some plans that overlap [after, before), each with its plan."""
    found = [(plan, one) for plan in plans for one in recurrence(plan).windows(after, before)]
    return sorted(found, key=lambda pair: pair[1].start)
