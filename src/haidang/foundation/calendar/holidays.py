"""Public holidays of Vietnam with Tết and the substituted days, and what administrators change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from django.db import transaction

from haidang.foundation.calendar.models import DayOverride
from haidang.foundation.core import audit
from haidang.foundation.core.audit import Actor

_WEEKEND = {5, 6}


@dataclass(frozen=True)
class Day:
    """What a day is: worked or not, and why if it is not as its weekday says."""

    date: date
    is_working: bool
    name: str = ""
    is_override: bool = False


Overrides = Mapping[date, tuple[bool, str]]


def of(day: date, overrides: Overrides | None = None) -> Day:
    """Return what a day is. `overrides` spares the query when many days are asked for."""
    known = overrides if overrides is not None else read_overrides()
    if day in known:
        return Day(day, *known[day], is_override=True)
    public = _public(day.year)
    if day in public.names:
        return Day(day, False, public.names[day])
    if day in public.worked:
        return Day(day, True, "Làm bù")
    return Day(day, day.weekday() not in _WEEKEND)


def is_working(day: date) -> bool:
    """Tell whether offices work on a day."""
    return of(day).is_working


def special_days(year: int) -> list[Day]:
    """Return the days of a year that are not as their weekday says."""
    known, first = read_overrides(), date(year, 1, 1)
    days = (of(first + timedelta(days=offset), known) for offset in range(366))
    return [day for day in days if day.date.year == year and (day.name or day.is_override)]


def read_overrides() -> dict[date, tuple[bool, str]]:
    """Return what administrators decided."""
    rows = DayOverride.objects.values_list("day", "is_working", "name")
    return {day: (worked, name) for day, worked, name in rows}


@transaction.atomic
def override(*, day: date, is_working: bool, name: str, by: Actor) -> None:
    """Decide that a day is worked or free, whatever the law's calendar says."""
    row, _ = DayOverride.objects.update_or_create(
        day=day, defaults={"is_working": is_working, "name": name}
    )
    audit.record(
        action="calendar.day_overridden",
        on=row,
        by=by,
        changes={"is_working": is_working},
        reason=name,
    )


@transaction.atomic
def remove_override(*, day: date, by: Actor, reason: str = "") -> None:
    """Return a day to the law's calendar."""
    row = DayOverride.objects.select_for_update().filter(day=day).first()
    if row is None:
        return
    audit.record(action="calendar.override_removed", on=row, by=by, reason=reason)
    row.delete()


@dataclass(frozen=True)
class _Public:
    names: Mapping[date, str]
    worked: frozenset[date]


@lru_cache(maxsize=64)
def _public(year: int) -> _Public:
    """Return the law's calendar of a year; a day worked instead may belong to the year before."""
    import holidays  # slow to import, and only calendars need it

    known: Any = holidays.country_holidays("VN", years=(year, year + 1), language="vi")
    names = {day: name for day, name in known.items() if day.year == year}
    return _Public(names, frozenset(known.weekend_workdays))
