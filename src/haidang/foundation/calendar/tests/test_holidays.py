from datetime import date, datetime, timedelta

import pytest

from haidang.foundation.calendar import holidays, office_hours, working_time
from haidang.foundation.calendar.models import OfficeHours
from haidang.foundation.calendar.zone import ZONE
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 2, 17), "Tết Nguyên Đán"),
        (date(2026, 2, 16), "Giao thừa Tết Nguyên Đán"),
        (date(2026, 4, 27), "Ngày Giỗ Tổ Hùng Vương (nghỉ bù)"),
        (date(2024, 4, 29), "Ngày nghỉ (thay cho ngày 04/05/2024)"),
        (date(2018, 12, 31), "Ngày nghỉ (thay cho ngày 05/01/2019)"),
    ],
)
def test_tet_and_substituted_days_are_free(day: date, name: str) -> None:
    assert holidays.of(day) == holidays.Day(day, False, name)


@pytest.mark.parametrize("day", [date(2024, 5, 4), date(2019, 1, 5), date(2026, 8, 22)])
def test_a_swapped_saturday_is_worked(day: date) -> None:
    assert holidays.of(day) == holidays.Day(day, True, "Làm bù")


def test_weekends_are_free_and_weekdays_are_not() -> None:
    assert [holidays.is_working(date(2026, 11, day)) for day in (20, 21, 22, 23)] == [
        True,
        False,
        False,
        True,
    ]


def test_administrators_decide_otherwise_and_it_is_audited() -> None:
    day = date(2026, 12, 31)

    holidays.override(day=day, is_working=False, name="Nghỉ bù", by=SYSTEM)

    assert not holidays.is_working(day)
    assert holidays.Day(day, False, "Nghỉ bù", True) in holidays.special_days(2026)
    holidays.remove_override(day=day, by=SYSTEM)
    assert holidays.is_working(day)
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "calendar.day_overridden",
        "calendar.override_removed",
    ]


def test_two_working_days_run_across_tet() -> None:
    friday = datetime(2026, 2, 13, 7, 30, tzinfo=ZONE)
    calendar = office_hours.calendar()

    done = working_time.add(friday, 2 * calendar.day_length, calendar)

    assert done == datetime(2026, 2, 23, 17, 0, tzinfo=ZONE)


def test_a_unit_may_keep_its_own_hours() -> None:
    OfficeHours.objects.create(owner="74.SYT", shifts=[["06:00", "14:00"]], saturday=True)

    calendar = office_hours.calendar("74.SYT")

    assert calendar.day_length == timedelta(hours=8)
    assert calendar.is_working(date(2026, 11, 21))
    assert office_hours.calendar("74.SXD").hours == working_time.OFFICE_HOURS
