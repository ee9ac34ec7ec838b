"""The unix socket at which web processes hand requests in."""

import asyncio
import json
from collections.abc import Callable
from functools import partial
from typing import Any

from haidang.data.ingest.intake import frames
from haidang.data.ingest.intake.gate import Gate
from haidang.data.ingest.journal import LargeFile


class DoorProtocol(asyncio.Protocol):
    """One web process: many requests in flight, each answered when durable."""

    def __init__(
        self,
        gate: Gate,
        health: Callable[[], dict[str, Any]],
        turn: Callable[[], dict[str, Any]] | None = None,
    ) -> None:
        self._gate = gate
        self._health = health
        self._turn = turn or health
        self._reader = frames.Reader()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # of TCP: it writes

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        items: list[tuple[bytes, bytes]] = []
        ids: list[int] = []
        for request in self._reader.feed(data):
            if request.kind == frames.INLINE:
                items.append((request.note, request.body))
                ids.append(request.id)
            elif request.kind == frames.FILE:
                self._take_file(request)
            else:
                told = self._turn if request.kind == frames.TURN else self._health
                body = json.dumps(told()).encode()
                self._send(frames.answer(request.id, frames.DURABLE, 0, body))
        if ids:
            self._gate.put(items, partial(self._answer, ids))

    def _take_file(self, request: frames.Request) -> None:
        file = LargeFile.decode(request.body)
        path = frames.spool_folder() / file.name
        try:
            self._gate.put_file(request.note, path, file, partial(self._answer, [request.id]))
        except OSError as error:
            self._answer([request.id], error, 0)

    def _answer(self, ids: list[int], failure: OSError | None, position: int) -> None:
        status = frames.DISK_FULL if failure else frames.DURABLE
        self._send(b"".join([frames.answer(id, status, position) for id in ids]))

    def _send(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)
