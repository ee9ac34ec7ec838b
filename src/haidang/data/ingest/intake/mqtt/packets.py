"""MQTT 3.1.1 packets, read from a buffer. Pure: bytes in, values out."""

from dataclasses import dataclass

CONNECT, CONNACK, PUBLISH, PUBACK = 1, 2, 3, 4
SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK = 8, 9, 10, 11
PINGREQ, PINGRESP, DISCONNECT = 12, 13, 14

ACCEPTED, BAD_VERSION, BAD_IDENTIFIER, UNAVAILABLE, BAD_LOGIN, NOT_ALLOWED = range(6)

PONG = b"\xd0\x00"


class ProtocolError(Exception):
    """The client broke the protocol; the message is the reason that is logged.

    `reason` is the code of `models.Refusal.Reason` under which the data steward sees it.
    """

    def __init__(self, message: str, reason: str = "protocol", topic: str = "") -> None:
        super().__init__(message)
        self.reason, self.topic = reason, topic


@dataclass(frozen=True)
class Connect:
    """What a client says at the start. A will and a kept session are read and not used."""

    level: int
    clean: bool
    keepalive: int
    client_id: str
    username: str
    password: str


def connack(code: int) -> bytes:
    return bytes((CONNACK << 4, 2, 0, code))


def pubacks(ids: list[bytes]) -> bytes:
    """Return one PUBACK for each two-byte packet id."""
    return b"".join([b"\x40\x02" + id for id in ids])


def suback_refused(id: bytes, topics: int) -> bytes:
    return bytes((SUBACK << 4, 2 + topics)) + id + b"\x80" * topics


def unsuback(id: bytes) -> bytes:
    return bytes((UNSUBACK << 4, 2)) + id


def head(data: bytes, at: int) -> tuple[int, int] | None:
    """Return where the packet's body begins and how long it is; None when bytes are missing."""
    length = shift = 0
    for index in range(at + 1, at + 5):
        if index >= len(data):
            return None
        byte = data[index]
        length |= (byte & 0x7F) << shift
        if byte < 0x80:
            return index + 1, length
        shift += 7
    raise ProtocolError("a packet's length has more than four bytes")


def read_connect(body: bytes) -> Connect:
    """Read the body of a CONNECT packet. Raises ProtocolError."""
    fields = _Fields(body)
    protocol, level, flags = fields.text(), fields.byte(), fields.byte()
    if protocol not in ("MQTT", "MQIsdp"):
        raise ProtocolError(f"unknown protocol {protocol[:20]!r}")
    if flags & 1:
        raise ProtocolError("a reserved flag is set")
    keepalive, client_id = fields.number(), fields.text()
    if flags & 0x04:
        fields.text()
        fields.data()
    username = fields.text() if flags & 0x80 else ""
    password = fields.text() if flags & 0x40 else ""
    return Connect(level, bool(flags & 2), keepalive, client_id, username, password)


def read_subscribe(body: bytes) -> tuple[bytes, int]:
    """Return packet id and number of topics of a SUBSCRIBE."""
    fields, topics = _Fields(body[2:]), 0
    while fields.left:
        fields.text()
        fields.byte()
        topics += 1
    if not topics or len(body) < 5:
        raise ProtocolError("a subscription without a topic")
    return body[:2], topics


class _Fields:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def byte(self) -> int:
        return self._take(1)[0]

    def number(self) -> int:
        return int.from_bytes(self._take(2), "big")

    def data(self) -> bytes:
        return self._take(self.number())

    def text(self) -> str:
        try:
            text = self.data().decode()
        except UnicodeDecodeError as error:
            raise ProtocolError("a string is not UTF-8") from error
        if "\0" in text:
            raise ProtocolError("a string holds a NUL")
        return text

    def _take(self, size: int) -> bytes:
        if self.left < size:
            raise ProtocolError("a packet is shorter than it says")
        self._at += size
        return self._data[self._at - size : self._at]
