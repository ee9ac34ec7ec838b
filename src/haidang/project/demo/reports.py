"""The monthly reports of the demo: two past periods received, some units late, one period open."""

import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from django.utils import timezone

from haidang.delivery.reporting import api as reporting
from haidang.foundation.access import api as access
from haidang.foundation.calendar import periods
from haidang.foundation.calendar.periods import Period
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.org import api as org
from haidang.insight.indicators import api as indicators

_SEED = 2338
_LATE_SHARE = 0.08
_CAST_UNITS = ("25747", "25942")  # the tour fills in theirs by hand
Values = Mapping[str, Decimal | None]


def install() -> None:
    """Create the regime, take over two past periods, give out the last and the current one."""
    reporting.create_regime(reporting.MONTHLY, by=access.EVERYTHING)
    now, account = timezone.now(), _sender()
    current = periods.of(reporting.MONTHLY.period_kind, now)
    last, before = current.previous(), current.previous().previous()
    for period, has_late in ((before, False), (last, True)):
        _take_over(period, has_late=has_late, account=account)
    for period in (last, current):
        reporting.assign(
            regime=reporting.MONTHLY.code, period_key=period.key, by=access.EVERYTHING, now=now
        )


def _sender() -> int:
    """Return the account, without a password, that the invented reports come from."""
    return access.create_account(
        username="mo-phong.bao-cao", full_name="Báo cáo mô phỏng", by=SYSTEM
    ).id


def _take_over(period: Period, *, has_late: bool, account: int) -> None:
    chance = random.Random(f"{_SEED} {period.key}")  # noqa: S311 - invented figures
    units = [unit for form in reporting.MONTHLY.forms for unit in org.all_units(form.level)]
    known = _on_the_board(units)
    values = {
        unit.id: {**invented(unit.level, unit.code, period), **known.get(unit.id, {})}
        for unit in units
        if unit.kind == "ubnd"
        and not (has_late and (unit.code in _CAST_UNITS or chance.random() < _LATE_SHARE))
    }
    reporting.import_received(
        regime=reporting.MONTHLY.code,
        period_key=period.key,
        values=values,
        account=account,
        by=access.EVERYTHING,
        now=timezone.now(),
    )


def _on_the_board(units: Sequence[org.UnitRef]) -> dict[int, Values]:
    """Return the values that the boards show already, so that reports and boards agree."""
    feeds = {
        (form.level, item.code): item.indicator
        for form in reporting.MONTHLY.forms
        for item in form.items
        if item.indicator
    }
    asked = [(code, unit.id) for unit in units for (level, _), code in feeds.items()
             if level == unit.level]  # fmt: skip
    figures = indicators.figures(asked, access.EVERYTHING)
    items = {code: item for (_, item), code in feeds.items()}
    found: defaultdict[int, dict[str, Decimal | None]] = defaultdict(dict)
    for (code, unit_id), figure in figures.items():
        if figure.value is not None:
            found[unit_id][items[code]] = Decimal(str(figure.value))
    return dict(found)


def invented(level: str, code: str, period: Period) -> Values:
    """Return plausible values of a unit: its size lasts, the month varies."""
    lasting = random.Random(f"{_SEED} {code}")  # noqa: S311
    month = random.Random(f"{_SEED} {code} {period.key}")  # noqa: S311
    return _MAKERS[level](lasting, month)


def _commune(lasting: random.Random, month: random.Random) -> Values:
    households = lasting.randint(2500, 14000)
    cases = month.randint(0, 9)
    return {
        "so-ho": Decimal(households + month.randint(0, 40)),
        "ho-ngheo": Decimal(round(households * lasting.uniform(0.002, 0.012))),
        "tiem-chung": _tenths(month.uniform(92, 99.5)),
        "van-ban-dien-tu": _tenths(month.uniform(93, 100)),
        "phan-anh": Decimal(month.randint(3, 60)),
        "ho-so-qua-han": Decimal(month.randint(0, 4)),
        "sot-xuat-huyet": Decimal(cases),
        "sxh-nhap-vien": Decimal(month.randint(0, cases)),
    }


def _district(lasting: random.Random, month: random.Random) -> Values:
    return {
        "dan-so": Decimal(lasting.randint(65_000, 620_000)),
        "vneid": _tenths(month.uniform(82, 95)),
        "thu-noi-dia": _tenths(month.uniform(120, 900)),
        "dn-thanh-lap": Decimal(month.randint(20, 110)),
        "ho-kinh-doanh": Decimal(month.randint(30, 240)),
        "lao-dong-mat-viec": Decimal(month.randint(0, 350)),
        "tai-nan": Decimal(month.randint(0, 9)),
        "nguoi-chet": Decimal(month.randint(0, 3)),
    }


def _tenths(value: float) -> Decimal:
    return Decimal(f"{value:.1f}")


_MAKERS: Mapping[str, Callable[[random.Random, random.Random], Values]] = {
    "commune": _commune,
    "district": _district,
}
