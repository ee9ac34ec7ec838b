"""Connections of devices: who they are, what they publish, when they are told it is safe."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from functools import partial

from haidang.data.ingest.intake.gate import Gate
from haidang.data.ingest.intake.mqtt import packets
from haidang.data.ingest.intake.mqtt.packets import ProtocolError
from haidang.data.ingest.intake.notes import NGSI, SENML, Note
from haidang.data.ingest.intake.writers import Writer

log = logging.getLogger(__name__)

MAX_PACKET = 256 * 1024
TOPIC = "haidang/v1/{source}/{device}"
NOTICES = "haidang/ngsi-ld/{source}"
_SWEEP_EVERY = 2.0
_RENEW_AFTER = 30.0  # seconds after which a key must prove itself again
_CONNECT_WITHIN = 10.0
_TOPICS_KEPT = 4096

SignIn = Callable[[str], Awaitable[Writer | None]]
Refused = Callable[[str, str, str, str, Writer | None], None]
_REASONS = {
    packets.BAD_VERSION: "version",
    packets.BAD_IDENTIFIER: "name",
    packets.BAD_LOGIN: "key",
}


def _nobody_asks(client: str, address: str, topic: str, reason: str, writer: Writer | None) -> None:
    """Keep nothing: for a server whose log is enough."""


class MqttServer:
    """What the connections share: the gate, the sign-in, the watch over silent clients."""

    def __init__(
        self,
        gate: Gate,
        sign_in: SignIn,
        max_packet: int = MAX_PACKET,
        refused: Refused = _nobody_asks,
    ) -> None:
        """`refused` hears of every client that is turned away: name, address, topic, reason."""
        self.refused = refused
        self.gate = gate
        self.sign_in = sign_in
        self.max_packet = max_packet
        self.connections: set[MqttProtocol] = set()

    def protocol(self) -> "MqttProtocol":
        return MqttProtocol(self)

    def close(self, reason: str) -> None:
        """Close every connection; devices come back and send again what was not acknowledged."""
        for connection in list(self.connections):
            connection.close(reason)

    async def sweep(self) -> None:
        """Close connections that have been silent for longer than they promised."""
        while True:
            await asyncio.sleep(_SWEEP_EVERY)
            now = time.monotonic()
            for connection in list(self.connections):
                connection.close_if_silent(now)
            await self._renew(now)

    async def _renew(self, now: float) -> None:
        """Ask again for keys signed in long ago, each once: one may be revoked by now."""
        old: defaultdict[str, list[MqttProtocol]] = defaultdict(list)
        for connection in self.connections:
            if connection.writer is not None and now - connection.signed_in > _RENEW_AFTER:
                old[connection.token].append(connection)
        for token, connections in old.items():
            try:
                writer = await self.sign_in(token)
            except Exception as error:  # noqa: BLE001 - the database is away: the old answer holds
                log.warning("mqtt: a key cannot be checked again now: %s", error)
                return
            for connection in connections:
                connection.renewed(writer)


class MqttProtocol(asyncio.Protocol):
    """One client, from CONNECT to its end."""

    __slots__ = (
        "_busy", "_keepalive", "_last", "_name", "_rest", "_server", "_tasks", "_topics",
        "_transport", "address", "peer", "signed_in", "token", "writer",
    )  # fmt: skip

    def __init__(self, server: MqttServer) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self.writer: Writer | None = None
        self._tasks: asyncio.Task[None] | None = None
        self._topics: dict[bytes, bytes] = {}
        self._rest = b""
        self._busy = False
        self._keepalive = _CONNECT_WITHIN
        self._last = time.monotonic()
        self._name = "?"
        self.peer = self.address = "?"
        self.token = ""
        self.signed_in = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # of TCP: it writes
        peer = transport.get_extra_info("peername")
        self.peer = str(peer)
        self.address = str(peer[0])[:60] if peer else "?"
        self._server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._server.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        self._last = time.monotonic()
        self._rest = self._rest + data if self._rest else data
        if self._busy:
            self._limit_rest()
            return
        try:
            self._read()
        except ProtocolError as error:
            self._turn_away(error.reason, error.topic)
            self.close(str(error))

    def _turn_away(self, reason: str, topic: str = "") -> None:
        if self._transport is not None:
            clean = topic.replace("\0", "")[:120]
            self._server.refused(self._name, self.address, clean, reason, self.writer)

    def close(self, reason: str) -> None:
        """Close the connection and log why."""
        if self._transport is not None:
            log.warning("mqtt %s (%s) closed: %s", self._name, self.peer, reason)
            self._transport.abort()

    def renewed(self, writer: Writer | None) -> None:
        """Go on with what the key allows now, or end when it allows nothing."""
        if writer is None:
            self._turn_away("key")
            self.close("its key is no longer valid")
            return
        self.writer = writer
        self.signed_in = time.monotonic()
        self._topics.clear()

    def close_if_silent(self, now: float) -> None:
        if self._keepalive and now - self._last > self._keepalive:
            self.close("silent for longer than its keep-alive allows")

    def _limit_rest(self) -> None:
        if len(self._rest) > 2 * self._server.max_packet:
            self.close("sends too much before its sign-in is answered")

    def _read(self) -> None:
        """Handle every whole packet of the buffer; publications of one read share a sync."""
        data, at, limit = self._rest, 0, self._server.max_packet
        items: list[tuple[bytes, bytes]] = []
        ids: list[bytes] = []
        try:
            while at < len(data) and not self._busy:
                found = packets.head(data, at)
                if found is None:
                    break
                start, length = found
                if length > limit:
                    said = f"a packet of {length} bytes; at most {limit} are read"
                    raise ProtocolError(said, "size")
                end = start + length
                if end > len(data):
                    break
                first = data[at]
                at = end
                if first >> 4 == packets.PUBLISH:
                    self._publish(first, data[start:end], items, ids)
                else:
                    self._control(first, data[start:end])
        finally:
            self._rest = data[at:]
            if items:
                self._server.gate.put(items, partial(self._acknowledge, ids))

    def _publish(
        self, first: int, body: bytes, items: list[tuple[bytes, bytes]], ids: list[bytes]
    ) -> None:
        quality = first & 6
        if self.writer is None:
            raise ProtocolError("publishes before signing in")
        if quality > 2:
            raise ProtocolError("publishes with QoS 2", "quality")
        at = 2 + int.from_bytes(body[:2], "big")
        topic = body[2:at]
        if quality:
            if at + 2 > len(body):
                raise ProtocolError("a publication without a packet id")
            ids.append(body[at : at + 2])
            at += 2
        items.append((self._topics.get(topic) or self._note_of(topic), body[at:]))

    def _note_of(self, topic: bytes) -> bytes:
        """Return the note for a topic this client may publish to. Raises ProtocolError."""
        said = topic.decode(errors="replace")
        parts = said.split("/")
        if len(parts) == 3 and parts[:2] == ["haidang", "ngsi-ld"]:
            return self._kept(topic, self._notice_of(parts[2], said))
        if len(parts) != 4 or parts[:2] != ["haidang", "v1"] or "\0" in parts[3] or not parts[3]:
            raise ProtocolError(
                f"topic {topic[:80]!r} is neither {TOPIC} nor {NOTICES}", "topic", said
            )
        if self.writer is None or not self.writer.may_write(parts[2]):
            raise ProtocolError(f"may not write to source {parts[2]!r}", "source", said)
        return self._kept(topic, Note(parts[2], SENML, parts[3]))

    def _notice_of(self, source: str, said: str) -> Note:
        if self.writer is None or not self.writer.may_tell(source):
            raise ProtocolError(f"may not notify source {source!r}", "source", said)
        return Note(source, NGSI)

    def _kept(self, topic: bytes, note: Note) -> bytes:
        if len(self._topics) >= _TOPICS_KEPT:
            self._topics.clear()
        made = self._topics[topic] = note.encode()
        return made

    def _acknowledge(self, ids: list[bytes], failure: OSError | None, position: int) -> None:
        if self._transport is None:
            return
        if failure is not None:
            self.close("the journal cannot be written")
        elif ids:
            self._transport.write(packets.pubacks(ids))

    def _control(self, first: int, body: bytes) -> None:
        kind = first >> 4
        if kind == packets.CONNECT:
            self._connect(packets.read_connect(body))
        elif self.writer is None:
            raise ProtocolError("the first packet is not CONNECT")
        elif kind == packets.PINGREQ:
            self._send(packets.PONG)
        elif kind == packets.SUBSCRIBE:
            self._send(packets.suback_refused(*packets.read_subscribe(body)))
        elif kind == packets.UNSUBSCRIBE:
            self._send(packets.unsuback(body[:2]))
        elif kind == packets.DISCONNECT:
            self._transport.close() if self._transport else None
        elif kind != packets.PUBACK:
            raise ProtocolError(f"unexpected packet type {kind}")

    def _connect(self, hello: packets.Connect) -> None:
        if self.writer is not None:
            raise ProtocolError("a second CONNECT")
        self._name = hello.username[:60] or hello.client_id[:60]
        if hello.level not in (3, 4):
            self._refuse(packets.BAD_VERSION, "speaks another version of MQTT than 3.1.1")
        elif not hello.client_id and not hello.clean:
            self._refuse(packets.BAD_IDENTIFIER, "asks for a kept session without a name")
        else:
            self._busy = True
            self._tasks = asyncio.ensure_future(self._sign_in(hello))

    async def _sign_in(self, hello: packets.Connect) -> None:
        try:
            self.writer = await self._server.sign_in(hello.password)
        except Exception as error:  # noqa: BLE001 - the database may be away: tell the client so
            log.warning("mqtt sign-in: %s", error)
            self._refuse(packets.UNAVAILABLE, "sign-in is not possible now")
            return
        if self.writer is None:
            self._refuse(packets.BAD_LOGIN, "wrong or missing API key")
            return
        self._keepalive = hello.keepalive * 1.5
        self._last = self.signed_in = time.monotonic()
        self.token = hello.password
        self._busy = False
        self._send(packets.connack(packets.ACCEPTED))
        self.data_received(b"")

    def _refuse(self, code: int, reason: str) -> None:
        if self._transport is not None:
            log.warning("mqtt %s (%s) refused: %s", self._name, self.peer, reason)
            if code in _REASONS:
                self._turn_away(_REASONS[code])
            self._transport.write(packets.connack(code))
            self._transport.close()

    def _send(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)
