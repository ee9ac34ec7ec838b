"""Holidays and working days for other programs: /api/v1/calendar."""

from datetime import date, timedelta

from ninja import Field, Router, Schema, Status

from haidang.foundation.calendar import holidays, office_hours, working_time
from haidang.foundation.calendar.errors import BadSpanError
from haidang.foundation.core import gate
from haidang.foundation.core.gate import ScopedRequest

VIEW, MANAGE = "org.view", "org.manage"
LONGEST = 366
_FIRST, _LAST = date(2000, 1, 1), date(2099, 12, 31)
router = Router(tags=["Lịch làm việc"], auth=gate.session_or_key(VIEW))


class DayOut(Schema):
    """`name` says why a day is not as its weekday says; `is_override`: decided here."""

    date: date
    is_working: bool
    name: str
    is_override: bool


class DeadlineOut(Schema):
    """The last of `days` working days after `start`."""

    start: date
    days: int
    date: date


class OverrideIn(Schema):
    is_working: bool
    name: str = Field(min_length=1, max_length=200)


@router.get("/calendar/days", response=list[DayOut], summary="Ngày nghỉ, ngày làm việc")
def list_days(
    request: ScopedRequest, start: date, end: date, special: bool = False
) -> list[holidays.Day]:
    """Các ngày từ `start` đến hết `end`; `special`: chỉ ngày khác với thứ của nó."""
    if not _FIRST <= start <= end <= _LAST or (end - start).days >= LONGEST:
        raise BadSpanError
    known = holidays.read_overrides()
    days = [
        holidays.of(start + timedelta(days=ahead), known) for ahead in range((end - start).days + 1)
    ]
    return [day for day in days if not special or day.name or day.is_override]


@router.get("/calendar/working-day", response=DeadlineOut, summary="Ngày làm việc thứ n")
def working_day(request: ScopedRequest, start: date, days: int, unit: str = "") -> DeadlineOut:
    """Ngày làm việc thứ `days` sau `start`, theo lịch của đơn vị (mã) hoặc lịch chung."""
    if not (_FIRST <= start <= _LAST and 0 <= days <= LONGEST):
        raise BadSpanError
    found = working_time.working_day_after(start, days, office_hours.calendar(unit))
    return DeadlineOut(start=start, days=days, date=found)


@router.put(
    "/calendar/days/{day}",
    response=DayOut,
    auth=gate.session_or_key(MANAGE),
    summary="Quyết định một ngày nghỉ hoặc làm việc",
)
def override(request: ScopedRequest, day: date, body: OverrideIn) -> holidays.Day:
    request.scope.require_everywhere(MANAGE)
    if not _FIRST <= day <= _LAST or not body.name.strip():
        raise BadSpanError
    holidays.override(
        day=day, is_working=body.is_working, name=body.name.strip(), by=request.scope.actor
    )
    return holidays.of(day)


@router.delete(
    "/calendar/days/{day}",
    response={204: None},
    auth=gate.session_or_key(MANAGE),
    summary="Trả một ngày về lịch chung",
)
def remove_override(request: ScopedRequest, day: date) -> Status[None]:
    request.scope.require_everywhere(MANAGE)
    holidays.remove_override(day=day, by=request.scope.actor)
    return Status(204, None)
