"""The web process's side of the unix socket."""

import asyncio
import json
import socket
import time
from typing import Any, Protocol

from haidang.data.ingest.intake import frames
from haidang.data.ingest.journal import LargeFile

PATIENCE = 30.0  # seconds until an answer that does not come counts as "down"


class IntakeDownError(Exception):
    """Intake does not answer; nothing was acknowledged."""


class DiskFullError(Exception):
    """Intake cannot write; nothing was acknowledged."""


class Hands(Protocol):
    """Who takes bodies to the journal; each call returns a position when the body is durable."""

    async def put(self, note: bytes, body: bytes) -> int: ...

    async def put_file(self, note: bytes, file: LargeFile) -> int: ...


class Client(asyncio.Protocol):
    """One connection with many requests in flight; requests of one loop turn share a write."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._connecting: asyncio.Future[None] | None = None
        self._answers = frames.AnswerReader()
        self._waiting: dict[int, asyncio.Future[tuple[int, bytes]]] = {}
        self._outgoing: list[bytes] = []
        self._last = 0

    async def put(self, note: bytes, body: bytes) -> int:
        """Hand a body in; return its position when it is durable.

        Raises IntakeDownError or DiskFullError.
        """
        return (await self._ask(frames.INLINE, note, body))[0]

    async def put_file(self, note: bytes, file: LargeFile) -> int:
        """Hand in a synced file of the spool folder; return its position when it is durable."""
        return (await self._ask(frames.FILE, note, file.encode()))[0]

    async def _ask(self, kind: int, note: bytes, body: bytes) -> tuple[int, bytes]:
        if self._transport is None:
            await self._connect()
        loop = asyncio.get_running_loop()
        self._last = (self._last + 1) & 0xFFFFFFFF
        answer: asyncio.Future[tuple[int, bytes]] = loop.create_future()
        self._waiting[self._last] = answer
        if not self._outgoing:
            loop.call_soon(self._flush)
        self._outgoing.append(frames.encode(self._last, kind, note, body))
        late = loop.call_later(PATIENCE, _give_up, answer)
        try:
            return await answer
        finally:
            late.cancel()

    async def _connect(self) -> None:
        """Connect once for all who wait for it."""
        if self._connecting is None:
            self._connecting = asyncio.ensure_future(self._open())
            self._connecting.add_done_callback(self._connected)
        try:
            await asyncio.shield(self._connecting)
        except OSError as error:
            raise IntakeDownError(str(error)) from error

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_unix_connection(lambda: self, str(frames.socket_path()))

    def _connected(self, connecting: "asyncio.Future[None]") -> None:
        self._connecting = None

    def _flush(self) -> None:
        outgoing, self._outgoing = self._outgoing, []
        if self._transport is not None:
            self._transport.write(b"".join(outgoing))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # of TCP: it writes
        self._answers = frames.AnswerReader()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._outgoing = []
        waiting, self._waiting = self._waiting, {}
        for answer in waiting.values():
            _give_up(answer)

    def data_received(self, data: bytes) -> None:
        for id, status, position, body in self._answers.feed(data):
            answer = self._waiting.pop(id, None)
            if answer is None or answer.done():
                continue
            if status == frames.DURABLE:
                answer.set_result((position, body))
            else:
                answer.set_exception(DiskFullError())


def _give_up(answer: "asyncio.Future[tuple[int, bytes]]") -> None:
    if not answer.done():
        answer.set_exception(IntakeDownError("no answer"))


_hands: dict[int, Hands] = {}


def of_loop() -> Hands:
    """Return who takes this event loop's bodies: a client of its own unless `use` said another."""
    key = id(asyncio.get_running_loop())
    found = _hands.get(key)
    if found is None:
        found = _hands[key] = Client()
    return found


def use(hands: Hands) -> None:
    """Have `hands` take the bodies of this event loop."""
    _hands[id(asyncio.get_running_loop())] = hands


def ping(timeout: float = 2.0) -> dict[str, Any] | None:
    """Ask intake how it is, from ordinary code; None when it does not answer."""
    return _told(frames.PING, timeout)


def turn(timeout: float = 5.0) -> dict[str, Any] | None:
    """Have intake begin a new journal segment; it tells how many bytes are `kept`."""
    return _told(frames.TURN, timeout)


def _told(kind: int, timeout: float) -> dict[str, Any] | None:
    try:
        with socket.socket(socket.AF_UNIX) as asking:
            asking.settimeout(timeout)
            asking.connect(str(frames.socket_path()))
            asking.sendall(frames.encode(1, kind))
            reader = frames.AnswerReader()
            while data := asking.recv(65536):
                for *_, body in reader.feed(data):
                    return dict(json.loads(body))
    except OSError:
        return None
    return None


def settle(patience: float) -> bool:
    """Wait until everything acknowledged before now is in the lake, as a backup needs it.

    Returns False when it is not after `patience` seconds, or intake does not answer.
    """
    deadline = time.monotonic() + patience
    first = ping()
    while first is not None and time.monotonic() < deadline:
        found = ping()
        if found is not None and found["flushed"] >= first["durable"]:
            return True
        time.sleep(0.05)
    return False
