"""How the latest closed alerts of series ended."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from haidang.action.alerts.models import Alert, State


@dataclass(frozen=True)
class PastOutcome:
    """What the last closed alert of a series turned out to be."""

    number: str
    outcome: str
    label: str
    closed_at: datetime
    closed_by: str
    note: str
    url: str


def last_outcome(indicator: str, unit_id: int) -> PastOutcome | None:
    """Return how the latest closed alert of a series ended."""
    return last_outcomes([(indicator, unit_id)]).get((indicator, unit_id))


def last_outcomes(pairs: Collection[tuple[str, int]]) -> dict[tuple[str, int], PastOutcome]:
    """Return how the latest closed alert of each (indicator, unit) ended, in one query."""
    asked = set(pairs)
    rows = (
        Alert.objects.filter(
            subject__in={subject for subject, _ in asked},
            unit__in={unit for _, unit in asked},
            state=State.CLOSED,
        )
        .order_by("subject", "unit", "-closed_at")
        .distinct("subject", "unit")
    )
    found = {(row.subject, row.unit_id): row for row in rows}
    return {pair: _past(row) for pair, row in found.items() if pair in asked}


def _past(row: Alert) -> PastOutcome:
    assert row.closed_at is not None  # by constraint
    return PastOutcome(
        number=row.number,
        outcome=row.outcome,
        label=row.get_outcome_display(),
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        note=row.note,
        url=row.get_absolute_url(),
    )
