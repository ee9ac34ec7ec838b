"""The live stream: who may listen, what each hears, how it ends."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from haidang.delivery.dashboards import streams
from haidang.foundation.access import api as access
from haidang.foundation.core import live
from haidang.foundation.core.audit import SYSTEM
from tests.world import build_world


class Guest:
    """Someone who may see boards and figures of one unit and one sector."""

    def allows(self, capability, unit_id=None, sector=None):
        held = capability in ("dashboards.view", "indicators.view")
        return held and unit_id in (None, 7) and sector in (None, "moi-truong")

    def require(self, capability):
        assert self.allows(capability)


class Wire:
    """One client's side of a stream."""

    def __init__(self, *headers):
        self.scope = {"type": "http", "method": "GET", "headers": list(headers)}
        self.sent = []
        self.left = asyncio.Event()
        self.heard = asyncio.Event()

    async def receive(self):
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        self.sent.append(message)
        self.heard.set()

    @property
    def text(self):
        return b"".join(m.get("body", b"") for m in self.sent).decode()

    @property
    def notes(self):
        lines = self.text.splitlines()
        return [json.loads(line[6:]) for line in lines if line.startswith("data: ")]

    async def until(self, condition):
        while not condition():
            self.heard.clear()
            await asyncio.wait_for(self.heard.wait(), 5)


@pytest.fixture
def world(monkeypatch):
    """A hub without a database, and a door that lets in whom the test names."""

    class Hub(live.Hub):
        @asynccontextmanager
        async def listen(self):
            listener = live.Listener(4)
            self._listeners.add(listener)
            try:
                yield listener
            finally:
                self._listeners.discard(listener)

        def told(self, note):
            self._spread(note)

        @property
        def open(self):
            return len(self._listeners)

    class Door:
        hub = Hub()
        guest = Guest()

    async def authorise(scope, capability):
        if Door.guest is None:
            raise access.NotSignedInError
        Door.guest.require(capability)
        return Door.guest

    monkeypatch.setattr(live, "hub", Door.hub)
    monkeypatch.setattr(access, "authorise", authorise)
    return Door


def note(topic="figure", unit=7, sector="moi-truong", **ids):
    return live.Note(topic, unit, sector, ids)


async def opened(world, *headers):
    wire = Wire(*headers)
    task = asyncio.create_task(streams.stream(wire.scope, wire.receive, wire.send))
    while not world.hub.open:
        await asyncio.sleep(0)
    return wire, task


def test_only_notes_of_the_scope_are_heard(world):
    async def run():
        wire, task = await opened(world)
        world.hub.told(note(unit=8, indicator="aqi"))
        world.hub.told(note(sector="y-te", indicator="beds"))
        world.hub.told(note(topic="alert", alert=3))
        world.hub.told(note(indicator="aqi"))
        await wire.until(lambda: wire.notes)
        wire.left.set()
        await task
        assert wire.notes == [{"topic": "figure", "unit": 7, "indicator": "aqi"}]
        assert world.hub.open == 0

    asyncio.run(run())


def test_a_visitor_without_session_is_refused(world):
    world.guest = None
    wire = asyncio.run(_refused())
    assert wire.sent[0]["status"] == 401


def test_an_account_without_the_capability_is_refused(world):
    world.guest = access.Scope(2, "Người lạ", SYSTEM)
    assert asyncio.run(_refused()).sent[0]["status"] == 403


async def _refused():
    wire = Wire()
    await streams.stream(wire.scope, wire.receive, wire.send)
    return wire


def test_a_withdrawn_right_ends_the_stream(world):
    async def run():
        wire, task = await opened(world)
        world.guest = None
        world.hub.told(note(indicator="aqi"))
        await asyncio.wait_for(task, 5)
        assert wire.notes == []

    asyncio.run(run())


def test_who_comes_back_asks_for_everything_again(world):
    async def run():
        wire, task = await opened(world, (b"last-event-id", b"12"))
        await wire.until(lambda: wire.notes)
        wire.left.set()
        await task
        assert wire.notes[0]["topic"] == "resync"

    asyncio.run(run())


def test_a_page_too_slow_to_read_is_told_to_ask_again(world):
    async def run():
        wire, task = await opened(world)
        for number in range(50):
            world.hub.told(note(indicator=f"i{number}"))
        await wire.until(lambda: any(one["topic"] == "resync" for one in wire.notes))
        wire.left.set()
        await task

    asyncio.run(run())


def test_a_silent_line_beats(world, monkeypatch):
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.01)

    async def run():
        wire, task = await opened(world)
        await wire.until(lambda: ": \n\n" in wire.text)
        wire.left.set()
        await task

    asyncio.run(run())


def test_shutdown_ends_open_streams(world):
    async def run():
        wire, task = await opened(world)
        await streams.shutdown()
        await asyncio.wait_for(task, 5)
        assert wire.sent[-1] == {"type": "http.response.body", "body": b""}

    asyncio.run(run())


def test_an_unknown_topic_is_heard_by_nobody():
    assert not streams.may_hear(access.EVERYTHING, note(topic="secret"))


def test_a_note_of_no_sector_is_for_those_of_all_sectors(db: None) -> None:
    world = build_world()
    unit = world.unit("25747")
    steward, clerk, other = map(world.scope, ("thongke.stnmt", "canbo.phucuong", "canbo.dian"))

    def heard(**where: object) -> list[bool]:
        note = live.Note("ticket", **where)
        return [streams.may_hear(one, note) for one in (steward, clerk, other)]

    assert heard(unit=unit, sector="moi-truong") == [True, True, False]
    assert heard(unit=unit, sector="y-te") == [False, True, False]
    assert heard(unit=unit, sector=None) == [False, True, False]
    assert heard(unit=None, sector=None) == [False, False, False]
