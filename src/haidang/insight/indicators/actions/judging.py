"""States of cells under the thresholds of their own time: one by one, and as columns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Protocol

import numpy as np
from django.utils import timezone

from haidang.foundation.calendar import periods
from haidang.foundation.org import api as org
from haidang.insight.indicators.actions import storing
from haidang.insight.indicators.models import Indicator, Value
from haidang.insight.indicators.queries import books
from haidang.insight.indicators.rules import plans, states
from haidang.insight.indicators.rules.rollup import Floats, Ints

_WORDS = np.array(["normal", "watch", "critical", "no_data"])
_LEVELS = ("watch", "critical", "watch_low", "critical_low")


class Judged(Protocol):
    """What a Value and a Cell have in common."""

    @property
    def unit_id(self) -> int: ...
    @property
    def period_start(self) -> datetime: ...
    @property
    def period_end(self) -> datetime: ...
    @property
    def value(self) -> float | None: ...
    @property
    def as_of(self) -> datetime: ...


@dataclass(frozen=True)
class Judging:
    """What states are judged by: thresholds, plans, the values of a year before."""

    thresholds: books.ThresholdBook
    plans: books.PlanBook
    levels: Mapping[int, str]
    last_year: Mapping[tuple[int, datetime], float]

    @property
    def looks_back(self) -> bool:
        """Whether some threshold compares with the year before."""
        return self.thresholds.has_basis("last_year")


def judging(indicator: Indicator, unit_ids: Iterable[int]) -> Judging:
    """Read what the states of one indicator's units are judged by."""
    unit_ids = set(unit_ids)
    return Judging(
        thresholds=books.ThresholdBook([indicator.pk]),
        plans=books.PlanBook([indicator.pk], unit_ids),
        levels={unit.id: unit.level for unit in org.units(unit_ids).values()},
        last_year={},
    )


def with_last_year(by: Judging, indicator: Indicator, rows: Iterable[Judged]) -> Judging:
    """Add the values of a year before where a threshold asks for them."""
    if not by.looks_back:
        return by
    return replace(by, last_year=last_year(indicator, rows))


def measured(
    indicator: Indicator, row: Judged, by: Judging
) -> tuple[float | None, states.Levels | None]:
    """Return what the threshold in force looks at, and its levels."""
    level = by.levels.get(row.unit_id, "")
    day = timezone.localdate(row.period_start)
    threshold = by.thresholds.at(indicator.pk, row.unit_id, level, day)
    if threshold is None:
        return row.value, None
    compared = plans.compared(
        threshold.basis,
        row.value,
        plans=by.plans.at(indicator.pk, row.unit_id, row.period_start),
        last_year=by.last_year.get((row.unit_id, row.period_start)),
        at=min(row.period_end, row.as_of),
    )
    return compared, books.levels(threshold, indicator)


def judge(indicator: Indicator, row: Judged, by: Judging) -> str:
    """Return the state of one value without memory: what cannot be compared is normal."""
    if row.value is None:
        return "no_data"
    compared, levels = measured(indicator, row, by)
    return "normal" if compared is None else states.judge(compared, levels)


def replay(indicator: Indicator, rows: Iterable[Judged], by: Judging) -> tuple[str, states.Memory]:
    """Return the state after values in order of time, and since when its levels are active."""
    memory, state = states.Memory(), "no_data"
    for row in rows:
        compared, levels = measured(indicator, row, by)
        if row.value is None or compared is None or levels is None:
            memory = states.Memory()
            state = "no_data" if row.value is None else "normal"
        else:
            memory = states.advance(memory, compared, row.as_of, levels)
            state = states.state_at(memory, row.as_of, levels)
    return state, memory


def judge_all(
    indicator: Indicator,
    units: Ints,
    found: Sequence[periods.Period],
    period: Ints,
    values: Floats,
    as_of: Ints,
) -> list[str]:
    """Return the state of each cell; `period` gives the place of each cell's period in `found`."""
    by = judging(indicator, np.unique(units).tolist())
    rows = by.thresholds.of(indicator.pk)
    if all(row.basis == "value" for row in rows):
        return _by_value(indicator, units, found, period, values, by)
    columns = units.tolist(), period.tolist(), values.tolist(), as_of.tolist()
    cells = [
        storing.Cell(
            unit_id=unit,
            period_start=found[at].start,
            period_end=found[at].end,
            value=None if np.isnan(value) else value,
            as_of=datetime.fromtimestamp(moment, UTC),
        )
        for unit, at, value, moment in zip(*columns, strict=True)
    ]
    by = with_last_year(by, indicator, cells)
    return [judge(indicator, cell, by) for cell in cells]


def _by_value(
    indicator: Indicator,
    units: Ints,
    found: Sequence[periods.Period],
    period: Ints,
    values: Floats,
    by: Judging,
) -> list[str]:
    """Fill in the thresholds from the general to the particular, then compare columns."""
    days = np.array([timezone.localdate(one.start).toordinal() for one in found])[period]
    levels = np.array([by.levels.get(unit, "") for unit in units.tolist()])
    columns = {name: np.full(len(units), np.nan) for name in _LEVELS}
    rows = by.thresholds.of(indicator.pk)
    for row in sorted(rows, key=lambda row: (row.unit_id is not None, row.level != "")):
        lower = (row.valid.lower or date.min).toordinal()
        upper = (row.valid.upper or date.max).toordinal()
        holds = (days >= lower) & (days < upper)
        if row.unit_id is not None:
            holds &= units == row.unit_id
        if row.level:
            holds &= levels == row.level
        for name, column in columns.items():
            level = getattr(row, name)
            column[holds] = np.nan if level is None else level
    severity = np.where(
        _beyond(indicator, values, columns["critical"], columns["critical_low"]),
        2,
        _beyond(indicator, values, columns["watch"], columns["watch_low"]),
    )
    return list(_WORDS[np.where(np.isnan(values), 3, severity)])


def _beyond(indicator: Indicator, values: Floats, upper: Floats, lower: Floats) -> Ints:
    with np.errstate(invalid="ignore"):
        if indicator.direction == "higher":
            return (values < upper).astype(np.int64)
        beyond = values >= upper
        if indicator.direction == "range":
            beyond |= values < lower
        return beyond.astype(np.int64)


def last_year(indicator: Indicator, rows: Iterable[Judged]) -> dict[tuple[int, datetime], float]:
    """Return, by unit and period start, the value of the same period a year before."""
    rows = list(rows)
    own = {(row.unit_id, row.period_start): row.value for row in rows}
    before = {
        start: periods.of(indicator.period, start).same_last_year().start
        for start in {row.period_start for row in rows}
    }
    kept = {
        (unit, start): value
        for unit, start, value in Value.objects.filter(
            indicator=indicator, period_start__in=set(before.values())
        ).values_list("unit_id", "period_start", "value")
    }
    found: dict[tuple[int, datetime], float] = {}
    for row in rows:
        key = row.unit_id, before[row.period_start]
        value = own.get(key, kept.get(key))
        if value is not None:
            found[row.unit_id, row.period_start] = value
    return found
