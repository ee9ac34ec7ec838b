"""Units for other programs."""

from datetime import date

import pytest

from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.org import api as org
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
ROUTES = [
    "/api/v1/units",
    "/api/v1/units/25747",
    "/api/v1/units/25747/history",
    "/api/v1/sectors",
]


@pytest.fixture
def world() -> World:
    return build_world()


@pytest.mark.parametrize("route", ROUTES)
def test_who_may_not_enter(client, world: World, route: str) -> None:
    assert client.get(route).status_code == 401
    assert world.client("nguoila").get(route).status_code == 403


def test_a_list_shows_the_scope_only(world: World) -> None:
    found = world.client("canbo.phucuong").get("/api/v1/units").json()

    assert found["total"] == 1
    assert found["items"][0]["code"] == "25747"
    assert found["items"][0]["parent"] == "718"
    assert world.client("canbo.phucuong").get("/api/v1/units/25942").status_code == 403


def test_units_are_those_of_the_day_asked_for(world: World) -> None:
    org.rename(
        unit=world.unit("25747"), name="Mới", short_name="Mới", on=date(2025, 1, 1), by=SYSTEM
    )
    client = world.client("chutich")

    assert client.get("/api/v1/units/25747?on=2024-12-31").json()["name"] == "Phường Phú Cường"
    assert client.get("/api/v1/units/25747").json()["name"] == "Mới"
    assert len(client.get("/api/v1/units/25747/history").json()) == 2
    assert client.get("/api/v1/units/nowhere").status_code == 404


def test_lists_are_paged(world: World) -> None:
    found = world.client("chutich").get("/api/v1/units?limit=2&offset=1&level=commune").json()

    assert found["total"] == 3
    assert len(found["items"]) == 2
