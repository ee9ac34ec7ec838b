"""A stop ends live streams as answers end, not in the middle of a chunk."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import uvicorn

from haidang.foundation.access import api as access
from haidang.foundation.core import live
from haidang.project.processes import web


class _Quiet(live.Hub):
    """A hub that hears nothing and needs no database."""

    @contextlib.asynccontextmanager
    async def listen(self) -> AsyncIterator[live.Listener]:
        yield live.Listener(4)


async def _anybody(scope: object, capability: str) -> access.Scope:
    return access.EVERYTHING


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[uvicorn.Server]:
    """The server of the web process, in a thread."""
    monkeypatch.setattr(live, "hub", _Quiet())
    monkeypatch.setattr(access, "authorise", _anybody)
    served = web.Server(web.config("127.0.0.1", 0))
    thread = threading.Thread(target=served.run, daemon=True)
    thread.start()
    yield served
    served.should_exit = True
    thread.join(10)
    assert not thread.is_alive()


def _address(served: uvicorn.Server) -> str:
    async def listening() -> str:
        while not served.started:
            await asyncio.sleep(0.01)
        return f"http://127.0.0.1:{served.servers[0].sockets[0].getsockname()[1]}"

    return asyncio.run(asyncio.wait_for(listening(), 10))


def test_a_stop_ends_live_streams_properly(server: uvicorn.Server) -> None:
    with httpx.stream("GET", f"{_address(server)}/api/v1/stream", timeout=10) as answer:
        pieces = answer.iter_text()
        assert next(pieces).startswith("retry:")
        server.should_exit = True
        assert list(pieces) == []  # httpx raises RemoteProtocolError when it is cut
