"""What answers ahead of the routes answers as they do, to the same people."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from haidang.data.warehouse import api as warehouse
from haidang.data.warehouse.engine import last
from haidang.data.warehouse.engine.blocks import memory
from haidang.data.warehouse.streams import ahead, following
from haidang.data.warehouse.tests.test_blocks import a_batch, a_dataset
from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM
from tests.world import World, build_world

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = "time__gte=2026-10-31T16:00:00Z&time__lt=2026-11-01T00:00:00%2B07:00"
ASKED = (
    "aggregates?measures=avg:value,count:*&bucket=hour&group=device,metric&order=device,metric,bucket",
    f"aggregates?measures=max:value&bucket=minute&metric=pm10&order=-bucket&limit=1&{HOUR}",
    "aggregates?measures=first:value,last:value&group=device,metric&order=-device,metric&bucket=",
    "records?device=tb-1&metric=pm10&order=-time&limit=1",
    f"records?fields=time,value,unit&device__in=tb-1&order=time&value__gte=0.5&{HOUR}",
    "last?device=tb-1,tb-2",
)


@pytest.fixture
def world() -> World:
    world = build_world()
    access.grant(
        account=world.accounts["canbo.phucuong"], role="auditor", unit=world.unit("718"), by=SYSTEM
    )
    return world


@pytest.fixture
def dataset(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A dataset that is remembered as the follower remembers it, without waiting for its thread."""
    code = a_dataset()
    rows = [
        (device, metric, minutes, value, unit)
        for device, unit in (("tb-1", "25747"), ("tb-2", "25942"))
        for metric in ("pm10", "pm2.5")
        for minutes, value in ((0, 0.5), (5, 1.5), (70, 2.5))
    ]
    warehouse.commit([a_batch(code, warehouse.next_batch(), rows)])
    entry = following.Entry(memory.Memory(room=10_000))
    following.refresh(code, entry)
    monkeypatch.setattr(following.Follower, "state", lambda self, asked: entry.state)
    yield code
    following.close()


def asked(address: str, key: str = "", cookie: str = "") -> dict[str, Any] | None:
    """Return the answer of the stream; None when it leaves the question to the routes."""
    sent: list[dict[str, Any]] = []
    path, _, query = address.partition("?")
    headers = [(b"authorization", f"Bearer {key}".encode())] if key else []
    headers += [(b"cookie", f"sessionid={cookie}".encode())] if cookie else []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "GET", "path": path, "query_string": query.encode(),
        "headers": headers,
    }  # fmt: skip
    if not asyncio.run(ahead(scope, send)):
        assert not sent
        return None
    assert sent[0]["status"] == 200
    return dict(json.loads(sent[1]["body"]))


def key_of(world: World, username: str) -> str:
    account = world.accounts[username]
    return access.create_key(account=account, name="t", by=SYSTEM).token


@pytest.mark.parametrize("username", ["truc1", "canbo.phucuong"])
def test_answers_are_those_of_the_routes(world, dataset, username):
    key = key_of(world, username)
    client = Client(headers={"Authorization": f"Bearer {key}"})
    last.refresh(dataset)
    for one in ASKED:
        address = f"/api/v1/datasets/{dataset}/{one}"
        answer = client.get(address)
        assert answer.status_code == 200, one
        assert asked(address, key) == answer.json(), one


def test_who_may_not_ask_and_what_is_mistaken_is_left_to_the_routes(world, dataset):
    address = f"/api/v1/datasets/{dataset}/last"
    assert asked(address) is None
    assert asked(address, "no-key") is None
    assert asked(address, key_of(world, "nguoila")) is None
    key = key_of(world, "truc1")
    for one in (
        "records?count=true", "records?unapproved=true", "records?offset=5", "records?fields=sai",
        "records?as_known_on=2026-01-01T00:00:00Z", "records?limit=x", "records?time__gte=hom-qua",
        "records?status=measuring", "aggregates", "aggregates?measures=avg", "rows",
        "aggregates?measures=avg:value&bucket=tuan", "aggregates?measures=avg:value&order=sai",
        "aggregates?measures=avg:value&group=unit", "records?value__tren=5", "records?limit=2",
    ):  # fmt: skip
        assert asked(f"/api/v1/datasets/{dataset}/{one}", key) is None, one
    assert asked(f"/api/v1/datasets/{dataset}/records", key) is not None
