"""Kill -9 of the platform's processes under load: is every acknowledged reading there, once?

    python -m tests.verification.kill_intake --rounds 20

HTTP and MQTT clients send readings, and one sends files that a job loads; each notes what was
acknowledged and sends the rest again, as devices do. Meanwhile every process dies in its turn, at a
random moment. At the end the lake is compared with the notes.
"""

import argparse
import datetime
import http.client
import json
import os
import random
import signal
import socket
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.platform import Platform

SOURCE = "kill"
START = 1_700_000_000
HTTP_CLIENTS, MQTT_CLIENTS, WINDOW = 4, 4, 20
FILE_ROWS, FILE_PADDING = 2_000, 2_200  # larger than what web loads by itself
EACH = ("haidang intake", "haidang web", "haidang jobs li", "haidang jobs bu", "postgres",
        "supervisor")  # fmt: skip

Key = tuple[str, int]


@dataclass
class Client:
    """Sends readings of one device, one second apart, until told to stop."""

    device: str
    send: Callable[["Client", list[int]], list[int]]
    stop: threading.Event
    window: int = WINDOW
    close: Callable[[], None] = lambda: None
    acknowledged: set[int] = field(default_factory=set)
    sent: int = 0
    failures: int = 0

    def run(self) -> None:
        moment = START
        pending: list[int] = []
        while not self.stop.is_set():
            if not pending:
                pending = list(range(moment, moment + self.window))
                moment += self.window
            self.sent += len(pending)
            try:
                done = self.send(self, pending)
            except (OSError, http.client.HTTPException, EOFError):
                self.failures += 1
                self.stop.wait(0.05)
                continue
            self.acknowledged |= set(done)
            pending = [moment for moment in pending if moment not in self.acknowledged]


def by_http(url: str, key: str, source: str = SOURCE) -> Callable[[Client, list[int]], list[int]]:
    """Return a sender of one pack or one block of lines per window, in turn."""

    def send(client: Client, moments: list[int]) -> list[int]:
        if moments[0] // WINDOW % 2:
            path = f"/api/v2/write?bucket={source}&precision=s"
            body = "\n".join(f"m,device={client.device} pm25={m % 1000} {m}" for m in moments)
        else:
            path = f"/api/v1/readings?source={source}"
            body = json.dumps(
                [{"n": f"{client.device}/pm25", "t": m, "v": m % 1000} for m in moments]
            )
        request = urllib.request.Request(
            url + path, body.encode(), {"Authorization": f"Bearer {key}"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return moments if answer.status in (202, 204) else []

    return send


def wide_file(client: Client, moments: list[int]) -> str:
    """Return readings as a CSV file so wide that a job loads it."""
    rows = (
        f"{client.device};pm25;{datetime.datetime.fromtimestamp(m, datetime.UTC).isoformat()}"
        f";{m % 1000:<{FILE_PADDING}}"
        for m in moments
    )
    return "device;metric;time;value\n" + "\n".join(rows)


def by_file(
    url: str,
    key: str,
    source: str = SOURCE,
    write: Callable[[Client, list[int]], str] = wide_file,
) -> Callable[[Client, list[int]], list[int]]:
    """Return a sender of files; a repeat keeps its key."""

    def send(client: Client, moments: list[int]) -> list[int]:
        body = write(client, moments)
        request = urllib.request.Request(
            f"{url}/api/v1/sources/{source}/batches", body.encode(),
            {"Authorization": f"Bearer {key}", "Content-Type": "text/csv",
             "Idempotency-Key": f"{client.device}-{moments[0]}"},
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=60) as answer:
            done = moments if answer.status in (201, 202) else []
        client.stop.wait(0.5)
        return done

    return send


class Mqtt:
    """A device's connection; opened again after every failure."""

    def __init__(self, port: int, key: str, source: str = SOURCE) -> None:
        self._port, self._key, self._source = port, key, source
        self._socket: socket.socket | None = None

    def send(self, client: Client, moments: list[int]) -> list[int]:
        """Publish a window with QoS 1 and wait for its PUBACKs; what came before a cut counts."""
        done: list[int] = []
        try:
            wire = self._socket or self._open(client.device)
            topic = f"haidang/v1/{self._source}/{client.device}".encode()
            packets = b""
            for number, moment in enumerate(moments, 1):
                payload = json.dumps([{"n": "pm25", "t": moment, "v": moment % 1000}]).encode()
                body = _text(topic) + number.to_bytes(2, "big") + payload
                packets += b"\x32" + bytes([len(body) & 0x7F | 0x80, len(body) >> 7]) + body
            wire.sendall(packets)
            for _ in moments:
                answer = _exactly(wire, 4)
                assert answer[:2] == b"\x40\x02"
                done.append(moments[int.from_bytes(answer[2:], "big") - 1])
        except (OSError, EOFError):
            self.close()
            client.failures += 1
            time.sleep(0.05)
        return done

    def _open(self, name: str) -> socket.socket:
        wire = socket.create_connection(("127.0.0.1", self._port), timeout=20)
        self._socket = wire
        body = _text(b"MQTT") + b"\x04\xc2\x00\x3c" + _text(name.encode())
        body += _text(self._source.encode()) + _text(self._key.encode())
        wire.sendall(b"\x10" + bytes([len(body)]) + body)
        if _exactly(wire, 4) != b"\x20\x02\x00\x00":
            raise OSError("not signed in")
        return wire

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _text(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data


def _exactly(wire: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        more = wire.recv(size - len(found))
        if not more:
            raise EOFError
        found += more
    return found


def kill(platform: Platform, name: str) -> None:
    """Kill one process; a killed supervisor is started again, as an init system would."""
    assert platform.process is not None
    if name == "supervisor":
        platform.process.kill()
        platform.process.wait()
        platform.start()
        return
    os.kill(_found(platform, name), signal.SIGKILL)


def _found(platform: Platform, name: str, patience: float = 30.0) -> int:
    """Return the process id, after the last kill's victim has come back."""
    deadline = time.monotonic() + patience
    while name not in platform.children():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{name} does not come back\n{platform.log()}")
        time.sleep(0.05)
    return platform.children()[name]


@dataclass(frozen=True)
class Outcome:
    """What the notes say, and what the lake says."""

    kills: Counter[str]
    sent: int
    failures: int
    acknowledged: int
    in_lake: int
    missing: int
    doubled: int
    wrong: int

    @property
    def is_right(self) -> bool:
        return not (self.missing or self.doubled or self.wrong) and self.acknowledged > 0

    def __str__(self) -> str:
        kills = ", ".join(f"{name} {count}" for name, count in sorted(self.kills.items()))
        return (
            f"killed: {kills}\nsent {self.sent}, failed sends {self.failures}, acknowledged "
            f"{self.acknowledged}, in the lake {self.in_lake}\n"
            f"missing {self.missing}, doubled {self.doubled}, wrong value {self.wrong}"
        )


def victims(rounds: int, chance: random.Random) -> list[str]:
    """Return who dies in which round: each in turn, in random order, intake first and oftener."""
    found = ["haidang intake"]
    while len(found) < rounds:
        found += chance.sample((*EACH, "haidang intake"), len(EACH) + 1)
    return found[:rounds]


def make_clients(platform: Platform, stop: threading.Event) -> list[Client]:
    """Prepare the platform for the clients and return them."""
    names = [
        *(f"H{n}" for n in range(HTTP_CLIENTS)), *(f"M{n}" for n in range(MQTT_CLIENTS)), "F0",
    ]  # fmt: skip
    key = str(platform.call("prepare", SOURCE, *names)["key"])
    found = []
    for name in names:
        if name[0] == "H":
            found.append(Client(name, by_http(platform.url, key), stop))
        elif name[0] == "M":
            device = Mqtt(platform.mqtt_port, key)
            found.append(Client(name, device.send, stop, close=device.close))
        else:
            found.append(Client(name, by_file(platform.url, key), stop, window=FILE_ROWS))
    return found


def verify(rounds: int, seed: int, say: Callable[[str], None], pause: float = 2.0) -> Outcome:
    """Run the platform under load, kill `rounds` times, and compare notes and lake."""
    chance = random.Random(seed)
    kills: Counter[str] = Counter()
    with Platform() as platform:
        stop = threading.Event()
        clients = make_clients(platform, stop)
        threads = [threading.Thread(target=client.run, daemon=True) for client in clients]
        for thread in threads:
            thread.start()
        for number, name in enumerate(victims(rounds, chance), 1):
            time.sleep(chance.uniform(0.2, pause))
            kill(platform, name)
            kills[name] += 1
            done = sum(len(client.acknowledged) for client in clients)
            say(f"round {number}: {name} killed; {done} readings acknowledged so far")
            _await_progress(clients, platform)
        stop.set()
        for thread in threads:
            thread.join(90)
        for client in clients:
            client.close()
        return _compare(platform, clients, kills)


def _await_progress(clients: list[Client], platform: Platform, patience: float = 120.0) -> None:
    """Wait until every client has been answered again."""
    before = [len(client.acknowledged) for client in clients]
    deadline = time.monotonic() + patience
    while any(len(c.acknowledged) <= b for c, b in zip(clients, before, strict=True)):
        if time.monotonic() > deadline:
            pairs = zip(clients, before, strict=True)
            silent = [c.device for c, b in pairs if len(c.acknowledged) <= b]
            raise TimeoutError(f"{silent} were not answered again\n{platform.log()}")
        time.sleep(0.05)


def _compare(platform: Platform, clients: list[Client], kills: Counter[str]) -> Outcome:
    file = platform.folder / "readings.json"
    platform.call("dump", str(file))
    rows: Counter[Key] = Counter()
    wrong = 0
    for device, moment, value in json.loads(file.read_text()):
        rows[device, moment] += 1
        wrong += value != moment % 1000
    noted = {(client.device, moment) for client in clients for moment in client.acknowledged}
    return Outcome(
        kills=kills,
        sent=sum(client.sent for client in clients),
        failures=sum(client.failures for client in clients),
        acknowledged=len(noted),
        in_lake=len(rows),
        missing=len(noted - set(rows)),
        doubled=sum(count - 1 for count in rows.values()),
        wrong=wrong,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    asked = parser.parse_args()
    print(f"seed {asked.seed}", flush=True)
    outcome = verify(asked.rounds, asked.seed, lambda line: print(line, flush=True))
    print(outcome)
    return 0 if outcome.is_right else 1


if __name__ == "__main__":
    sys.exit(main())
