"""From a row to a Figure: the headline, the ratios, the pace, the words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.urls import reverse
from django.utils import timezone

from haidang.foundation.calendar import periods
from haidang.foundation.org import api as org
from haidang.insight.indicators.models import Indicator, Threshold
from haidang.insight.indicators.queries import books, conversion
from haidang.insight.indicators.rules import plans, staleness, words
from haidang.insight.indicators.rules.figures import Delta, Figure, PlanRatio


class Row(Protocol):
    """What a Series and a Value have in common."""

    period_start: datetime
    period_end: datetime
    value: float | None
    as_of: datetime
    reported: int
    expected: int
    status: str
    source_type: str
    batch: int | None
    lineage: str
    is_simulated: bool
    revision: int
    state: str


@dataclass(frozen=True)
class Surroundings:
    """What a figure is seen against: earlier values by period start, thresholds, plans, now."""

    thresholds: books.ThresholdBook
    plans: books.PlanBook
    earlier: Mapping[tuple[int, int, datetime], float]
    pending: frozenset[tuple[int, int]]
    now: datetime


def figure(
    indicator: Indicator,
    unit: "org.UnitRef",
    row: Row | None,
    around: Surroundings,
    *,
    stale_at: datetime | None = None,
    state_since: datetime | None = None,
    newer_pending: bool = False,
) -> Figure:
    """Return the Figure of one row, or an empty one. Without `stale_at` the period is history."""
    if row is None or row.value is None:
        return empty(indicator, unit, around)
    period = periods.of(indicator.period, row.period_start)
    state = row.state
    if stale_at is not None:
        state = staleness.shown(state, stale_at=stale_at, now=around.now)
    held = around.plans.at(indicator.pk, unit.id, row.period_start)
    threshold = _threshold(indicator, unit, row.period_start, around)
    ratios = plans.ratios(
        row.value,
        held,
        unit=indicator.unit_of_measure,
        direction=indicator.direction,
        decimals=indicator.decimals,
    )
    pace = _pace(held, row)
    of_plan = headline_ratio(indicator, ratios)
    return Figure(
        **_identity(indicator, unit),
        **_measured(indicator, row, period, around),
        headline=row.value if of_plan is None else of_plan,
        headline_unit=indicator.unit_of_measure if of_plan is None else "%",
        headline_decimals=indicator.decimals if of_plan is None else 1,
        state=state,
        state_label=words.state_label(state, hazard=indicator.is_hazard),
        state_since=state_since,
        stale_since=stale_at if state == "stale" else None,
        newer_pending=newer_pending or (indicator.pk, unit.id) in around.pending,
        expected_pace=pace,
        targets=ratios,
        threshold=books.threshold_ref(threshold),
        deltas=tuple(_deltas(indicator, unit, row, period, around, ratios, pace, threshold)),
    )


def _measured(
    indicator: Indicator, row: Row, period: "periods.Period", around: Surroundings
) -> dict[str, Any]:
    """Return what the row says of itself: period, value, completeness, pedigree."""
    return {
        "period_key": period.key,
        "period_label": _live_label(row) if indicator.method == "live" else period.label(),
        "period_start": row.period_start,
        "period_end": row.period_end,
        "value": row.value,
        "as_of": min(row.as_of, around.now),  # the day of a datum may still be running
        "reported": row.reported,
        "expected": row.expected,
        "status": row.status,
        "approval": "approved",
        "source_type": row.source_type,
        "revision": row.revision,
        "lineage": row.lineage or (f"batch:{row.batch}" if row.batch else ""),
        "simulated": row.is_simulated,
    }


def empty(indicator: Indicator, unit: "org.UnitRef", around: Surroundings) -> Figure:
    """Return the figure of which nothing is known: "chưa có số liệu"."""
    threshold = _threshold(indicator, unit, around.now, around)
    return Figure(
        **_identity(indicator, unit),
        period_key="",
        period_label="",
        period_start=None,
        period_end=None,
        value=None,
        headline=None,
        headline_unit=indicator.unit_of_measure,
        headline_decimals=indicator.decimals,
        as_of=None,
        reported=0,
        expected=0,
        status="",
        approval="",
        source_type="",
        state="no_data",
        state_label=words.state_label("no_data", hazard=indicator.is_hazard),
        state_since=None,
        stale_since=None,
        revision=0,
        lineage="",
        newer_pending=(indicator.pk, unit.id) in around.pending,
        threshold=books.threshold_ref(threshold),
    )


def headline_ratio(indicator: Indicator, ratios: tuple[PlanRatio, ...]) -> float | None:
    """Return the first issuer's ratio where the indicator is headed by it."""
    if not indicator.shows_ratio:
        return None
    return next((ratio.ratio for ratio in ratios if ratio.ratio is not None), None)


def _identity(indicator: Indicator, unit: "org.UnitRef") -> dict[str, Any]:
    return {
        "indicator": indicator.code,
        "name": indicator.name,
        "sector": indicator.sector_id,
        "unit_id": unit.id,
        "unit_code": unit.code,
        "unit_name": unit.name,
        "unit_of_measure": indicator.unit_of_measure,
        "decimals": indicator.decimals,
        "direction": indicator.direction,
        "hazard": indicator.is_hazard,
        "url": reverse("indicators:figure", args=[indicator.code, unit.code]),
    }


def _threshold(
    indicator: Indicator, unit: "org.UnitRef", moment: datetime, around: Surroundings
) -> Threshold | None:
    day = timezone.localdate(moment)
    return around.thresholds.at(indicator.pk, unit.id, unit.level, day)


def _live_label(row: Row) -> str:
    return f"{timezone.localtime(row.as_of):%H:%M}"


def _pace(held: list[plans.Plan], row: Row) -> float | None:
    plan = plans.leading(held, "amount")
    if plan is None:
        return None
    return plans.expected_pace(plan.start, plan.end, min(row.period_end, row.as_of))


def _deltas(
    indicator: Indicator,
    unit: "org.UnitRef",
    row: Row,
    period: "periods.Period",
    around: Surroundings,
    ratios: tuple[PlanRatio, ...],
    pace: float | None,
    threshold: Threshold | None,
) -> list[Delta]:
    found: list[Delta] = []
    of_plan = next((ratio.ratio for ratio in ratios if ratio.ratio is not None), None)
    basis = threshold.basis if threshold is not None else ""
    if basis == "pace" and of_plan is not None and pace is not None:
        found.append(words.pace(of_plan, pace))
    cumulative = bool(indicator.spec.get("cumulative"))
    assert row.value is not None
    last_year = around.earlier.get((indicator.pk, unit.id, period.same_last_year().start))
    if last_year is not None and (cumulative or basis == "last_year"):
        grown = words.growth(row.value, last_year, direction=indicator.direction, against="cùng kỳ")
        found += _warned(grown, unit, period, period.same_last_year())
    before = around.earlier.get((indicator.pk, unit.id, period.previous().start))
    if before is not None and not cumulative:
        changed = words.change(
            row.value,
            before,
            unit=indicator.unit_of_measure,
            decimals=indicator.decimals,
            direction=indicator.direction,
            against=words.earlier(indicator.period),
        )
        found += _warned(changed, unit, period, period.previous())
    return found


def _warned(
    delta: Delta | None, unit: "org.UnitRef", period: "periods.Period", earlier: "periods.Period"
) -> list[Delta]:
    """Return a difference; one between two grounds says so and is neither good nor bad."""
    if delta is None:
        return []
    days = conversion.last_day(earlier), conversion.last_day(period)
    if org.same_ground(unit.id, *days):
        return [delta]
    return [words.across_maps(delta)]
