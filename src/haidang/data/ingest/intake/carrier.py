"""The process behind the doors: judges what is durable and carries it to the lake.

Intake forks it before it listens, so that neither parsing nor landing holds up an answer. Over a
pair of sockets intake says how far the journal reaches, and the carrier how far the lake has come.
When intake ends its side the carrier finishes; when intake is killed, the kernel kills it too.
"""

import asyncio
import json
import logging
import os
import signal
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from haidang.data.ingest.intake import frames
from haidang.data.ingest.intake.adoption import Adoption
from haidang.data.ingest.intake.fast import Fast
from haidang.data.ingest.intake.lake import Lake
from haidang.data.ingest.intake.limits import limits_of
from haidang.data.ingest.intake.refine import Refiner
from haidang.data.ingest.intake.registry import Registry
from haidang.data.ingest.journal import Checkpoint, Journal, Reader
from haidang.foundation.core import kernel

log = logging.getLogger(__name__)

_TOLD = struct.Struct("<QQ")  # what is durable, where the newest segment begins
_TELL_EVERY = 0.005  # seconds, at most that often
_STOP_PATIENCE = 15.0


class Carrier(asyncio.Protocol):
    """Intake's side: tells the process behind it what is durable, hears how far the lake is."""

    def __init__(self, journal: Journal) -> None:
        """Fork; no thread may run yet."""
        flushed = Checkpoint.read(journal.folder).flushed
        self.said: dict[str, Any] = {"judged": flushed, "flushed": flushed, "rows": 0}
        self.said["failure"] = ""
        self._journal = journal
        self._pid, self._wire = _fork(journal)
        self._rest = b""
        self._waits = False

    async def open(self, lost: Callable[[], None]) -> None:
        """Listen to it; `lost` is called when it ends."""
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._transport, _ = await self._loop.create_unix_connection(lambda: self, sock=self._wire)

    @property
    def flushed(self) -> int:
        """Everything before this position is in the lake."""
        return int(self.said["flushed"])

    def tell(self) -> None:
        """Say soon what is durable now."""
        if not self._waits:
            self._waits = True
            self._loop.call_later(_TELL_EVERY, self._tell)

    def _tell(self) -> None:
        self._waits = False
        if not self._transport.is_closing():
            self._transport.write(_TOLD.pack(self._journal.durable, self._journal.last))

    def data_received(self, data: bytes) -> None:
        *whole, self._rest = (self._rest + data).split(b"\n")
        if whole:
            self.said = json.loads(whole[-1])
            self._journal.release(self.flushed)

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost()

    def end(self) -> None:
        """Say the last word."""
        self._tell()
        if not self._transport.is_closing():
            self._transport.write_eof()

    def wait(self) -> None:
        """Wait until it has carried everything and is gone; not for ever."""
        deadline = time.monotonic() + _STOP_PATIENCE
        while os.waitpid(self._pid, os.WNOHANG) == (0, 0):
            if time.monotonic() > deadline:
                os.kill(self._pid, signal.SIGKILL)
            time.sleep(0.01)


def _fork(journal: Journal) -> tuple[int, socket.socket]:
    ours, its = socket.socketpair()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        ours.close()
        os._exit(_live(journal.reader(), its, parent))
    its.close()
    return pid, ours


def _live(journal: Reader, wire: socket.socket, parent: int) -> int:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # intake says when to end
    os.setsid()  # a session of its own: Linux shares the processor out by sessions
    kernel.die_with_parent(signal.SIGKILL)
    if os.getppid() != parent:
        return 1
    try:
        _carry(journal, wire)
    except BaseException:
        log.exception("the carrier falls")
        return 1
    return 0


def _carry(journal: Reader, wire: socket.socket) -> None:
    """Run the threads until intake has said its last word, then carry the rest."""
    refiner = Refiner(Registry(), limits_of())
    lake = Lake(journal, refiner.registry, lambda: _report(wire, lake, fast))
    fast = Fast(journal, refiner, lake)
    adoption = Adoption(frames.journal_root())
    for thread in (lake, fast, adoption):
        thread.start()
    for durable, last in _heard(wire):
        journal.extend(durable, last)
        fast.wake()
    deadline = time.monotonic() + _STOP_PATIENCE
    for thread in (adoption, fast, lake):
        thread.stop()
        thread.join(max(0.1, deadline - time.monotonic()))


def _heard(wire: socket.socket) -> Iterator[tuple[int, int]]:
    while len(data := wire.recv(_TOLD.size, socket.MSG_WAITALL)) == _TOLD.size:
        yield _TOLD.unpack(data)


def _report(wire: socket.socket, lake: Lake, fast: Fast) -> None:
    told = {
        "judged": fast.parsed, "flushed": lake.flushed, "rows": lake.rows, "failure": lake.failure,
    }  # fmt: skip
    with suppress(OSError):
        wire.sendall(json.dumps(told).encode() + b"\n")
