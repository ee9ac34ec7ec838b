"""Where a series stands: its newest value and its state, and telling the world.

The state is replayed over the newest periods, so that it does not depend on the order in which
values came.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Max, Min

from haidang.foundation.core import events, live
from haidang.foundation.obligations import api as obligations
from haidang.insight.indicators.actions import judging, storing
from haidang.insight.indicators.models import Indicator, Series, Value
from haidang.insight.indicators.rules import staleness

WAKE_KIND = "indicators.stale"
VALUE_CHANGED = "indicators.value_changed"  # written only where somebody listens
STATE_CHANGED = "indicators.state_changed"
_REPLAYED = 40  # periods; a hysteresis that lasts longer is cut
_CARRIED = (
    "period_start", "period_end", "value", "as_of", "reported", "expected", "status",
    "source_type", "batch", "lineage", "is_simulated", "revision",
)  # fmt: skip
_OWN = ("state", "state_since", "watch_since", "critical_since", "stale_at", "updated_at")


def refresh(
    indicator: Indicator,
    written: Iterable[storing.Written],
    *,
    now: datetime,
    announce: bool = True,
) -> None:
    """Set the series of the units whose values changed, and tell what is new.

    A change of a closed period may change a state too, as *restated*: that raises no alert.
    """
    starts: defaultdict[int, set[datetime]] = defaultdict(set)
    for one in written:
        starts[one.unit_id].add(one.period_start)
    values = _newest_values(indicator, starts)
    known = {
        row.unit_id: row
        for row in Series.objects.select_for_update()
        .filter(indicator=indicator, unit__in=values)
        .order_by("unit_id")
    }
    by = judging.judging(indicator, values)
    by = judging.with_last_year(by, indicator, (row for rows in values.values() for row in rows))
    before = {unit_id: row.state for unit_id, row in known.items()}
    changed = [
        (_set(indicator, known.get(unit_id), rows, by, now), rows[-1])
        for unit_id, rows in sorted(values.items())
    ]
    _save([row for row, _ in changed])
    for row, newest in changed if announce else ():
        cause = "value" if newest.period_start in starts[row.unit_id] else "restated"
        tell(indicator, row, before.get(row.unit_id, "no_data"), now=now, cause=cause)
    wake_when_stale(indicator, now=now)


def _newest_values(indicator: Indicator, units: Iterable[int]) -> dict[int, list[Value]]:
    """Return the last periods of each unit, oldest first."""
    newest = {
        row["unit_id"]: row["start"]
        for row in Value.objects.filter(indicator=indicator, unit__in=list(units))
        .values("unit_id")
        .annotate(start=Max("period_start"))
    }
    if not newest:
        return {}
    first = min(newest.values())
    length = Value.objects.filter(indicator=indicator, period_start=first).first()
    assert length is not None
    span = (length.period_end - length.period_start) * _REPLAYED
    found: defaultdict[int, list[Value]] = defaultdict(list)
    rows = Value.objects.filter(
        indicator=indicator, unit__in=newest, period_start__gt=first - span
    ).order_by("period_start")
    for row in rows:
        if row.period_start > newest[row.unit_id] - span:
            found[row.unit_id].append(row)
    return dict(found)


def _set(
    indicator: Indicator,
    known: Series | None,
    rows: list[Value],
    by: judging.Judging,
    now: datetime,
) -> Series:
    newest = rows[-1]
    state, memory = judging.replay(indicator, rows, by)
    row = Series(indicator=indicator, unit_id=newest.unit_id) if known is None else known
    if known is None or known.state != state:
        row.state_since = newest.as_of
    row.state = state
    row.watch_since, row.critical_since = memory.watch_since, memory.critical_since
    for name in _CARRIED:
        setattr(row, name, getattr(newest, name))
    row.stale_at = staleness.stale_at(
        period_end=newest.period_end,
        as_of=newest.as_of,
        cycle=indicator.cycle,
        said=indicator.method == Indicator.Method.MANUAL,
    )
    row.updated_at = now
    return row


def _save(rows: list[Series]) -> None:
    Series.objects.bulk_create([row for row in rows if row.pk is None], batch_size=1000)
    old = [row for row in rows if row.pk is not None]
    Series.objects.bulk_update(old, [*_CARRIED, *_OWN], batch_size=200)


def tell(
    indicator: Indicator, row: Series, old: str, *, now: datetime, cause: str = "value"
) -> None:
    """Publish that a series has a new value, and a new state where it has.

    A figure that was already too old when it came in happened long ago: it is restated.
    """
    if cause == "value" and row.stale_at <= now:
        cause = "restated"
    ids = {"indicator": indicator.code, "unit": row.unit_id, "value_id": row.pk}
    aggregate = f"series:{indicator.code}:{row.unit_id}"
    if VALUE_CHANGED in events.subscribers():
        events.publish(VALUE_CHANGED, aggregate=aggregate, cause=cause, **ids)
    if row.state != old:
        events.publish(
            STATE_CHANGED,
            aggregate=aggregate,
            old=old,
            new=row.state,
            cause=cause,
            at=row.state_since.isoformat(),
            **ids,
        )
    tell_pages([(indicator, row)])


def tell_pages(moved: Iterable[tuple[Indicator, Series]]) -> None:
    """Tell open pages which figures moved, in one statement."""
    live.tell_all(
        [
            live.Note("figure", row.unit_id, indicator.sector_id, {"indicator": indicator.code})
            for indicator, row in moved
        ]
    )


def wake_when_stale(indicator: Indicator, *, now: datetime) -> None:
    """Set the indicator's one timer to when the first of its fresh figures becomes stale."""
    fresh = Series.objects.filter(indicator=indicator, stale_at__gt=now)
    due = fresh.aggregate(first=Min("stale_at"))["first"]
    if due is not None:
        obligations.wake_up(kind=WAKE_KIND, ref=indicator.code, due_at=due)


def mark_stale(indicator: Indicator, *, now: datetime) -> int:
    """Set the figures that are older than their cycle to stale and tell; return how many."""
    rows = list(
        Series.objects.select_for_update()
        .filter(indicator=indicator, stale_at__lte=now)
        .exclude(state__in=["stale", "no_data"])
        .order_by("unit_id")
    )
    for row in rows:
        old, row.state, row.state_since = row.state, "stale", row.stale_at
        row.updated_at = now
        row.save(update_fields=["state", "state_since", "updated_at"])
        tell(indicator, row, old, now=now, cause="absence")
    wake_when_stale(indicator, now=now)
    return len(rows)
