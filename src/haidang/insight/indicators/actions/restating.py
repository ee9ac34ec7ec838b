"""Figures after a change of the map, or its undoing: what is on another map now is said anew.

Everything computed from the lake is computed again, on the map of each period. What units
reported by hand is divided as the set says; what it was is kept, and comes back with an undoing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime

from haidang.data.warehouse import api as warehouse
from haidang.foundation.calendar import periods
from haidang.foundation.core import jobs
from haidang.foundation.org import api as org
from haidang.insight.indicators.actions import (
    computing,
    formulas,
    queues,
    reported,
    standing,
    storing,
)
from haidang.insight.indicators.models import Indicator, Series, Value, ValueBefore
from haidang.insight.indicators.queries import books, conversion, on_map

DATASET_TASK = "indicators.restate_dataset"
_DAY = timedelta(days=1)
_KEPT = (
    "period_end", "value", "numerator", "denominator", "as_of", "reported", "expected", "status",
    "source_type", "lineage", "is_simulated",
)  # fmt: skip


def restate(*, change_set: int, on: date, now: datetime) -> None:
    """Bring the figures of all periods that end after `on` onto the map in force now.

    Reported values at once; each dataset by a job of its own, in line with its batches.
    """
    change = next((one for one in org.map_changes() if one.id == change_set), None)
    with transaction.atomic():
        if change is None:
            _bring_back(change_set, now)
        elif not ValueBefore.objects.filter(change_set=change_set).exists():
            for indicator in Indicator.objects.filter(method="manual").order_by("pk"):
                _divide(indicator, change, now)
    for dataset in computing.datasets():
        jobs.defer(DATASET_TASK, lock=f"indicators {dataset}", dataset=dataset, on=str(on))


def restate_dataset(*, dataset: str, on: date, now: datetime) -> int:
    """Compute a dataset's figures anew from a day on; return how many cells changed."""
    since = books.midnight(on)
    changed = 0
    with suppress(warehouse.UnknownTableError):  # nothing ever landed
        changed = queues.recompute(dataset, since, now=now)
    for indicator in [*computing.readers(dataset), *Indicator.objects.filter(method="formula")]:
        with transaction.atomic():
            changed += len(withdraw(indicator, since, now))
    return changed


def withdraw(indicator: Indicator, since: datetime, now: datetime) -> list[storing.Written]:
    """Say "no data" for units in periods on whose map they are not. The revisions stay."""
    rows = Value.objects.filter(indicator=indicator, period_end__gt=since, value__isnull=False)
    days: dict[datetime, frozenset[int]] = {}
    gone = []
    for row in rows:
        if row.period_start not in days:
            days[row.period_start] = _standing(indicator, row.period_start)
        if row.unit_id not in days[row.period_start]:
            gone.append(replace(_cell(row), value=None, numerator=None, denominator=None))
    written = storing.store(indicator, gone, now=now)
    _forget_ended(indicator)
    return written


def _standing(indicator: Indicator, start: datetime) -> frozenset[int]:
    day = conversion.last_day(periods.of(indicator.period, start))
    return frozenset(unit.id for unit in org.all_units(on=org.turn(day)))


def _forget_ended(indicator: Indicator) -> None:
    """A unit that ended has no figure of now."""
    today = [unit.id for unit in org.all_units()]
    Series.objects.filter(indicator=indicator).exclude(unit__in=today).delete()


def _divide(indicator: Indicator, change: "org.MapChange", now: datetime) -> None:
    """Divide the values that were reported by the map before for periods on the map since."""
    before = change.on - _DAY
    reporting = {unit.id for unit in org.all_units(indicator.reporting_level, "ubnd", on=before)}
    walk = org.crosswalk_between(before, change.on)
    rows = _reported(indicator, change, reporting)
    unmoved = _unmoved(change.on) if rows else frozenset()
    for start, values in sorted(rows.items()):
        touched = _touched(values, walk)
        said = {unit: held for unit in touched if (held := conversion.held(values[unit]))}
        period = periods.of(indicator.period, start)
        weights = on_map.weights_at(indicator, period, said) if "weight" in indicator.spec else {}
        made = conversion.convert(indicator, said, walk, weights)
        gone = _ended(indicator, start)
        _keep_before(change.id, indicator, [values[unit] for unit in touched], gone)
        like = _cell(next(iter(values.values())))
        cells = [
            replace(
                like, unit_id=unit, value=held.value, numerator=held.numerator,
                denominator=held.denominator, status=held.status, source_type="manual",
                lineage=f"map:{change.id}",
            )
            for unit, held in made.items()
        ]  # fmt: skip
        lost = [
            replace(_cell(values[unit]), value=None, numerator=None, denominator=None)
            for unit in touched
            if unit not in made
        ]
        _store(indicator, cells, lost, now, but=unmoved)
    withdraw(indicator, books.midnight(change.on), now)


def _reported(
    indicator: Indicator, change: "org.MapChange", units: Iterable[int]
) -> Mapping[datetime, dict[int, Value]]:
    found: defaultdict[datetime, dict[int, Value]] = defaultdict(dict)
    rows = Value.objects.filter(
        indicator=indicator,
        unit__in=set(units),
        period_end__gt=books.midnight(change.on),
        computed_at__lte=change.applied_at,
        value__isnull=False,
    )
    for row in rows.select_related("indicator"):
        found[row.period_start][row.unit_id] = row
    return found


def _touched(values: Iterable[int], walk: "org.Crosswalk") -> list[int]:
    """Return the units that say something and give or take ground."""
    named = {*walk, *(end for targets in walk.values() for end in targets)}
    return sorted(set(values) & named)


def _unmoved(on: date) -> frozenset[int]:
    """Return the units that cover the same ground as on the day before."""
    return frozenset(
        unit.id for unit in org.all_units(on=on) if org.same_ground(unit.id, on - _DAY, on)
    )


def _ended(indicator: Indicator, start: datetime) -> list[Value]:
    """Return the values of a period of units that are not on its map, those above included."""
    there = _standing(indicator, start)
    rows = Value.objects.filter(indicator=indicator, period_start=start, value__isnull=False)
    return [row for row in rows if row.unit_id not in there]


def _keep_before(
    change_set: int, indicator: Indicator, rows: Iterable[Value], gone: Iterable[Value]
) -> None:
    every = {row.unit_id: row for row in [*rows, *gone]}
    ValueBefore.objects.bulk_create(
        ValueBefore(
            change_set=change_set,
            indicator=indicator,
            unit_id=row.unit_id,
            period_start=row.period_start,
            content={name: _plain(getattr(row, name)) for name in _KEPT},
        )
        for row in every.values()
    )


def _bring_back(change_set: int, now: datetime) -> None:
    """Say again what was reported before the set applied; nothing where nothing was."""
    kept: defaultdict[int, list[ValueBefore]] = defaultdict(list)
    for row in ValueBefore.objects.filter(change_set=change_set):
        kept[row.indicator_id].append(row)
    made = Value.objects.filter(lineage=f"map:{change_set}", value__isnull=False)
    for indicator in Indicator.objects.filter(method="manual").order_by("pk"):
        rows = kept[indicator.pk]
        known = {(row.unit_id, row.period_start) for row in rows}
        lost = [
            replace(_cell(row), value=None, numerator=None, denominator=None)
            for row in made.filter(indicator=indicator)
            if (row.unit_id, row.period_start) not in known
        ]
        if rows or lost:
            _store(indicator, [_kept_cell(row) for row in rows], lost, now)
            _forget_ended(indicator)
    ValueBefore.objects.filter(change_set=change_set).delete()


def _store(
    indicator: Indicator,
    cells: list[storing.Cell],
    lost: list[storing.Cell],
    now: datetime,
    but: frozenset[int] = frozenset(),
) -> None:
    written = storing.store(indicator, lost, now=now)
    written += reported.store_and_roll_up(indicator, cells, now, but=but)
    if written:
        standing.refresh(indicator, written, now=now, announce=False)
        formulas.follow([indicator], {one.period_start for one in written}, now=now, announce=False)


def _cell(row: Value) -> storing.Cell:
    return storing.Cell(
        unit_id=row.unit_id,
        period_start=row.period_start,
        state=row.state,
        batch=row.batch,
        **{name: getattr(row, name) for name in _KEPT},
    )


def _kept_cell(row: ValueBefore) -> storing.Cell:
    content: dict[str, Any] = dict(row.content)
    for name in ("period_end", "as_of"):
        content[name] = parse_datetime(content[name])
    return storing.Cell(unit_id=row.unit_id, period_start=row.period_start, **content)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
