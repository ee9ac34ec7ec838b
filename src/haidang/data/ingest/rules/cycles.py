"""When a source must deliver again, from its agreed cycle and its hour of the day."""

import calendar
import datetime as dt
import zoneinfo

LOCAL = zoneinfo.ZoneInfo("Asia/Ho_Chi_Minh")
FAST = {"minute5": dt.timedelta(minutes=5), "hour": dt.timedelta(hours=1)}
SLOW = ("day", "week", "month", "quarter", "half", "year")
WORDS = {
    "": "không định kỳ",
    "minute5": "5 phút",
    "hour": "hằng giờ",
    "day": "hằng ngày",
    "week": "hằng tuần",
    "month": "hằng tháng",
    "quarter": "hằng quý",
    "half": "6 tháng",
    "year": "hằng năm",
}
_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_FRIDAY = 4


def patience(cycle: str) -> dt.timedelta:
    """Return how long a fast source may be silent: three cycles."""
    return FAST[cycle] * 3


def due_after(cycle: str, deadline: dt.time, moment: dt.datetime) -> dt.datetime:
    """Return the first deadline of a slow cycle strictly after a moment.

    Each day; Friday of each week; the last day of each month, quarter, half-year, year.
    """
    day = moment.astimezone(LOCAL).date()
    while True:
        day = _last_day(cycle, day)
        due = dt.datetime.combine(day, deadline, LOCAL)
        if due > moment:
            return due.astimezone(dt.UTC)
        day += dt.timedelta(days=1)


def _last_day(cycle: str, day: dt.date) -> dt.date:
    """Return the delivery day of the cycle that `day` lies in."""
    if cycle == "day":
        return day
    if cycle == "week":
        return day + dt.timedelta(days=(_FRIDAY - day.weekday()) % 7)
    months = _MONTHS[cycle]
    month = (day.month - 1) // months * months + months
    return dt.date(day.year, month, calendar.monthrange(day.year, month)[1])
