"""Intake's own HTTP port: the short way of a known head says and keeps what the long way does."""

import asyncio
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPResponse
from pathlib import Path
from typing import Any, cast

import pytest

from haidang.data.ingest import streams
from haidang.data.ingest.intake import writers
from haidang.data.ingest.intake.gate import Gate
from haidang.data.ingest.intake.http import Connection, HttpDoor
from haidang.data.ingest.journal import Journal
from haidang.data.ingest.rules.values import SourceRef
from haidang.foundation.access import api as access

GUARD = "haidang.foundation.access.doors.streams"
PROMISED = 1.0  # seconds that an answer about a key may be old
LINES, SENML = "/api/v2/write?bucket=aq&precision=s", "/api/v1/readings?source=aq"


@dataclass
class Served:
    """The port in a thread of its own; `token` is the only valid key."""

    folder: Path
    token: str = "key"
    port: int = 0
    started: threading.Event = field(default_factory=threading.Event)
    stop: threading.Event = field(default_factory=threading.Event)
    journal: Journal | None = None

    def run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self.journal = Journal(self.folder)
        gate = Gate(self.journal, asyncio.get_running_loop(), lambda: None)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        door = await HttpDoor.open(gate, "127.0.0.1", self.port)
        self.started.set()
        while not self.stop.is_set():
            await asyncio.sleep(0.01)
        await door.close()

    def check_key(self, token: str) -> access.Scope | None:
        return access.EVERYTHING if token == self.token else None

    def bodies(self) -> list[bytes]:
        assert self.journal is not None
        return [record.body for record in self.journal.read(0, 1 << 24)]


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What went the short way."""
    taken: list[bytes] = []
    enters = Connection._enters

    def counted(self: Connection, data: bytes) -> bool:
        does = enters(self, data)
        if does:
            taken.append(data)
        return does

    monkeypatch.setattr(Connection, "_enters", counted)
    return taken


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    found = Served(tmp_path / "journal")
    source = SourceRef(
        id=1, code="aq", title="", kind="http", dataset="quan_trac", supplier_unit_id=1, sector="",
        cycle="", is_automatic=True, is_life_safety=False, is_active=True, is_simulated=False,
        last_success_at=None, late_since=None,
    )  # fmt: skip
    monkeypatch.setattr(f"{GUARD}.check_key", found.check_key)
    monkeypatch.setattr(f"{GUARD}._kept", {})
    monkeypatch.setattr("haidang.data.ingest.queries.sources", lambda: [source])
    monkeypatch.setattr(streams, "_sources", writers.Sources())
    thread = threading.Thread(target=found.run)
    thread.start()
    found.started.wait()
    yield found
    found.stop.set()
    thread.join()
    while _open:
        _open.pop().close()
    assert found.journal is not None
    found.journal.close()


_open: list[socket.socket] = []


class Wire:
    """A connection that is kept; says bytes, hears answers."""

    def __init__(self, served: Served) -> None:
        self.socket = socket.create_connection(("127.0.0.1", served.port), timeout=20)
        _open.append(self.socket)

    def hear(self) -> tuple[int, bytes]:
        answer = HTTPResponse(self.socket, method="POST")
        answer.fp = cast(Any, _Slow(self.socket))  # no reading ahead into the next answer
        answer.begin()
        return answer.status, answer.read()

    def ask(self, data: bytes) -> tuple[int, bytes]:
        self.socket.sendall(data)
        return self.hear()


class _Slow:
    def __init__(self, wire: socket.socket) -> None:
        self._wire = wire

    def readline(self, limit: int = -1) -> bytes:
        found = b""
        while not found.endswith(b"\n") and (byte := self._wire.recv(1)):
            found += byte
        return found

    def read(self, size: int) -> bytes:
        found = b""
        while len(found) < size and (more := self._wire.recv(size - len(found))):
            found += more
        return found

    def close(self) -> None: ...

    def flush(self) -> None: ...


def post(path: str, body: bytes, token: str = "key", more: str = "") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Token {token}\r\n{more}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def said(answer: tuple[int, bytes]) -> tuple[int, Any]:
    """Return an answer without the number that differs from one to the next."""
    status, body = answer
    found = json.loads(body) if body else None
    return status, {**found, "id": ""} if found and "id" in found else found


@pytest.mark.parametrize(
    ("path", "body", "status", "is_short"),
    [
        (LINES, b"m,device=D pm25=1 1", 204, True),
        (SENML, b'[{"n": "D/pm25", "v": 1}]', 202, True),
        (LINES, "m,device=Đ pm25=1 1".encode(), 204, False),
        (LINES, b"  \n  ", 400, False),
        (LINES, b"", 400, False),
        (SENML, b"[{]", 400, False),
        (SENML, b"7", 400, False),
        (SENML, b"\xff[]", 400, False),
        (LINES.replace("aq", "la"), b"m,device=D pm25=1 1", 403, False),
        (LINES.replace("=s", "=h"), b"m,device=D pm25=1 1", 400, False),
        ("/api/v1/readings", b'[{"n": "D/pm25", "v": 1}]', 400, False),
        ("/api/v1/units", b"{}", 404, False),
    ],
)
def test_a_known_head_is_answered_as_one_that_comes_for_the_first_time(
    served: Served, short: list[bytes], path: str, body: bytes, status: int, is_short: bool
) -> None:
    answers = [Wire(served).ask(post(path, body)) for _ in range(3)]
    assert {status} == {one for one, _ in answers}
    assert [said(one) for one in answers] == [said(answers[0])] * 3
    assert served.bodies() == ([body] * 3 if status < 300 else [])
    assert len(short) == (2 if is_short else 0)


@pytest.mark.parametrize(
    "more",
    ["Connection: close\r\n", "Expect: 100-continue\r\n", "Content-Encoding: gzip\r\n",
     "Cookie: a=b\r\n", "Transfer-Encoding: chunked\r\n", "Content-Length: 3\r\n"],
)  # fmt: skip
def test_a_head_that_asks_for_more_never_goes_the_short_way(
    served: Served, short: list[bytes], more: str
) -> None:
    for _ in range(2):
        wire = Wire(served)
        wire.socket.sendall(post(LINES, b"m,device=D pm25=1 1", more=more))
        wire.socket.shutdown(socket.SHUT_WR)
        while wire.socket.recv(4096):
            pass
    assert short == []


def test_a_request_cut_anywhere_is_put_together(served: Served) -> None:
    wire, whole = Wire(served), post(LINES, b"m,device=D pm25=1 1")
    assert wire.ask(whole)[0] == 204
    for at in range(1, len(whole), 7):
        wire.socket.sendall(whole[:at])
        time.sleep(0.001)
        assert wire.ask(whole[at:])[0] == 204


def test_requests_sent_without_waiting_are_answered_in_order(served: Served) -> None:
    wire = Wire(served)
    good, bad = post(SENML, b'[{"n": "D/pm25", "v": 1}]'), post(SENML, b"[{]")
    assert wire.ask(good)[0] == 202
    for _ in range(20):
        wire.socket.sendall(good)
        wire.socket.sendall(bad + good)
        wire.socket.sendall(good)
        answers = [wire.hear() for _ in range(4)]
        assert [status for status, _ in answers] == [202, 400, 202, 202]
        numbers = [
            int(json.loads(body)["id"].split("-")[1]) for status, body in answers if status < 300
        ]
        assert numbers == sorted(set(numbers))


def test_a_revoked_key_ends_within_the_time_that_is_promised(
    served: Served, short: list[bytes]
) -> None:
    wire, whole = Wire(served), post(LINES, b"m,device=D pm25=1 1")
    assert wire.ask(whole)[0] == 204
    served.token = "another"
    until = time.monotonic() + PROMISED + 0.5
    while (status := Wire(served).ask(whole)[0]) == 204:
        assert time.monotonic() < until, "the key still writes"
    assert status == 401
    assert short


def test_nothing_is_answered_before_the_sync(
    served: Served, short: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    wire, whole = Wire(served), post(LINES, b"m,device=D pm25=1 1")
    assert wire.ask(whole)[0] == 204
    reached, go_on, sync = threading.Event(), threading.Event(), os.fdatasync

    def slow(descriptor: int) -> None:
        reached.set()
        go_on.wait(20)
        sync(descriptor)

    monkeypatch.setattr(os, "fdatasync", slow)
    wire.socket.sendall(whole)
    assert reached.wait(20)
    wire.socket.settimeout(0.1)
    with pytest.raises(TimeoutError):
        wire.socket.recv(1)
    go_on.set()
    wire.socket.settimeout(20)
    assert wire.hear()[0] == 204
    assert len(short) == 1


def test_a_full_disk_is_said_and_never_acknowledged(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire, whole = Wire(served), post(LINES, b"m,device=D pm25=1 1")
    assert wire.ask(whole)[0] == 204

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdatasync", full)
    status, body = wire.ask(whole)
    monkeypatch.undo()
    assert status == 503
    assert "Đĩa đã đầy" in body.decode()
    assert len(served.bodies()) == 1
