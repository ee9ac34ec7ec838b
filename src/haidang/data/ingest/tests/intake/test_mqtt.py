"""MQTT 3.1.1 as devices speak it: raw packets here, real clients in tests/verification."""

import asyncio
import contextlib
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haidang.data.ingest.intake.gate import Gate
from haidang.data.ingest.intake.mqtt import MqttServer, packets
from haidang.data.ingest.intake.mqtt import server as server_module
from haidang.data.ingest.journal import Journal


class AllowedWriter:
    def may_write(self, code: str) -> bool:
        return code == "aq"


@dataclass
class Served:
    """A server on a free port, in a thread of its own."""

    folder: Path
    port: int = 0
    started: threading.Event = field(default_factory=threading.Event)
    stop: threading.Event = field(default_factory=threading.Event)
    journal: Journal | None = None
    revoked: set[str] = field(default_factory=set)

    def run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        self.journal = Journal(self.folder)
        server = MqttServer(Gate(self.journal, loop, lambda: None), self._sign_in)
        listening = await loop.create_server(server.protocol, "127.0.0.1", 0)
        self.port = listening.sockets[0].getsockname()[1]
        sweeping = asyncio.ensure_future(server.sweep())
        self.started.set()
        while not self.stop.is_set():
            await asyncio.sleep(0.01)
        listening.close()
        sweeping.cancel()
        server.close("the test is over")
        await asyncio.sleep(0)

    async def _sign_in(self, token: str) -> AllowedWriter | None:
        if token == "broken":
            raise OSError("no database")
        if token in self.revoked:
            return None
        return AllowedWriter() if token == "key" else None

    def bodies(self) -> list[bytes]:
        assert self.journal is not None
        found, at = [], 0
        while records := self.journal.read(at, 1 << 20):
            found += [record.body for record in records]
            at = records[-1].end
        return found


_open: list["Wire"] = []


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    server = Served(tmp_path / "journal")
    thread = threading.Thread(target=server.run)
    thread.start()
    server.started.wait()
    yield server
    server.stop.set()
    thread.join()
    while _open:
        _open.pop().socket.close()
    server.journal.close()


class Wire:
    """A client that says exactly the bytes it is given."""

    def __init__(self, port: int) -> None:
        import socket

        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        _open.append(self)

    def say(self, data: bytes) -> "Wire":
        self.socket.sendall(data)
        return self

    def hear(self, size: int) -> bytes:
        found = b""
        while len(found) < size and (more := self.socket.recv(size - len(found))):
            found += more
        return found

    def ends(self) -> bool:
        try:
            while self.socket.recv(4096):
                pass
        except ConnectionError:
            return True
        return True


def text(value: str | bytes) -> bytes:
    data = value if isinstance(value, bytes) else value.encode()
    return len(data).to_bytes(2, "big") + data


def packet(first: int, body: bytes) -> bytes:
    size, length = len(body), b""
    while True:
        size, digit = size >> 7, size & 0x7F
        length += bytes([digit | (0x80 if size else 0)])
        if not size:
            return bytes([first]) + length + body


def connect(password: str = "key", level: int = 4, name: str = "c", clean: int = 2) -> bytes:
    body = text("MQTT") + bytes([level, 0xC0 | clean, 0, 60]) + text(name) + text("aq")
    return packet(0x10, body + text(password))


def publish(
    payload: bytes, id: int = 1, topic: str = "haidang/v1/aq/D1", quality: int = 1
) -> bytes:
    number = id.to_bytes(2, "big") if quality else b""
    return packet(0x30 | quality << 1, text(topic) + number + payload)


def signed_in(served: Served) -> Wire:
    wire = Wire(served.port).say(connect())
    assert wire.hear(4) == b"\x20\x02\x00\x00"
    return wire


def test_a_publication_is_acknowledged_when_it_lies_in_the_journal(served: Served) -> None:
    wire = signed_in(served).say(publish(b"[1]", 7))
    assert wire.hear(4) == b"\x40\x02\x00\x07"
    assert served.bodies() == [b"[1]"]


def test_many_publications_of_one_write_are_answered_in_order(served: Served) -> None:
    wire = signed_in(served).say(b"".join(publish(b"%d" % n, n) for n in range(1, 200)))
    answered = wire.hear(4 * 199)
    assert [answered[at + 3] for at in range(0, len(answered), 4)] == list(range(1, 200))
    assert served.bodies() == [b"%d" % n for n in range(1, 200)]


def test_packets_cut_anywhere_are_put_together(served: Served) -> None:
    wire = Wire(served.port)
    for byte in connect() + publish(b"x" * 300, 5, quality=1) + b"\xc0\x00":
        wire.say(bytes([byte]))
    heard = wire.hear(10)
    assert heard.startswith(b"\x20\x02\x00\x00")
    assert b"\x40\x02\x00\x05" in heard
    assert packets.PONG in heard


def test_packets_sent_before_the_sign_in_is_answered_are_kept(served: Served) -> None:
    wire = Wire(served.port).say(connect() + publish(b"early", 3))
    assert wire.hear(8) == b"\x20\x02\x00\x00\x40\x02\x00\x03"


@pytest.mark.parametrize(
    ("hello", "code"),
    [(connect("wrong"), 4), (connect("broken"), 3), (connect(level=5), 1),
     (connect(name="", clean=0), 2)],
)  # fmt: skip
def test_who_may_not_enter_is_told_why(served: Served, hello: bytes, code: int) -> None:
    wire = Wire(served.port).say(hello)
    assert wire.hear(4) == bytes([0x20, 2, 0, code])
    assert wire.ends()


@pytest.mark.parametrize(
    "breach",
    [
        publish(b"x", topic="haidang/v1/other/D1"),
        publish(b"x", topic="somewhere/else"),
        publish(b"x", topic="haidang/v1/aq/"),
        publish(b"x", quality=2),
        packet(0x30, b"\xff\xff" + b"g" * 9),
        b"\x30\xff\xff\xff\xff\xff",
        connect(),
        b"\x00\x00",
        packet(0x32, text("haidang/v1/aq/D1")),
    ],
)
def test_a_breach_closes_only_its_own_connection(served: Served, breach: bytes) -> None:
    good, bad = signed_in(served), signed_in(served)
    assert bad.say(breach).ends()
    assert good.say(publish(b"still here", 9)).hear(4) == b"\x40\x02\x00\x09"


def test_a_megabyte_of_garbage_closes_its_connection_with_a_reason(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    good, bad = signed_in(served), signed_in(served)
    with contextlib.suppress(ConnectionError):
        bad.say(publish(os.urandom(1 << 20), 1))
    assert bad.ends()
    assert good.say(publish(b"ok", 2)).hear(4) == b"\x40\x02\x00\x02"
    assert served.bodies() == [b"ok"]
    assert any("at most" in record.getMessage() for record in caplog.records)


def test_a_subscription_is_refused_and_a_ping_answered(served: Served) -> None:
    wire = signed_in(served).say(packet(0x82, b"\x00\x05" + text("#") + b"\x00"))
    assert wire.hear(5) == b"\x90\x03\x00\x05\x80"
    assert wire.say(b"\xc0\x00").hear(2) == packets.PONG


def test_a_revoked_key_ends_its_open_connections(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "_SWEEP_EVERY", 0.01)
    monkeypatch.setattr(server_module, "_RENEW_AFTER", 0.0)
    wire = signed_in(served)
    served.revoked.add("key")
    assert wire.ends()


def test_a_silent_client_is_closed_after_its_keep_alive(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "_SWEEP_EVERY", 0.01)
    body = text("MQTT") + b"\x04\xc2\x00\x01" + text("c") + text("aq") + text("key")
    wire = Wire(served.port).say(packet(0x10, body))
    assert wire.hear(4) == b"\x20\x02\x00\x00"
    assert wire.ends()


def test_a_full_disk_is_never_acknowledged(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = signed_in(served)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdatasync", full)
    assert wire.say(publish(b"lost?", 4)).hear(4) == b""
    monkeypatch.undo()
    assert served.bodies() == []
    assert signed_in(served).say(publish(b"kept", 5)).hear(4) == b"\x40\x02\x00\x05"


@given(st.binary(max_size=400))
@settings(max_examples=300)
def test_no_bytes_break_the_packet_reader(data: bytes) -> None:
    with contextlib.suppress(packets.ProtocolError):
        packets.head(data or b"\0", 0)
        packets.read_connect(data)
    with contextlib.suppress(packets.ProtocolError):
        packets.read_subscribe(data)
