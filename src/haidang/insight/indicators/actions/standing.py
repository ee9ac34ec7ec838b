"""Where a series stands: its last value and state, brought up to date and told to the world."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min
from django.utils import timezone

from haidang.foundation.core import events, live
from haidang.foundation.obligations import api as obligations
from haidang.foundation.org import api as org
from haidang.insight.indicators.actions.storing import Cell
from haidang.insight.indicators.models import Indicator, Series
from haidang.insight.indicators.queries import books
from haidang.insight.indicators.rules import plans, staleness, states

WAKE_KIND = "indicators.stale"
VALUE_CHANGED = "indicators.value_changed"  # written only where somebody listens
STATE_CHANGED = "indicators.state_changed"


@dataclass(frozen=True)
class Judging:
    """What states are judged by: thresholds, plans, the values of a year before."""

    thresholds: books.ThresholdBook
    plans: books.PlanBook
    levels: Mapping[int, str]
    last_year: Mapping[tuple[int, datetime], float]


def judging(
    indicator: Indicator,
    unit_ids: Iterable[int],
    last_year: Mapping[tuple[int, datetime], float] | None = None,
) -> Judging:
    """Read what the states of one indicator's units are judged by."""
    unit_ids = set(unit_ids)
    return Judging(
        thresholds=books.ThresholdBook([indicator.pk]),
        plans=books.PlanBook([indicator.pk], unit_ids),
        levels={unit.id: unit.level for unit in org.units(unit_ids).values()},
        last_year=last_year or {},
    )


def measured(
    indicator: Indicator, cell: Cell, by: Judging
) -> tuple[float | None, states.Levels | None]:
    """Return what the threshold in force looks at, and its levels."""
    level = by.levels.get(cell.unit_id, "")
    day = timezone.localdate(cell.period_start)
    row = by.thresholds.at(indicator.pk, cell.unit_id, level, day)
    if row is None:
        return cell.value, None
    compared = plans.compared(
        row.basis,
        cell.value,
        plans=by.plans.at(indicator.pk, cell.unit_id, cell.period_start),
        last_year=by.last_year.get((cell.unit_id, cell.period_start)),
        at=min(cell.period_end, cell.as_of),
    )
    return compared, books.levels(row, indicator)


def judge(indicator: Indicator, cell: Cell, by: Judging) -> str:
    """Return the state of a closed cell: what cannot be compared is normal."""
    if cell.value is None:
        return "no_data"
    compared, levels = measured(indicator, cell, by)
    return "normal" if compared is None else states.judge(compared, levels)


def bring_up_to_date(
    indicator: Indicator,
    cells: Mapping[int, Cell],
    revisions: Mapping[int, int],
    by: Judging,
    *,
    now: datetime,
    announce: bool = True,
) -> None:
    """Set the series of units to their newest cells (by unit) and tell what changed.

    A cell older than the series' period changes nothing here: late data never raises an alert.
    """
    known = {
        row.unit_id: row
        for row in Series.objects.select_for_update()
        .filter(indicator=indicator, unit__in=cells)
        .order_by("unit_id")
    }
    changed: list[tuple[Series, str]] = []
    for unit_id, cell in sorted(cells.items()):
        row = known.get(unit_id)
        if row is not None and cell.period_start < row.period_start:
            continue
        changed.append(_advanced(indicator, row, cell, revisions.get(unit_id), by, now))
    _save([row for row, _ in changed])
    if announce:
        for row, old in changed:
            tell(indicator, row, old, now=now)
    wake_when_stale(indicator, now=now)


def _advanced(
    indicator: Indicator,
    row: Series | None,
    cell: Cell,
    revision: int | None,
    by: Judging,
    now: datetime,
) -> tuple[Series, str]:
    old = "no_data" if row is None else row.state
    row = row or Series(indicator=indicator, unit_id=cell.unit_id, state_since=cell.as_of)
    compared, levels = measured(indicator, cell, by)
    row.state, memory = _state(row, cell, compared, levels)
    row.watch_since, row.critical_since = memory.watch_since, memory.critical_since
    if row.state != old:
        row.state_since = cell.as_of
    for name in _CARRIED:
        setattr(row, name, getattr(cell, name))
    row.revision = revision or row.revision
    row.stale_at = staleness.stale_at(
        period_end=cell.period_end, as_of=cell.as_of, cycle=indicator.cycle, live=False
    )
    row.updated_at = now
    return row, old


_CARRIED = (
    "period_start", "period_end", "value", "as_of", "reported", "expected", "status",
    "source_type", "batch", "lineage", "is_simulated",
)  # fmt: skip


def _state(
    row: Series, cell: Cell, compared: float | None, levels: states.Levels | None
) -> tuple[str, states.Memory]:
    if cell.value is None:
        return "no_data", states.Memory()
    if compared is None or levels is None:
        return "normal", states.Memory()
    before = states.Memory(row.watch_since, row.critical_since)
    memory = states.advance(before, compared, cell.as_of, levels)
    return states.state_at(memory, cell.as_of, levels), memory


def _save(rows: list[Series]) -> None:
    Series.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["indicator", "unit"],
        update_fields=[*_CARRIED, *_MEMORY],
        batch_size=1000,
    )


_MEMORY = (
    "revision", "state", "state_since", "watch_since", "critical_since", "stale_at", "updated_at",
)  # fmt: skip


def tell(
    indicator: Indicator, row: Series, old: str, *, now: datetime, cause: str = "value"
) -> None:
    """Publish that a series has a new value, and a new state where it has."""
    if cause != "absence" and row.stale_at <= now:
        # A figure that was already old when it came in: nothing happened just now.
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
    live.tell("figure", unit=row.unit_id, sector=indicator.sector_id, indicator=indicator.code)


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
