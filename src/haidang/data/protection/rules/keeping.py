"""How long data is kept: from months to the moment before which it is over. Pure."""

import datetime as dt
from zoneinfo import ZoneInfo

_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
LONGEST = 1200  # months


def over_before(months: int, now: dt.datetime) -> dt.datetime:
    """Return the midnight in Vietnam some months before today; the last day of a short month."""
    today = now.astimezone(_ZONE).date()
    ordinal = today.year * 12 + today.month - 1 - months
    year, month = divmod(ordinal, 12)
    first_of_next = dt.date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last = (first_of_next - dt.timedelta(days=1)).day
    day = dt.date(year, month + 1, min(today.day, last))
    return dt.datetime.combine(day, dt.time(0), _ZONE)


def told(months: int) -> str:
    """Return months as people say them: "5 năm", "18 tháng"."""
    return f"{months // 12} năm" if months % 12 == 0 else f"{months} tháng"
