"""Figures grow old: stale after their cycle, and out of the database after their window."""

from datetime import datetime

from django.db import transaction

from haidang.insight.indicators.actions import standing
from haidang.insight.indicators.models import Indicator, Value
from haidang.insight.indicators.rules import windows


@transaction.atomic
def grow_old(*, indicator: str, now: datetime) -> int:
    """Mark the figures of an indicator that are older than its cycle; return how many."""
    row = Indicator.objects.filter(code=indicator).first()
    return 0 if row is None else standing.mark_stale(row, now=now)


def forget(*, now: datetime) -> int:
    """Remove values beyond the window of their kind that the lake has; return how many."""
    removed = 0
    for kind in set(Indicator.objects.values_list("period", flat=True)):
        kept = windows.kept(kind)
        if kept is not None:
            old = Value.objects.filter(
                indicator__period=kind, period_end__lt=now - kept, in_lake=True
            )
            removed += old.delete()[0]
    return removed
