"""Keeping computed cells: values, states, revisions, and where each series stands."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

import numpy as np

from haidang.data.ingest import api as ingest
from haidang.data.warehouse import api as warehouse
from haidang.foundation.calendar import periods
from haidang.foundation.org import api as org
from haidang.insight.indicators.actions import archive, judging, standing, storing
from haidang.insight.indicators.models import Indicator, Series, Value
from haidang.insight.indicators.queries import conversion
from haidang.insight.indicators.rules import rollup, windows
from haidang.insight.indicators.rules.rollup import Cells, Ints
from haidang.insight.indicators.rules.specs import Measure

if TYPE_CHECKING:
    import pyarrow as pa

_DIGITS = 6  # sums of the lake differ in their last bits from run to run


def keep(
    indicator: Indicator,
    measure: Measure,
    cells: Cells,
    found: Sequence[periods.Period],
    *,
    now: datetime,
    announce: bool,
) -> int:
    """Keep the cells of one indicator; return how many were new or different."""
    import pyarrow.compute as pc

    if not len(cells):
        return 0

    table = _as_table(indicator, measure, cells, found, now)
    is_at_hand = _at_hand(indicator, table, now)
    archive.restate(indicator, table.filter(pc.invert(is_at_hand)), now=now)
    written = storing.store_table(table.filter(is_at_hand))
    if written and indicator.method != "live":
        standing.refresh(indicator, written, now=now, announce=announce)
    return len(written)


def withdraw_unsaid(
    indicator: Indicator,
    cells: Cells,
    found: Sequence[periods.Period],
    *,
    since: datetime | None,
    now: datetime,
) -> int:
    """Say "no data" where the whole lake, read since a moment, says nothing any more.

    After a change of the map a unit may have no part in a period in which it had one before.
    """
    starts = [period.start for period in found]
    said = {
        (unit, starts[period])
        for unit, period in zip(cells.unit.tolist(), cells.period.tolist(), strict=True)
    }
    rows = Value.objects.filter(indicator=indicator, source_type="automatic", value__isnull=False)
    if since is not None:
        rows = rows.filter(period_start__gte=since)
    gone = [
        storing.Cell(row.unit_id, row.period_start, row.period_end, None, row.as_of)
        for row in rows.iterator()
        if (row.unit_id, row.period_start) not in said
    ]
    written = storing.store(indicator, gone, now=now)
    if written:
        standing.refresh(indicator, written, now=now, announce=False)
    return len(written)


def _at_hand(indicator: Indicator, table: "pa.Table", now: datetime) -> "pa.Array":
    import pyarrow as pa
    import pyarrow.compute as pc

    kept = windows.kept(indicator.period)
    if kept is None:
        return pa.array(np.ones(len(table), dtype=bool))
    return pc.greater_equal(table["period_end"], pa.scalar(now - kept, pa.timestamp("us", "UTC")))


def _as_table(
    indicator: Indicator,
    measure: Measure,
    cells: Cells,
    found: Sequence[periods.Period],
    now: datetime,
) -> "pa.Table":
    import pyarrow as pa

    cells = cells.take(np.lexsort((cells.period, cells.unit)))
    size = len(cells)
    quotient = measure.has_denominator and measure.rollup == "sum"
    values = np.round(rollup.values(cells, scale=measure.scale, quotient=quotient), _DIGITS)
    starts = _micros([period.start for period in found])[cells.period]
    ends = _micros([period.end for period in found])[cells.period]
    moment = pa.timestamp("us", "UTC")
    simulated = _simulated(cells.batch)
    return pa.table(
        {
            "indicator_id": np.full(size, indicator.pk),
            "unit_id": cells.unit,
            "period_start": pa.array(starts, moment),
            "period_end": pa.array(ends, moment),
            "value": pa.array(values, from_pandas=True),
            "numerator": pa.array(np.round(cells.numerator, _DIGITS), from_pandas=True),
            "denominator": pa.array(np.round(cells.denominator, _DIGITS), from_pandas=True),
            "as_of": pa.array(cells.as_of * 1_000_000, moment),
            "reported": cells.reported,
            "expected": _expected(indicator, cells, found),
            "status": pa.array(np.where(cells.estimated > 0, "estimate", "preliminary").tolist()),
            "source_type": pa.array(["automatic"] * size),
            "batch": cells.batch,
            "lineage": pa.array([""] * size),
            "is_simulated": simulated,
            "state": judging.judge_all(
                indicator, cells.unit, found, cells.period, values, cells.as_of
            ),
            "computed_at": pa.array(np.full(size, _micros([now])[0]), moment),
        }
    )


def _micros(moments: Sequence[datetime]) -> Ints:
    return np.array([round(moment.timestamp()) * 1_000_000 for moment in moments], dtype=np.int64)


def _simulated(batches: Ints) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Say of each cell whether its newest batch came from a simulated source."""
    numbers, index = np.unique(batches, return_inverse=True)
    landed = warehouse.landed(int(number) for number in numbers)
    sources = {code: is_simulated(code) for code in {one.source for one in landed.values()}}
    flags = [
        sources[landed[number].source] if number in landed else False for number in numbers.tolist()
    ]
    return np.array(flags, dtype=bool)[index]


def is_simulated(source: str) -> bool:
    """Say whether a source is the demo's; a source that is gone is not."""
    try:
        return ingest.source(source).is_simulated
    except ingest.SourceNotFoundError:
        return False


def _expected(indicator: Indicator, cells: Cells, found: Sequence[periods.Period]) -> Ints:
    """Return how many reporters each cell should have: the units of the level below in the tree of
    its period, or as many devices as have ever reported."""
    if indicator.spec.get("metric"):
        most = dict(Series.objects.filter(indicator=indicator).values_list("unit_id", "expected"))
        for unit_id in np.unique(cells.unit).tolist():
            seen = int(cells.reported[cells.unit == unit_id].max())
            most[unit_id] = max(seen, most.get(unit_id, 0))
        return np.array([most.get(unit_id, 1) for unit_id in cells.unit.tolist()], dtype=np.int64)
    days = [org.turn(conversion.last_day(period)) for period in found]
    counts = {day: expected_units(indicator.reporting_level, day) for day in set(days)}
    return np.array(
        [
            counts[days[period]].get(unit_id, 1)
            for unit_id, period in zip(cells.unit.tolist(), cells.period.tolist(), strict=True)
        ],
        dtype=np.int64,
    )


def expected_units(level: str, on: date) -> dict[int, int]:
    """Return, by unit, how many reporting units of a level it has on a day, itself included."""
    counts: dict[int, int] = {}
    for unit in org.all_units(level=level, kind="ubnd", on=on):
        for above in org.path(unit.id, on=on):
            counts[above.id] = counts.get(above.id, 0) + 1
    return counts
