"""The inbox for other programs: one's own messages alone."""

import pytest
from django.test import Client

from haidang.foundation.notifications import api as notifications
from tests.world import World, build_world

INBOX = "/api/v1/messages"


@pytest.fixture
def world(db: None) -> World:
    return build_world()


def _send(world: World, who: str, *titles: str) -> list[int]:
    to = [world.accounts[who]]
    return [notifications.send(to=to, kind="thu", title=one, url="/console/")[0] for one in titles]


def test_messages_are_listed_and_read(world: World) -> None:
    first, _, _ = _send(world, "truc1", "Một", "Hai", "Ba")
    client = world.client("truc1")
    page = client.get(f"{INBOX}?limit=2").json()
    assert (page["total"], page["unread"]) == (3, 3)
    assert [one["title"] for one in page["items"]] == ["Ba", "Hai"]

    read = client.post(f"{INBOX}/{first}/read").json()
    assert read == {"unread": 2, "url": "/console/"}
    assert client.get(f"{INBOX}?unread=true").json()["total"] == 2
    assert client.post(f"{INBOX}/read").json()["unread"] == 0


def test_nobody_meets_the_messages_of_another(world: World) -> None:
    [mine] = _send(world, "truc1", "Riêng")
    other = world.client("canbo.dian")
    assert other.get(INBOX).json() == {"total": 0, "unread": 0, "items": []}
    answer = other.post(f"{INBOX}/{mine}/read")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("application/problem+json")
    assert world.client("truc1").get(INBOX).json()["unread"] == 1
    assert Client().get(INBOX).status_code == 401
