"""The load of one case, and the notes of what was acknowledged."""

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.verification import kill_intake
from tests.verification.crash.rig import PATIENCE, Rig
from tests.verification.kill_intake import Client

Send = Callable[[Client, list[int]], list[int]]
FILE_ROWS, FILE_PADDING = 1_000, 4_400  # larger than what web loads by itself
PULL_ROWS = 400
PAUSES = {"H": 0.1, "M": 0.1, "F": 1.0}  # seconds: the matrix asks when, not how much
BAD_EVERY = 50  # every such row of a file waits in the quarantine


def is_bad(moment: int) -> bool:
    return moment % BAD_EVERY == 0


def as_file(device: str, moments: Iterable[int], padding: int = 0) -> str:
    """Return readings as CSV; a bad one has no number."""
    rows = (
        f"{device};pm25;{dt.datetime.fromtimestamp(m, dt.UTC).isoformat()}"
        f";{'hỏng' if is_bad(m) else m % 1000:<{padding}}"
        for m in moments
    )
    return "device;metric;time;value\n" + "\n".join(rows)


def _paced(kind: str, send: Send) -> Send:
    def wait_and_send(client: Client, moments: list[int]) -> list[int]:
        client.stop.wait(PAUSES[kind])
        return send(client, moments)

    return wait_and_send


@dataclass
class Load:
    """Devices of one source: over HTTP, over MQTT, by files, and in a watched folder."""

    source: str
    kinds: str  # H, M, F and P
    clients: list[Client] = field(default_factory=list)
    dropped: set[int] = field(default_factory=set)
    _threads: list[threading.Thread] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def devices(self) -> list[str]:
        return [f"{self.source}-{kind}" for kind in self.kinds]

    def begin(self, rig: Rig, key: str) -> None:
        """Start every client and wait until each was answered once."""
        for kind, device in zip(self.kinds, self.devices, strict=True):
            if kind != "P":
                self.clients.append(self._client(rig, key, kind, device))
        self._threads = [threading.Thread(target=one.run, daemon=True) for one in self.clients]
        for thread in self._threads:
            thread.start()
        self.await_progress(rig)

    def _client(self, rig: Rig, key: str, kind: str, device: str) -> Client:
        url = rig.platform.url
        if kind == "H":
            return Client(
                device, _paced(kind, kill_intake.by_http(url, key, self.source)), self._stop
            )
        if kind == "M":
            wire = kill_intake.Mqtt(rig.mqtt_port, key, self.source)
            return Client(device, _paced(kind, wire.send), self._stop, close=wire.close)
        send = kill_intake.by_file(
            url, key, self.source, lambda client, m: as_file(client.device, m, FILE_PADDING)
        )
        return Client(device, _paced(kind, send), self._stop, window=FILE_ROWS)

    def await_progress(self, rig: Rig, patience: float = PATIENCE) -> None:
        """Wait until every client has been answered anew."""
        before = [len(client.acknowledged) for client in self.clients]
        deadline = time.monotonic() + patience
        while silent := [
            client.device
            for client, count in zip(self.clients, before, strict=True)
            if len(client.acknowledged) <= count
        ]:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{silent} were not answered again\n{rig.platform.log()}")
            rig.keep_up()
            time.sleep(0.05)

    def drop(self, folder: Path, files: int = 2) -> None:
        """Put files into the watched folder, whole at once, as a careful sender does."""
        folder.mkdir(exist_ok=True)
        for _ in range(files):
            start = kill_intake.START + len(self.dropped)
            moments = range(start, start + PULL_ROWS)
            draft = folder / f".{start}.csv"
            draft.write_text(as_file(f"{self.source}-P", moments))
            draft.rename(folder / f"{start}.csv")
            self.dropped |= set(moments)
            time.sleep(0.01)

    def end(self) -> None:
        """Stop the clients; each ends what it is waiting for."""
        self._stop.set()
        for thread in self._threads:
            thread.join(90)
        for client in self.clients:
            client.close()

    def noted(self) -> dict[str, set[int]]:
        """Return what was acknowledged, or put into the folder, by device."""
        found = {client.device: client.acknowledged for client in self.clients}
        return found | ({f"{self.source}-P": self.dropped} if self.dropped else {})
