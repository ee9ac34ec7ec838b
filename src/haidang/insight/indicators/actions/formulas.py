"""Formulas: when an indicator changes, so do those that are computed from it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from haidang.insight.indicators.actions import judging, standing, storing
from haidang.insight.indicators.models import Indicator, Value
from haidang.insight.indicators.rules import formulas

_Place = tuple[int, datetime]  # unit and period start


def follow(
    changed: Iterable[Indicator],
    starts: Iterable[datetime],
    *,
    now: datetime,
    announce: bool = True,
) -> None:
    """Compute the formulas that read some indicators, in the periods that begin at `starts`.

    Formulas may read formulas; each is computed once per round and a circle ends by itself.
    """
    starts = set(starts)
    waiting = {indicator.code for indicator in changed}
    done: set[str] = set()
    known = list(Indicator.objects.filter(method="formula"))
    while waiting and starts:
        following = [
            one
            for one in known
            if one.code not in done and formulas.codes(one.spec["formula"]) & waiting
        ]
        for one in following:
            with transaction.atomic():
                _compute(one, starts, now, announce)
        done |= {one.code for one in following}
        waiting = {one.code for one in following}


def _compute(indicator: Indicator, starts: set[datetime], now: datetime, announce: bool) -> None:
    formula = indicator.spec["formula"]
    inputs = _inputs(formulas.codes(formula), starts)
    cells = [
        cell for place, rows in inputs.items() if (cell := _cell(formula, place, rows)) is not None
    ]
    by = judging.judging(indicator, {cell.unit_id for cell in cells})
    by = judging.with_last_year(by, indicator, cells)
    judged = [replace(cell, state=judging.judge(indicator, cell, by)) for cell in cells]
    written = storing.store(indicator, judged, now=now)
    if written:
        standing.refresh(indicator, written, now=now, announce=announce)


def _inputs(codes: Iterable[str], starts: set[datetime]) -> Mapping[_Place, dict[str, Value]]:
    found: defaultdict[_Place, dict[str, Value]] = defaultdict(dict)
    rows = Value.objects.filter(indicator__code__in=list(codes), period_start__in=starts)
    for row in rows.select_related("indicator"):
        found[row.unit_id, row.period_start][row.indicator.code] = row
    return found


def _cell(formula: str, place: _Place, rows: Mapping[str, Value]) -> storing.Cell | None:
    value = formulas.evaluate(formula, {code: row.value for code, row in rows.items()})
    if value is None:
        return None
    used = list(rows.values())
    is_typed = any(row.source_type == "manual" for row in used)
    return storing.Cell(
        unit_id=place[0],
        period_start=place[1],
        period_end=used[0].period_end,
        value=round(value, 6),
        as_of=min(row.as_of for row in used),
        reported=min(row.reported for row in used),
        expected=max(row.expected for row in used),
        status=min((row.status for row in used), key=_CERTAINTY.index),
        source_type="manual" if is_typed else "automatic",
        batch=max((row.batch for row in used if row.batch is not None), default=None),
        lineage="formula:" + ",".join(sorted(rows)),
        is_simulated=any(row.is_simulated for row in used),
    )


_CERTAINTY = ["estimate", "preliminary", "official"]
