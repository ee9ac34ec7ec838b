"""The process: opens the journal, listens, and stops cleanly."""

import asyncio
import logging
import signal
import sys
import threading
import time
from typing import Any

import uvloop
from django.conf import settings
from django.db import close_old_connections

from haidang.data.ingest.intake import adoption, frames, parking
from haidang.data.ingest.intake.door import DoorProtocol
from haidang.data.ingest.intake.fast import Fast
from haidang.data.ingest.intake.gate import Gate
from haidang.data.ingest.intake.lake import Lake
from haidang.data.ingest.intake.limits import limits_of
from haidang.data.ingest.intake.mqtt import MqttServer
from haidang.data.ingest.intake.refine import Refiner
from haidang.data.ingest.intake.refusals import Refusals
from haidang.data.ingest.intake.registry import Registry
from haidang.data.ingest.intake.writers import CAPABILITY, Sources, Writer
from haidang.data.ingest.journal import Journal, JournalBusyError
from haidang.foundation.access import api as access

log = logging.getLogger(__name__)

NAME = "main"
_SWITCH = 0.0005  # seconds: the loop that answers must not wait long for a thread that parses
_STOP_PATIENCE = 15.0


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        run(threading.Event(), signals=True)
    except JournalBusyError as error:
        raise SystemExit(f"Một tiến trình thu nhận khác đang giữ nhật ký {error}.") from error
    except OSError as error:
        raise SystemExit(f"Tiến trình thu nhận không khởi động được: {error}.") from error


def run(stop: threading.Event, *, signals: bool = False) -> None:
    """Run until `stop` is set; everything acknowledged is in the lake or in the journal then."""
    sys.setswitchinterval(_SWITCH)
    for folder in (frames.spool_folder(), frames.socket_path().parent):
        folder.mkdir(parents=True, exist_ok=True)
    intake = Intake(Journal(frames.journal_root() / NAME))
    uvloop.run(intake.serve(stop, signals=signals))


class Intake:
    """The journal, the threads behind it and the doors before it."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.sources = Sources()
        self.refusals = Refusals(self.sources)
        refiner = Refiner(Registry(), limits_of())
        self.lake = Lake(journal, refiner.registry)
        self.fast = Fast(journal, refiner, self.lake)
        self.adoption = adoption.Adoption(frames.journal_root())
        self._mqtt: MqttServer | None = None

    async def serve(self, stop: threading.Event, *, signals: bool) -> None:
        """Listen until asked to stop, then close the doors and carry the rest to the lake."""
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        if signals:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, ended.set)
        gate = Gate(self.journal, loop, self.fast.wake)
        self._mqtt = MqttServer(gate, self._sign_in, refused=self.refusals.add)
        servers = await self._listen(loop, gate, self._mqtt)
        watching = [
            asyncio.ensure_future(one) for one in (self._mqtt.sweep(), self.refusals.keep())
        ]
        for thread in (self.lake, self.fast, self.adoption):
            thread.start()
        await _either(ended, stop)
        for task in watching:
            task.cancel()
        for server in servers:
            server.close()
        gate.close()
        self._mqtt.close("intake stops")
        frames.socket_path().unlink(missing_ok=True)
        await self.refusals.flush()
        await loop.run_in_executor(None, self._finish)

    async def _listen(
        self, loop: asyncio.AbstractEventLoop, gate: Gate, mqtt: MqttServer
    ) -> list[asyncio.AbstractServer]:
        path = frames.socket_path()
        path.unlink(missing_ok=True)
        door = await loop.create_unix_server(
            lambda: DoorProtocol(gate, self.health, self.turn), str(path)
        )
        path.chmod(0o600)
        if not settings.MQTT_PORT:
            return [door]
        devices = await loop.create_server(
            mqtt.protocol, settings.MQTT_HOST, settings.MQTT_PORT, backlog=1024
        )
        return [door, devices]

    async def _sign_in(self, token: str) -> Writer | None:
        """Return the writer that an API key makes, with the sources as they are now."""
        await self.sources.refresh()
        scope = await asyncio.get_running_loop().run_in_executor(None, _check_key, token)
        if scope is None or not scope.allows(CAPABILITY):
            return None
        return Writer(scope, self.sources)

    def turn(self) -> dict[str, Any]:
        """Begin a new segment of the journal and drop those that the lake holds."""
        self.journal.turn()
        self.journal.release(self.lake.flushed)
        return {"kept": self.journal.kept}

    def health(self) -> dict[str, Any]:
        """Say how intake is: positions, what waits, the last failure of the lake."""
        return {
            "durable": self.journal.durable,
            "judged": self.fast.parsed,
            "flushed": self.lake.flushed,
            "rows": self.lake.rows,
            "failure": self.lake.failure,
            "connections": len(self._mqtt.connections) if self._mqtt else 0,
            "parked": parking.parked(self.journal),
        }

    def _finish(self) -> None:
        deadline = time.monotonic() + _STOP_PATIENCE
        for thread in (self.adoption, self.fast, self.lake):
            if thread.is_alive():
                thread.stop()
                thread.join(max(0.1, deadline - time.monotonic()))
        if not self.lake.is_alive() and not self.fast.is_alive():
            self.journal.close()


def _check_key(token: str) -> access.Scope | None:
    close_old_connections()
    try:
        return access.check_key(token)
    finally:
        close_old_connections()


async def _either(ended: asyncio.Event, stop: threading.Event) -> None:
    while not ended.is_set() and not stop.is_set():
        try:
            await asyncio.wait_for(ended.wait(), 0.2)
        except TimeoutError:
            continue
