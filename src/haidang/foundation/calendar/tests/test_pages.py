"""The page of holidays: everyone with a role reads it, administrators decide."""

from datetime import date

import pytest
from django.urls import reverse

from haidang.foundation.calendar import holidays
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
DAY = {"day": "2026-12-31", "is_working": "0", "name": "Công văn 1"}


@pytest.fixture
def world() -> World:
    return build_world()


def test_who_may_not_enter(client, world: World) -> None:
    assert client.get(reverse("calendar:this_year")).status_code == 302
    assert world.client("nguoila").get(reverse("calendar:this_year")).status_code == 403
    for who in ("chutich", "truc1", "canbo.phucuong"):
        assert world.client(who).post(reverse("calendar:override"), DAY).status_code == 403
        address = reverse("calendar:remove_override", args=[date(2026, 12, 31)])
        assert world.client(who).post(address).status_code == 403


def test_tet_is_shown_to_everyone(world: World) -> None:
    shown = world.client("canbo.phucuong").get(reverse("calendar:year", args=[2026]))

    assert "Tết Nguyên Đán" in shown.content.decode()
    assert "Quyết định riêng về một ngày" not in shown.content.decode()


def test_an_administrator_decides_and_takes_it_back(world: World) -> None:
    client = world.client("quantri")

    client.post(reverse("calendar:override"), DAY)
    assert not holidays.is_working(date(2026, 12, 31))
    client.post(reverse("calendar:remove_override", args=[date(2026, 12, 31)]))
    assert holidays.is_working(date(2026, 12, 31))


def test_an_administrator_of_a_district_changes_no_day_of_the_province(world: World) -> None:
    world.grant("nguoila", "administrator", "724")
    client = world.client("nguoila")

    assert (
        'name="is_working"'
        not in client.get(reverse("calendar:year", args=[2026])).content.decode()
    )
    assert client.post(reverse("calendar:override"), DAY).status_code == 403
    routed = client.put(
        "/api/v1/calendar/days/2026-12-31",
        {"is_working": False, "name": "Công văn 1"},
        content_type="application/json",
    )
    assert routed.status_code == 403
    assert holidays.is_working(date(2026, 12, 31))


def test_a_decision_without_a_reason_is_refused(world: World) -> None:
    answer = world.client("quantri").post(reverse("calendar:override"), DAY | {"name": ""})

    assert answer.status_code == 422
    assert holidays.is_working(date(2026, 12, 31))
