"""Try a rule on the past before it is on: the same `rules.step` as live."""

from datetime import datetime, timedelta

from haidang.action.alerts import rules
from haidang.foundation.access import api as access
from haidang.insight.indicators import api as indicators


def backtest(
    *,
    indicator: str,
    unit_id: int,
    criteria: rules.Criteria,
    scope: access.Scope,
    now: datetime,
    days: int = 365,
) -> list[rules.Episode]:
    """Return the alerts that a rule would have raised on a series in the last `days`.

    A period's state was known when the period ended.
    """
    points = indicators.series(indicator, unit_id, scope, now - timedelta(days=days), now)
    history = [rules.Seen(point.state, point.end) for point in points if point.end <= now]
    return rules.replay(criteria, history, until=now)
