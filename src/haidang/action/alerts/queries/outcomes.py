"""How the latest closed alerts of many series ended, for boards."""

from collections.abc import Collection

from haidang.action.alerts.models import Alert, State
from haidang.action.alerts.queries.alerts import PastOutcome


def last_outcomes(pairs: Collection[tuple[str, int]]) -> dict[tuple[str, int], PastOutcome]:
    """Return the latest outcome of each (indicator, unit id) that has one, in one query."""
    found = (
        Alert.objects.filter(
            subject__in={subject for subject, _ in pairs},
            unit__in={unit for _, unit in pairs},
            state=State.CLOSED,
            closed_at__isnull=False,
        )
        .order_by("subject", "unit", "-closed_at")
        .distinct("subject", "unit")
    )
    wanted = set(pairs)
    return {
        (alert.subject, alert.unit_id): _past(alert)
        for alert in found
        if (alert.subject, alert.unit_id) in wanted
    }


def _past(alert: Alert) -> PastOutcome:
    assert alert.closed_at is not None
    return PastOutcome(
        number=alert.number,
        outcome=alert.outcome,
        label=alert.get_outcome_display(),
        closed_at=alert.closed_at,
        closed_by=alert.closed_by,
        note=alert.note,
        url=alert.get_absolute_url(),
    )
