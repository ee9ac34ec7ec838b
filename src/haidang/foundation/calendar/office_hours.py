"""The working calendar of a unit: its hours, the holidays, the overrides, read once."""

from datetime import date, time

from haidang.foundation.calendar import holidays
from haidang.foundation.calendar.models import OfficeHours
from haidang.foundation.calendar.working_time import OFFICE_HOURS, Hours, WorkingCalendar

_SATURDAY = 5


def calendar(owner: str = "") -> WorkingCalendar:
    """Return the calendar of the unit with code `owner`, or everybody's. Two queries."""
    overrides = holidays.read_overrides()
    rows = {row.owner: row for row in OfficeHours.objects.filter(owner__in=["", owner])}
    row = rows.get(owner) or rows.get("")
    works_saturdays = row is not None and row.saturday

    def is_working(day: date) -> bool:
        found = holidays.of(day, overrides)
        if works_saturdays and day.weekday() == _SATURDAY and not found.name:
            return True
        return found.is_working

    return WorkingCalendar(is_working, _hours(row) if row is not None else OFFICE_HOURS)


def _hours(row: OfficeHours) -> Hours:
    return tuple((time.fromisoformat(begin), time.fromisoformat(end)) for begin, end in row.shifts)
