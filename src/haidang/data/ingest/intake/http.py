"""The HTTP port of intake itself: the same handlers as web's, one process nearer to the disk.

What may enter, what is refused and how it is said stand in `ingest.streams` alone; here only the
way of a body to the journal is shorter. Off unless HAIDANG_READINGS_PORT is set.

A device sends the same head again and again. What it says is remembered by its bytes, so that a
whole request with a known head goes to the journal without being parsed again. Whatever is not
plain success goes the long way, through uvicorn and the handlers.
"""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from haidang.data.ingest import streams
from haidang.data.ingest.intake import client, frames
from haidang.data.ingest.intake.gate import Gate
from haidang.data.ingest.journal import LargeFile
from haidang.foundation.core import serving

_HEAD_BYTES = 4096
_HEADS_KEPT = 1000


class Direct:
    """Hands bodies to the gate of this process; what `client.Client` does over a socket."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def put(self, note: bytes, body: bytes) -> int:
        """Hand a body in; return its position when it is durable. Raises DiskFullError."""
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._gate.put([(note, body)], partial(_settle, answer))
        return await answer

    async def put_file(self, note: bytes, file: LargeFile) -> int:
        """Hand in a synced file of the spool folder; return its position when it is durable."""
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        path = frames.spool_folder() / file.name
        try:
            self._gate.put_file(note, path, file, partial(_settle, answer))
        except OSError as error:
            raise client.DiskFullError from error
        return await answer


def _settle(answer: "asyncio.Future[int]", failure: OSError | None, position: int) -> None:
    if answer.done():
        return
    if failure is None:
        answer.set_result(position)
    else:
        answer.set_exception(client.DiskFullError())


class Connection(HttpToolsProtocol):
    """uvicorn's connection, with a short way for whole requests whose head is known."""

    gate: Gate
    heads: dict[bytes, streams.Plain]

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._is_inside = False  # of a request that uvicorn reads
        self._head = b""  # of the request that uvicorn reads, if it may be remembered
        self._is_waiting = False  # for the journal, on the short way
        self._later = b""

    def data_received(self, data: bytes) -> None:
        if self._is_waiting:  # answers leave in the order of the requests
            self._later += data
            self.flow.pause_reading()
        elif not self._enters(data):
            super().data_received(data)

    def _enters(self, data: bytes) -> bool:
        """Take the short way if nothing speaks against it."""
        if self._is_inside or not (self.cycle is None or self.cycle.response_complete):
            return False
        at = data.find(b"\r\n\r\n", 0, _HEAD_BYTES) + 4
        request = self.heads.get(data[:at])
        if request is None:
            self._head = data[:at] if at > 4 else b""
            return False
        body = data[at:]
        if len(body) != request.length or not streams.passes(request, body):
            return False
        self._unset_keepalive_if_required()
        self._is_waiting = True
        self.gate.put([(request.note, body)], partial(self._durable, request, data))
        return True

    def _durable(
        self, request: streams.Plain, data: bytes, failure: OSError | None, position: int
    ) -> None:
        self._is_waiting = False
        if self.transport.is_closing():
            return
        if failure is not None:
            super().data_received(data)  # which says what is wrong
        else:
            self.transport.write(self._success(*streams.success(request.asked, position)))
            self.on_response_complete()
        if self._later:
            data, self._later = self._later, b""
            self.data_received(data)

    def _success(self, status: int, body: bytes) -> bytes:
        kind = b"content-type: application/json\r\ncontent-length: %d\r\n" % len(body)
        lines = [b"%s: %s\r\n" % one for one in self.server_state.default_headers]
        return b"".join([STATUS_LINE[status], *lines, kind if body else b"", b"\r\n", body])

    def on_message_begin(self) -> None:
        self._is_inside = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        head, self._head = self._head, b""
        # llhttp may end a head at bare line feeds; only what ends where we say is remembered.
        if head and head.count(b"\n") == head.count(b"\r\n"):
            if len(self.heads) >= _HEADS_KEPT:
                self.heads.clear()
            if (request := streams.plain(dict(self.scope))) is not None:
                self.heads[head] = request

    def on_message_complete(self) -> None:
        self._is_inside = False
        super().on_message_complete()

    def shutdown(self) -> None:
        if not self._is_waiting:
            super().shutdown()


class HttpDoor(uvicorn.Server):
    """Serves on the loop of intake, which hears the signals itself."""

    _serving: "asyncio.Future[None]"

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def close(self) -> None:
        """Answer what is under way, then end."""
        self.should_exit = True
        await self._serving

    @classmethod
    async def open(cls, gate: Gate, host: str, port: int) -> "HttpDoor":
        """Listen. Raises OSError when the port cannot be had."""
        client.use(Direct(gate))
        listening = await asyncio.get_running_loop().run_in_executor(None, _bound, host, port)
        config = uvicorn.Config(
            streams.application,
            interface="asgi3",
            lifespan="off",
            proxy_headers=False,
            log_config=None,
            **serving.OPTIONS | {"http": type("Here", (Connection,), {"gate": gate, "heads": {}})},
        )
        door = cls(config)
        door._serving = asyncio.ensure_future(door.serve([listening]))
        return door


def _bound(host: str, port: int) -> socket.socket:
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    return socket.create_server(address[:2], family=family, backlog=1024)
