"""Thresholds and plans of many figures at once, read in one query each."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from haidang.insight.indicators.models import Indicator, Target, Threshold
from haidang.insight.indicators.rules import figures, plans, states

_FIRST = date(1900, 1, 1)
_LAST = date(9000, 1, 1)


class ThresholdBook:
    """The dated thresholds of some indicators."""

    def __init__(self, indicator_ids: Iterable[int]) -> None:
        self._rows: defaultdict[int, list[Threshold]] = defaultdict(list)
        for row in Threshold.objects.filter(indicator__in=set(indicator_ids)):
            self._rows[row.indicator_id].append(row)

    def at(self, indicator_id: int, unit_id: int, level: str, day: date) -> Threshold | None:
        """Return the threshold in force: the unit's own, else its level's, else the general one."""
        found = [
            row
            for row in self._rows[indicator_id]
            if row.unit_id in (None, unit_id) and row.level in ("", level) and _holds(row, day)
        ]
        return max(found, key=lambda row: (row.unit_id is not None, row.level != ""), default=None)

    def has_basis(self, basis: str) -> bool:
        """Say whether some threshold looks at this."""
        return any(row.basis == basis for rows in self._rows.values() for row in rows)

    def of(self, indicator_id: int) -> list[Threshold]:
        """Return all thresholds of an indicator, newest first."""
        return sorted(self._rows[indicator_id], key=lambda row: row.valid.lower, reverse=True)


def _holds(row: Threshold, day: date) -> bool:
    lower, upper = row.valid.lower or _FIRST, row.valid.upper or _LAST
    return bool(lower <= day < upper)


def levels(row: Threshold, indicator: Indicator) -> states.Levels:
    """Return a threshold as the rules take it. Differences are better the higher they are, and
    the reverse where lower is better, just as the values themselves."""
    return states.Levels(
        direction=indicator.direction,
        watch=row.watch,
        critical=row.critical,
        watch_low=row.watch_low,
        critical_low=row.critical_low,
        hysteresis=row.hysteresis,
        minimum_seconds=row.minimum_seconds,
    )


def threshold_ref(row: Threshold | None) -> figures.ThresholdRef | None:
    """Return a threshold as a value."""
    if row is None:
        return None
    return figures.ThresholdRef(
        basis=row.basis,
        watch=row.watch,
        critical=row.critical,
        watch_low=row.watch_low,
        critical_low=row.critical_low,
        hysteresis=row.hysteresis,
        minimum_seconds=row.minimum_seconds,
        legal_basis=row.legal_basis,
    )


class PlanBook:
    """The plans of every issuer for some indicators (and units)."""

    def __init__(self, indicator_ids: Iterable[int], unit_ids: Iterable[int] | None = None) -> None:
        self._rows: defaultdict[tuple[int, int], list[plans.Plan]] = defaultdict(list)
        found = Target.objects.filter(indicator__in=set(indicator_ids), replaced_at__isnull=True)
        if unit_ids is not None:
            found = found.filter(unit__in=set(unit_ids))
        for indicator_id, unit_id, *rest in found.values_list("indicator_id", "unit_id", *_PLAN):
            self._rows[indicator_id, unit_id].append(_plan(*rest))

    def at(self, indicator_id: int, unit_id: int, moment: datetime) -> list[plans.Plan]:
        """Return the plans whose period holds the moment."""
        return [
            plan
            for plan in self._rows.get((indicator_id, unit_id), ())
            if plan.start <= moment < plan.end
        ]

    def has_amount(self, indicator_id: int, unit_id: int) -> bool:
        """Tell whether the unit was ever given an amount to reach."""
        held = self._rows.get((indicator_id, unit_id), ())
        return any(plan.kind != Target.Kind.LEVEL for plan in held)


_PLAN = ("issuer", "rank", "kind", "amount", "period")


def _plan(issuer: str, rank: int, kind: str, amount: Decimal, period: DateRange) -> plans.Plan:
    return plans.Plan(
        issuer=issuer,
        rank=rank,
        kind=kind,
        amount=float(amount),
        start=midnight(period.lower),
        end=midnight(period.upper),
    )


@lru_cache(maxsize=4096)
def midnight(day: date) -> datetime:
    """Return the first moment of a day here."""
    return timezone.make_aware(datetime.combine(day, time()), timezone.get_default_timezone())
