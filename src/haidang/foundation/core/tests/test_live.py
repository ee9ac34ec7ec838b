"""The hub: told on commit, heard by every open page, never blocked by a slow one."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, transaction

from haidang.foundation.core import live
from haidang.foundation.core.live import RESYNC, Hub, Listener, Note


@pytest.mark.django_db(transaction=True)
def test_notes_reach_every_listener_after_commit_only() -> None:
    def tell_and_roll_back() -> None:
        with pytest.raises(RuntimeError), transaction.atomic():
            live.tell("figure", unit=1, sector=None, indicator="lost")
            raise RuntimeError

    async def listen() -> list[list[Note]]:
        hub = Hub()
        async with hub.listen() as one, hub.listen() as two:
            first = [await one.next(), await two.next()]
            await sync_to_async(tell_and_roll_back)()
            await sync_to_async(live.tell)("figure", unit=7, sector="y-te", indicator="x")
            await sync_to_async(lambda: connection.close())()
            second = [await one.next(), await two.next()]
        await hub.close()
        return [first, second]

    first, second = asyncio.run(asyncio.wait_for(listen(), 20))

    assert first == [Note(RESYNC), Note(RESYNC)]
    assert second == [Note("figure", 7, "y-te", {"indicator": "x"})] * 2


def test_a_slow_listener_loses_notes_and_is_told_so() -> None:
    async def overflow() -> list[str]:
        listener = Listener(size=3)
        for number in range(10):
            listener.put(Note(str(number)))
        found = []
        while listener.waiting():
            found.append((await listener.next()).topic)
        return found

    found = asyncio.run(overflow())

    assert found[0] == RESYNC
    assert len(found) <= 3
