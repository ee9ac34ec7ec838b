"""Holidays and working days for other programs, and who may decide on a day."""

import json

import pytest

from tests.world import World, build_world

DAYS, NTH = "/api/v1/calendar/days", "/api/v1/calendar/working-day"


@pytest.fixture
def world(db: None) -> World:
    return build_world()


def test_days_and_the_nth_working_day(world: World) -> None:
    client = world.client("truc1")
    days = client.get(f"{DAYS}?start=2026-09-01&end=2026-09-06").json()
    assert [one["is_working"] for one in days] == [False, False, True, True, False, False]
    special = client.get(f"{DAYS}?start=2026-09-01&end=2026-09-06&special=true").json()
    assert [one["date"] for one in special] == ["2026-09-01", "2026-09-02"]
    answer = client.get(f"{NTH}?start=2026-08-31&days=3").json()
    assert answer == {"start": "2026-08-31", "days": 3, "date": "2026-09-07"}


def test_spans_without_sense_are_problems(world: World) -> None:
    client = world.client("truc1")
    for query in (
        f"{DAYS}?start=2026-09-02&end=2026-09-01",
        f"{DAYS}?start=2020-01-01&end=2026-01-01",
        f"{DAYS}?start=0001-01-01&end=0001-01-02",
        f"{DAYS}?start=hom-nay&end=2026-01-01",
        f"{NTH}?start=9999-12-31&days=1",
        f"{NTH}?start=2026-01-01&days=-1",
    ):
        answer = client.get(query)
        assert answer.status_code == 422, query
        assert answer["Content-Type"].startswith("application/problem+json")


def test_an_administrator_decides_on_a_day_and_takes_it_back(world: World) -> None:
    body = json.dumps({"is_working": False, "name": "Nghỉ bão số 7"})
    day = f"{DAYS}/2026-11-25"

    for who in ("truc1", "nguoila"):
        client = world.client(who)
        assert client.put(day, body, content_type="application/json").status_code == 403
        assert client.delete(day).status_code == 403
    client = world.client("quantri")
    made = client.put(day, body, content_type="application/json").json()
    assert (made["is_working"], made["name"], made["is_override"]) == (False, "Nghỉ bão số 7", True)
    nameless = json.dumps({"is_working": False, "name": " "})
    assert client.put(day, nameless, content_type="application/json").status_code == 422
    assert client.delete(day).status_code == 204
    [after] = client.get(f"{DAYS}?start=2026-11-25&end=2026-11-25").json()
    assert after["is_working"]
