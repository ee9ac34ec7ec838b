"""The values that units report by hand, invented, typed by one of the cast, approved by another."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from django.utils import timezone

from haidang.foundation.org import api as org
from haidang.insight.indicators import api as indicators
from haidang.project.demo import acting, ground, history


@dataclass(frozen=True)
class Said:
    """An indicator that units report by hand, and the sizes that they say."""

    indicator: str
    level: str
    every: str
    low: float
    high: float
    noise: float
    digits: int = 1


REPORTED = (
    Said("grdp", "province", "quarter", 7.9, 8.6, 0.45, 2),
    Said("truong-chuan", "district", "quarter", 74, 83, 0.4),
    Said("tiem-chung", "commune", "month", 91.5, 98, 0.8),
    Said("ho-ngheo", "commune", "month", 4, 46, 1.5, 0),
    Said("vneid", "district", "month", 86, 95, 0.5),
    Said("van-ban-dien-tu", "commune", "month", 94, 99.2, 0.5),
    Said("lanh-dao-dang-nhap", "province", "week", 66, 78, 5, 0),
)


def write() -> None:
    """Type the values of the past, as a steward does from old reports, and have them approved."""
    for said in REPORTED:
        _type(said.indicator, _said(said))
    _write_ground()


def _write_ground() -> None:
    """Type the inhabitants and the area of every commune, year by year."""
    units = {unit.code: unit.id for unit in org.all_units("commune")}
    years = range(timezone.localdate().year - 2, timezone.localdate().year + 1)
    for indicator, sizes in (("dan-so", ground.inhabitants()), ("dien-tich", ground.areas())):
        said = [
            (date(year, 1, 1), units[code], float(size))
            for year in years
            for code, size in sizes.items()
        ]
        _type(indicator, said)


def _type(indicator: str, said: Iterable[tuple[date, int, float]]) -> None:
    values = [
        indicators.TypedValue(unit, _midnight(day), value, "official") for day, unit, value in said
    ]
    ids = indicators.report_values(
        values, indicator=indicator, by=acting.steward(), note="Dữ liệu mô phỏng"
    )
    indicators.approve_values(ids, by=acting.director())


def _said(said: Said) -> Iterator[tuple[date, int, float]]:
    today = timezone.localdate()
    days = history.months(today - timedelta(days=365 * 2), today)
    if said.every == "quarter":
        days = [day for day in days if day.month % 3 == 1][:-1]
    if said.every == "week":
        days = history.weeks(today - timedelta(days=365), today - timedelta(days=1))
    rng = np.random.default_rng(zlib.crc32(said.indicator.encode()))
    for unit in sorted(u.id for u in org.all_units(level=said.level) if u.kind == "ubnd"):
        level = rng.uniform(said.low, said.high)
        for day in days:
            yield day, unit, round(level + said.noise * rng.standard_normal(), said.digits)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))
