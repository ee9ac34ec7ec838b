"""The process: opens the journal, listens, and stops cleanly."""

import asyncio
import logging
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvloop
from django.conf import settings
from django.db import close_old_connections

from haidang.data.ingest.intake import frames, parking
from haidang.data.ingest.intake.carrier import Carrier
from haidang.data.ingest.intake.door import DoorProtocol
from haidang.data.ingest.intake.gate import Gate
from haidang.data.ingest.intake.mqtt import MqttServer
from haidang.data.ingest.intake.refusals import Refusals
from haidang.data.ingest.intake.writers import CAPABILITY, LOADING, Sources, Writer
from haidang.data.ingest.journal import Journal, JournalBusyError
from haidang.foundation.access import api as access

if TYPE_CHECKING:
    from haidang.data.ingest.intake.http import HttpDoor

log = logging.getLogger(__name__)

NAME = "main"
_SWITCH = 0.0005  # seconds: the loop that answers must not wait long for a thread that parses
_BUSY_PATIENCE = 5.0  # seconds in which the carrier of a killed intake goes too


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        is_whole = run()
    except JournalBusyError as error:
        raise SystemExit(f"Một tiến trình thu nhận khác đang giữ nhật ký {error}.") from error
    except OSError as error:
        raise SystemExit(f"Tiến trình thu nhận không khởi động được: {error}.") from error
    if not is_whole:
        raise SystemExit("Tiến trình đưa số đo vào kho đã dừng; bộ phận thu nhận khởi động lại.")


def run() -> bool:
    """Run until a signal, or until the carrier falls: then False.

    Everything acknowledged is in the lake or in the journal then.
    """
    sys.setswitchinterval(_SWITCH)
    for folder in (frames.spool_folder(), frames.socket_path().parent):
        folder.mkdir(parents=True, exist_ok=True)
    intake = Intake(_own(frames.journal_root() / NAME))
    return uvloop.run(intake.serve())


def _own(folder: Path) -> Journal:
    deadline = time.monotonic() + _BUSY_PATIENCE
    while True:
        try:
            return Journal(folder)
        except JournalBusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


class Intake:
    """The journal, the doors before it and the carrier behind it."""

    def __init__(self, journal: Journal) -> None:
        """Fork the carrier; no thread may run yet."""
        self.journal = journal
        self.carrier = Carrier(journal)
        self.sources = Sources()
        self.refusals = Refusals(self.sources)
        self._mqtt: MqttServer | None = None
        self._is_asked_to_stop = False

    async def serve(self) -> bool:
        """Listen until asked to stop, then close the doors and have the rest carried to the lake.

        Return False when it stops because the carrier fell.
        """
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop, ended)
        await self.carrier.open(ended.set)
        gate = Gate(self.journal, loop, self.carrier.tell)
        self._mqtt = MqttServer(gate, self._sign_in, refused=self.refusals.add)
        servers = await self._listen(loop, gate, self._mqtt)
        http = await _http(gate)
        watching = [
            asyncio.ensure_future(one) for one in (self._mqtt.sweep(), self.refusals.keep())
        ]
        await ended.wait()
        for task in watching:
            task.cancel()
        for server in servers:
            server.close()
        if http is not None:
            await http.close()
        gate.close()
        self._mqtt.close("intake stops")
        frames.socket_path().unlink(missing_ok=True)
        await self.refusals.flush()
        self.carrier.end()
        await loop.run_in_executor(None, self.carrier.wait)
        self.journal.close()
        return self._is_asked_to_stop

    def _stop(self, ended: asyncio.Event) -> None:
        self._is_asked_to_stop = True
        ended.set()

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
        if scope is None or not (scope.allows(CAPABILITY) or scope.allows(LOADING)):
            return None
        return Writer(scope, self.sources)

    def turn(self) -> dict[str, Any]:
        """Begin a new segment of the journal and drop those that the lake holds."""
        self.journal.turn()
        self.journal.release(self.carrier.flushed)
        return {"kept": self.journal.kept}

    def health(self) -> dict[str, Any]:
        """Say how intake is: positions, what waits, the last failure of the lake."""
        return self.carrier.said | {
            "durable": self.journal.durable,
            "connections": len(self._mqtt.connections) if self._mqtt else 0,
            "parked": parking.parked(self.journal),
        }


async def _http(gate: Gate) -> "HttpDoor | None":
    """Open the HTTP port where one is wanted; only then its libraries are loaded."""
    if not settings.READINGS_PORT:
        return None
    from haidang.data.ingest.intake.http import HttpDoor

    return await HttpDoor.open(gate, settings.READINGS_HOST, settings.READINGS_PORT)


def _check_key(token: str) -> access.Scope | None:
    close_old_connections()
    try:
        return access.check_key(token)
    finally:
        close_old_connections()
