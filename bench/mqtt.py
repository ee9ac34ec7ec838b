"""MQTT at QoS 1: messages acknowledged per second, against amqtt and Mosquitto; idle devices.

The same generator sends the same bytes to every broker: four publishers, windows of 200 messages of
about 100 bytes, two windows in flight so that none waits for it. Ours acknowledges after a sync of
the journal; the peers never sync. Mosquitto runs with `set_tcp_nodelay` and no limit of messages in
flight. Beside the rates: the processor that the answering process spends on a message, which the
load of the machine hardly changes.
"""

import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from bench.peers import until
from bench.rows import Row
from bench.startup import listener, pss, spent
from tests.platform import Platform, free_port

SOURCE, PUBLISHERS, WINDOW, WINDOWS, REPEATS = "bench-mqtt", 4, 200, 40, 5
MESSAGES = PUBLISHERS * WINDOW * WINDOWS
IDLE = 10_000
_RSS_GOAL_MB = 300.0


def run() -> Iterator[Row]:
    """Run the brokers in turns, then keep idle devices connected to ours."""
    devices = [f"tram-{n}" for n in range(PUBLISHERS)]
    with Platform() as platform:
        key = str(platform.call("prepare", SOURCE, *devices)["key"])
        yield from _publishing(platform, key)
        yield from _idle(platform, key)


def _publishing(platform: Platform, key: str) -> Iterator[Row]:
    rates: dict[str, list[float]] = {"ours": [], "amqtt": [], "mosquitto": []}
    costs: dict[str, list[float]] = {"ours": [], "amqtt": [], "mosquitto": []}
    with Amqtt() as amqtt, Mosquitto() as mosquitto:
        ports = {"ours": platform.mqtt_port, "amqtt": amqtt, "mosquitto": mosquitto}
        brokers = {name: listener(port) for name, port in ports.items() if port}
        for turn in range(REPEATS):
            work = [_windows(turn, place) for place in range(PUBLISHERS)]
            for name, pid in brokers.items():
                before = spent(pid)
                rates[name].append(_rate(ports[name], key, work))
                costs[name].append((spent(pid) - before) / MESSAGES * 1e6)
                if name == "ours":
                    platform.call("settle")
    for name in ("amqtt", "mosquitto"):
        yield _row(f"MQTT QoS 1 after a sync, {name} without", rates, name, "msg/s")
    for name in ("amqtt", "mosquitto"):
        yield _row(f"processor of the broker, {name}", costs, name, "µs/msg")


def _row(title: str, found: dict[str, list[float]], peer: str, unit: str) -> Row:
    mine = statistics.median(found["ours"])
    its = statistics.median(found[peer]) if found[peer] else None
    spread = f"(ours {min(found['ours']):,.0f} to {max(found['ours']):,.0f})"
    ratio = its and (mine / its if unit == "msg/s" else its / mine)
    return Row(title, mine, its, ratio, unit, spread)


def _windows(turn: int, place: int) -> list[bytes]:
    """Return windows of PUBLISH packets whose readings are none twice."""
    topic = f"haidang/v1/{SOURCE}/tram-{place}".encode()
    start = 1_700_000_000 + turn * WINDOW * WINDOWS
    found = []
    for window in range(WINDOWS):
        packets = []
        for number in range(WINDOW):
            moment = start + window * WINDOW + number
            body = b'[{"n":"pm25","v":12.5,"t":%d},{"n":"pm10","v":30.25,"t":%d}]' % (
                moment,
                moment,
            )
            id = 1 + number + window % 2 * WINDOW  # two windows are in flight
            head = len(topic).to_bytes(2, "big") + topic + id.to_bytes(2, "big")
            packets.append(b"\x32" + _length(len(head) + len(body)) + head + body)
        found.append(b"".join(packets))
    return found


def _length(size: int) -> bytes:
    found = b""
    while True:
        size, seven = divmod(size, 128)
        found += bytes((seven | (0x80 if size else 0),))
        if not size:
            return found


def _rate(port: int, key: str, work: list[list[bytes]]) -> float:
    """Return acknowledged messages per second of all publishers."""
    failures: list[Exception] = []

    def publish(place: int) -> None:
        try:
            wire = connected(port, f"gen-{place}", SOURCE, key)
            for before, window in enumerate(work[place]):
                wire.sendall(window)
                if before:
                    _read(wire, 4 * WINDOW)
            _read(wire, 4 * WINDOW)
            wire.close()
        except OSError as error:
            failures.append(error)

    threads = [threading.Thread(target=publish, args=(place,)) for place in range(PUBLISHERS)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(f"a broker closed the connection: {failures}")
    return MESSAGES / (time.monotonic() - began)


def connected(port: int, client: str, user: str, password: str) -> socket.socket:
    """Return a socket whose CONNECT was accepted."""
    wire = socket.create_connection(("127.0.0.1", port), timeout=60)
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    fields = b"".join(
        len(text).to_bytes(2, "big") + text
        for text in (one.encode() for one in (client, user, password))
    )
    body = b"\x00\x04MQTT\x04\xc2" + (600).to_bytes(2, "big") + fields
    wire.sendall(b"\x10" + _length(len(body)) + body)
    answer = _read(wire, 4)
    if answer[3]:
        raise ConnectionRefusedError(f"CONNACK {answer[3]}")
    return wire


def _read(wire: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        piece = wire.recv(size - len(found))
        if not piece:
            raise ConnectionResetError("closed by the broker")
        found += piece
    return found


def _idle(platform: Platform, key: str) -> Iterator[Row]:
    """Connect devices that say nothing; measure the process that holds them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, IDLE + 1000), hard), hard))
    pid = listener(platform.mqtt_port)
    before = pss(pid) / 1024
    wires = [connected(platform.mqtt_port, f"i{n}", SOURCE, key) for n in range(IDLE)]
    time.sleep(2.0)
    after = pss(pid) / 1024
    for wire in wires:
        wire.close()
    note = f"of the process that holds them; {before:.0f} MB before"
    yield Row(
        f"{IDLE:,} idle devices, goal 300 MB", after, _RSS_GOAL_MB, _RSS_GOAL_MB / after, "MB", note
    )
    each = (after - before) * 1024 / IDLE
    yield Row("one idle device", each, None, None, "KiB")


class _Broker:
    """A broker on a free port; port 0 where it is not installed."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="hdb"))
        self._process: subprocess.Popen[bytes] | None = None

    def _begin(self, port: int, words: list[str]) -> int:
        log = (self._folder / "log").open("wb")
        self._process = subprocess.Popen(words, stdout=log, stderr=log)
        until(lambda: _accepts(port))
        return port

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


class Amqtt(_Broker):
    """amqtt of PyPI, everybody allowed, nothing printed."""

    def __enter__(self) -> int:
        port = free_port()
        config = self._folder / "amqtt.yaml"
        config.write_text(
            f"listeners:\n  default:\n    type: tcp\n    bind: 127.0.0.1:{port}\n"
            "    max_connections: 100\n"
            "plugins:\n  amqtt.plugins.authentication.AnonymousAuthPlugin:\n"
            "    allow_anonymous: true\n"
        )
        program = Path(sys.executable).with_name("amqtt")
        return (
            self._begin(port, [sys.executable, str(program), "-c", str(config)])
            if program.exists()
            else 0
        )


class Mosquitto(_Broker):
    """Debian's Mosquitto, tuned as its manual says."""

    def __enter__(self) -> int:
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        port = free_port()
        config = self._folder / "mosquitto.conf"
        config.write_text(
            f"listener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n"
            "max_inflight_messages 0\nmax_queued_messages 0\n"
        )
        if not Path(program).exists():
            return 0
        self._folder.chmod(0o755)
        return self._begin(port, [program, "-c", str(config)])


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
