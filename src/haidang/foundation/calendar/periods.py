"""Periods: free spans [start, end), and presets by the calendar or by the cut-offs of reports.

The presets `month quarter half nine year` follow the calendar. Those with `_15` follow the cut-offs
of Decree 09/2019: the report month runs from the 15th of the month before to the 14th; quarters,
halves, nine months and years are made of report months.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from haidang.foundation.calendar.zone import ZONE, local_date, midnight

CUT_OFF_DAY = 15
_MINUTES = {"minute5": 5, "hour": 60}
_MONTHS = {"month": 1, "quarter": 3, "half": 6, "nine": 12, "year": 12}
KINDS = (
    *("minute5", "hour", "day", "week", "month", "quarter", "half", "nine", "year"),
    *("month_15", "quarter_15", "half_15", "nine_15", "year_15"),
)
FREE = "free"
_ROMAN = ("I", "II", "III", "IV")


@dataclass(frozen=True)
class Period:
    """A span of time [start, end) of a kind; both ends know their zone."""

    kind: str
    start: datetime
    end: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end

    @property
    def key(self) -> str:
        """The period's short name, unique within its kind: "2026-11", "2026-Q4", "2026-W48"."""
        return _key(self)

    def previous(self) -> "Period":
        """Return the period of the same kind before this one."""
        return _shifted(self, -1)

    def next(self) -> "Period":
        """Return the period of the same kind after this one."""
        return _shifted(self, 1)

    def same_last_year(self) -> "Period":
        """Return the period a year before, to compare with (29/02 with 28/02, week 53 with 52)."""
        return _a_year_before(self)

    def label(self) -> str:
        """Return the period's Vietnamese name: "Quý IV/2026"."""
        return _label(self)


def of(kind: str, moment: datetime) -> Period:
    """Return the period of `kind` that `moment` falls in.

    Nine months leave out the rest of the year: there it is the nine months that began last.
    """
    if kind in _MINUTES:
        step = timedelta(minutes=_MINUTES[kind])
        start = moment.astimezone(UTC) - (moment - _EPOCH) % step
        return Period(kind, start.astimezone(ZONE), (start + step).astimezone(ZONE))
    day = local_date(moment)
    if kind == "day":
        return _days(kind, day, 1)
    if kind == "week":
        return _days(kind, day - timedelta(days=day.weekday()), 7)
    return _from_report_month(kind, _report_month(kind, day))


def free(start: datetime, end: datetime) -> Period:
    """Return a period between any two moments."""
    if end <= start:
        raise ValueError("a period ends after it begins")
    return Period(FREE, start, end)


def from_key(kind: str, key: str) -> Period:
    """Return the period of a kind and its key. Raises ValueError."""
    found = of(kind, _moment_of_key(kind, key))
    if found.key != key:
        raise ValueError(f"{key!r} is no key of a {kind}")
    return found


def between(kind: str, start: datetime, end: datetime) -> Iterator[Period]:
    """Yield the periods of `kind` that share some moment with [start, end), in order."""
    current = of(kind, start)
    while current.start < end:
        if current.end > start:
            yield current
        current = current.next()


_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def _days(kind: str, first: date, count: int) -> Period:
    return Period(kind, midnight(first), midnight(first + timedelta(days=count)))


def _by_cut_off(kind: str) -> bool:
    return kind.endswith("_15")


def _months(kind: str) -> int:
    try:
        return _MONTHS[kind.removesuffix("_15")]
    except KeyError:
        raise ValueError(f"{kind!r} is no kind of period") from None


def _report_month(kind: str, day: date) -> int:
    """Return the months since year 0 of the (report) month that `day` counts for."""
    return day.year * 12 + day.month - 1 + (_by_cut_off(kind) and day.day >= CUT_OFF_DAY)


def _from_report_month(kind: str, month: int) -> Period:
    first = month - month % _months(kind)
    covered = 9 if kind.startswith("nine") else _months(kind)
    return Period(kind, _month_start(kind, first), _month_start(kind, first + covered))


def _month_start(kind: str, month: int) -> datetime:
    if _by_cut_off(kind):
        month -= 1
        return midnight(date(month // 12, month % 12 + 1, CUT_OFF_DAY))
    return midnight(date(month // 12, month % 12 + 1, 1))


def _first_report_month(period: Period) -> int:
    return _report_month(period.kind, local_date(period.start))


def _shifted(period: Period, steps: int) -> Period:
    if period.kind in _MONTHS or _by_cut_off(period.kind):
        month = _first_report_month(period) + steps * _months(period.kind)
        return _from_report_month(period.kind, month)
    length = steps * (period.end - period.start)
    return Period(period.kind, period.start + length, period.end + length)


def _a_year_before(period: Period) -> Period:
    if period.kind in _MONTHS or _by_cut_off(period.kind):
        return _from_report_month(period.kind, _first_report_month(period) - 12)
    if period.kind == "week":
        year, week, _ = local_date(period.start).isocalendar()
        return _days("week", _monday(year - 1, min(week, _weeks_in(year - 1))), 7)
    start = period.start.astimezone(ZONE)
    back = _minus_year(start)
    return Period(period.kind, back, back + (period.end - period.start))


def _minus_year(moment: datetime) -> datetime:
    try:
        return moment.replace(year=moment.year - 1)
    except ValueError:
        return moment.replace(year=moment.year - 1, day=28)


def _monday(year: int, week: int) -> date:
    return date.fromisocalendar(year, week, 1)


def _weeks_in(year: int) -> int:
    return date(year, 12, 28).isocalendar().week


def _key(period: Period) -> str:
    if period.kind in _MINUTES or period.kind == FREE:
        start = period.start.astimezone(ZONE)
        if period.kind == FREE:
            return f"{start:%Y-%m-%dT%H:%M}/{period.end.astimezone(ZONE):%Y-%m-%dT%H:%M}"
        return f"{start:%Y-%m-%dT%H}" if period.kind == "hour" else f"{start:%Y-%m-%dT%H:%M}"
    if period.kind == "day":
        return local_date(period.start).isoformat()
    if period.kind == "week":
        year, week, _ = local_date(period.start).isocalendar()
        return f"{year:04}-W{week:02}"
    month = _first_report_month(period)
    year, month_of_year = month // 12, month % 12
    return {
        "month": f"{year:04}-{month_of_year + 1:02}",
        "quarter": f"{year:04}-Q{month_of_year // 3 + 1}",
        "half": f"{year:04}-H{month_of_year // 6 + 1}",
        "nine": f"{year:04}-9M",
        "year": f"{year:04}",
    }[period.kind.removesuffix("_15")]


def _moment_of_key(kind: str, key: str) -> datetime:
    """Return some moment of the period that `key` names, if it names one."""
    if kind in _MINUTES:
        return datetime.fromisoformat(key).replace(tzinfo=ZONE)
    if kind == "day":
        return midnight(date.fromisoformat(key))
    year, rest = int(key[:4]), key[5:]
    if kind == "week":
        return midnight(_monday(year, int(rest[1:])))
    base = kind.removesuffix("_15")
    month = {
        "month": lambda: int(rest),
        "quarter": lambda: int(rest[1:]) * 3 - 2,
        "half": lambda: int(rest[1:]) * 6 - 5,
    }.get(base, lambda: 1)()
    if not 1 <= month <= 12:
        raise ValueError(f"{key!r} is no key of a {kind}")
    # The first of the month lies in the report month of that name, with or without cut-off.
    return midnight(date(year, month, 1))


def _label(period: Period) -> str:
    start = period.start.astimezone(ZONE)
    if period.kind == FREE:
        return f"Từ {start:%H:%M %d/%m/%Y} đến {period.end.astimezone(ZONE):%H:%M %d/%m/%Y}"
    if period.kind == "minute5":
        return f"{start:%H:%M} ngày {start:%d/%m/%Y}"
    if period.kind == "hour":
        return f"{start:%H} giờ ngày {start:%d/%m/%Y}"
    if period.kind == "day":
        return f"Ngày {start:%d/%m/%Y}"
    if period.kind == "week":
        year, week, _ = start.date().isocalendar()
        return f"Tuần {week} năm {year}"
    return _label_of_months(period)


def _label_of_months(period: Period) -> str:
    month = _first_report_month(period)
    year, month_of_year = month // 12, month % 12
    name = {
        "month": f"Tháng {month_of_year + 1:02}/{year}",
        "quarter": f"Quý {_ROMAN[month_of_year // 3]}/{year}",
        "half": f"6 tháng {'đầu' if month_of_year < 6 else 'cuối'} năm {year}",
        "nine": f"9 tháng năm {year}",
        "year": f"Năm {year}",
    }[period.kind.removesuffix("_15")]
    if not _by_cut_off(period.kind):
        return name
    last = period.end.astimezone(ZONE) - timedelta(days=1)
    return f"{name} ({period.start.astimezone(ZONE):%d/%m}–{last:%d/%m})"
