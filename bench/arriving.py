"""New points that keep arriving on every side while queries are measured."""

import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection
from types import TracebackType
from typing import Any, Self

DEVICES = tuple(f"live_{n:02d}" for n in range(20))
METRICS = tuple(f"m{n}" for n in range(10))
EVERY_SECONDS = 0.25
Point = tuple[str, str, float, float]  # device, metric, seconds since 1970, value


class Arriving:
    """Sends the same points to our line protocol and to each peer until it is left.

    Leaving raises RuntimeError when a side refused a point.
    """

    def __init__(
        self, port: int, source: str, token: str, peers: list[Callable[[list[Point]], Any]]
    ) -> None:
        self._peers, self._port = peers, port
        self._path = f"/api/v2/write?bucket={source}&precision=ms"
        self._headers = {"Authorization": f"Token {token}"}
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._failure: Exception | None = None
        self.sent = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ends.set()
        self._thread.join()
        if self._failure is not None and error is None:
            raise RuntimeError("points were refused while queries ran") from self._failure

    def _run(self) -> None:
        try:
            wire = HTTPConnection("127.0.0.1", self._port, timeout=60)
            while not self._ends.wait(EVERY_SECONDS):
                points = _points(time.time(), self.sent)
                self._post(wire, points)
                for write in self._peers:
                    write(points)
                self.sent += len(points)
        except Exception as error:  # noqa: BLE001 - told by the thread that waits
            self._failure = error

    def _post(self, wire: HTTPConnection, points: list[Point]) -> None:
        lines = "\n".join(
            f"cpu,device={device} {metric}={value} {int(moment * 1000)}"
            for device, metric, moment, value in points
        )
        wire.request("POST", self._path, lines.encode(), self._headers)
        answer = wire.getresponse()
        said = answer.read()
        if answer.status != 204:
            raise RuntimeError(f"{answer.status}: {said[:300]!r}")


def _points(now: float, turn: int) -> list[Point]:
    moment = round(now, 3)
    return [
        (device, metric, moment, (turn + place) % 100 / 2)
        for place, (device, metric) in enumerate((d, m) for d in DEVICES for m in METRICS)
    ]
