"""Numbers, dates and durations as a Vietnamese official writes them. Plain functions, no clock."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOTHING = "–"
WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")

Number = Decimal | float | int | str


def number(value: Number | None, decimals: int | None = None) -> str:
    """Write 1234.5 as 1.234,5. Without `decimals` the value keeps its own (at most 3)."""
    if value is None or value == "":
        return NOTHING
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if not exact.is_finite():
        return NOTHING
    places = _own_places(exact) if decimals is None else decimals
    rounded = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    if not rounded:
        rounded = abs(rounded)  # no "-0"
    return f"{rounded:,}".translate(str.maketrans(",.-", ".,−"))


def _own_places(exact: Decimal) -> int:
    exponent = exact.normalize().as_tuple().exponent
    return min(max(-int(exponent), 0), 3)


def percent(value: Number | None, decimals: int = 0) -> str:
    """Write the ratio 0.97 as 97%."""
    return NOTHING if value is None else f"{number(Decimal(str(value)) * 100, decimals)}%"


def day(value: date | datetime | None) -> str:
    """Write 23/11/2026."""
    if value is None:
        return NOTHING
    return f"{_local(value):%d/%m/%Y}"


def clock_time(value: datetime) -> str:
    """Write 10:41."""
    return f"{_local(value):%H:%M}"


def long_day(value: date | datetime) -> str:
    """Write Thứ Hai, 23/11/2026."""
    return f"{WEEKDAYS[_local(value).weekday()]}, {day(value)}"


def stamp(value: datetime | None) -> str:
    """Return a moment for a spreadsheet: "23/11/2026 10:41"; nothing for none."""
    return f"{_local(value):%d/%m/%Y %H:%M}" if value else ""


def when(value: date | datetime | None, now: datetime) -> str:
    """Write a moment as it is said: 10:41 hôm nay, 10:41 hôm qua, 10:41 20/11/2026."""
    if value is None:
        return NOTHING
    word = _near(_local(value), _local(now))
    if not isinstance(value, datetime):
        return word.capitalize() if word else day(value)
    return f"{clock_time(value)} {word or day(value)}"


def as_of(value: datetime, now: datetime) -> str:
    """Write up to when a figure's data go: at midnight, by the day that just ended."""
    local = _local(value)
    if isinstance(local, datetime) and local.hour == local.minute == 0:
        return f"hết {day(value - timedelta(minutes=1))}"
    return when(value, now)


def _near(value: date | datetime, now: date | datetime) -> str:
    days = (date(now.year, now.month, now.day) - date(value.year, value.month, value.day)).days
    return {0: "hôm nay", 1: "hôm qua", -1: "ngày mai"}.get(days, "")


def duration(length: timedelta) -> str:
    """Write the largest one or two parts of a length: 3 phút, 2 giờ 5 phút, 4 ngày."""
    seconds = int(abs(length).total_seconds())
    if seconds < 60:
        return "dưới 1 phút"
    days, hours, minutes = seconds // 86400, seconds // 3600, seconds // 60
    if days >= 3:
        return f"{number(days)} ngày"
    if days:
        rest = hours - days * 24
        return f"{days} ngày {rest} giờ" if rest else f"{days} ngày"
    if hours:
        rest = minutes - hours * 60
        return f"{hours} giờ {rest} phút" if rest else f"{hours} giờ"
    return f"{minutes} phút"


def ago(value: datetime | None, now: datetime) -> str:
    """Write how long ago, or in how long: 5 phút trước, 2 ngày nữa."""
    if value is None:
        return NOTHING
    gap = now - value
    if abs(gap) < timedelta(minutes=1):
        return "vừa xong" if gap >= timedelta() else "ngay bây giờ"
    return f"{duration(gap)} {'trước' if gap > timedelta() else 'nữa'}"


def remaining(due: datetime | None, now: datetime) -> str:
    """Write what a deadline leaves: còn 22 phút, quá hạn 1 ngày."""
    if due is None:
        return "không hạn"
    return f"còn {duration(due - now)}" if due >= now else f"quá hạn {duration(now - due)}"


def size(count: int) -> str:
    """Write a file's size: 12,4 MB."""
    if count < 1000:
        return f"{number(count)} byte"
    amount = Decimal(count)
    for unit in ("kB", "MB", "GB", "TB"):
        amount /= 1000
        if amount < 1000 or unit == "TB":
            break
    return f"{number(amount, 1 if amount < 100 else 0)} {unit}"


def _local(value: date | datetime) -> date | datetime:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(ZONE)
    return value
