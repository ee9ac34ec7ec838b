"""A platform with an outside database server behind a wire that can be cut, and so its devices."""

import contextlib
import socket
import subprocess
import threading
import time
from types import TracebackType
from typing import Literal, Self

from haidang.project.processes.database import EmbeddedServer
from tests.platform import Platform, free_port
from tests.verification.crash.rig import Rig

Way = Literal["to", "from"]
_OUTAGE, _CLOSED = 2.0, 1.0  # seconds without traffic, then without a connection


class Wire:
    """Forwards TCP connections to a port of this machine until it is told not to."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._blocked: frozenset[Way] = frozenset()
        self._refuses = False
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def block(self, *ways: Way) -> None:
        """Let nothing pass on these ways; what is sent is held back, then lost."""
        self._blocked = frozenset(ways)

    def refuse(self) -> None:
        """Break every connection and take no new one."""
        self._refuses = True
        with self._guard:
            broken, self._open = self._open, set()
        for one in broken:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self._blocked, self._refuses = frozenset(), False

    def close(self) -> None:
        self.refuse()
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            try:
                if self._refuses:
                    raise ConnectionRefusedError
                far = socket.create_connection(("127.0.0.1", self._target), timeout=5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            with self._guard:
                self._open |= {near, far}
            for source, target, way in ((near, far, "to"), (far, near, "from")):
                threading.Thread(
                    target=self._carry, args=(source, target, way), daemon=True
                ).start()

    def _carry(self, source: socket.socket, target: socket.socket, way: Way) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                while way in self._blocked:
                    time.sleep(0.005)
                    if source not in self._open:
                        return
                if source not in self._open:
                    return
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)
        with self._guard:
            self._open -= {source, target}


class NetworkRig(Rig):
    """Wires between the platform and its database, and between devices and the platform."""

    def __init__(self, platform: Platform) -> None:
        super().__init__(platform)
        self._server = EmbeddedServer(platform.folder / "o", port=free_port())
        self._running: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._server.create()
        self._running = self._server.start(listen_addresses="127.0.0.1")
        self._server.ensure_database()
        self.database = Wire(self._server.port)
        self.devices = Wire(self.platform.mqtt_port)
        self.mqtt_port = self.devices.port
        password = (self._server.folder / "password").read_text().strip()
        self.platform.environment["HAIDANG_DATABASE_URL"] = (
            f"postgresql://haidang:{password}@127.0.0.1:{self.database.port}/haidang"
        )
        return super().__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.database.mend()
        super().__exit__(kind, error, trace)
        for wire in (self.database, self.devices):
            wire.close()
        if self._running is not None:
            self._running.kill()
            self._running.wait()


class Cut:
    """Nothing passes for a while, then every connection breaks, then the wire is mended."""

    def __init__(self, wire: Literal["database", "devices"], *ways: Way) -> None:
        what = "traffic" if len(ways) == 2 else "answers"
        place = "the database" if wire == "database" else "MQTT devices"
        self.code = f"{wire}-{what}"
        self.name = f"network to {place} cut: {what} lost, then connections broken"
        self._wire, self._ways = wire, ways

    def strike(self, rig: Rig, waiting: int) -> None:
        assert isinstance(rig, NetworkRig)
        wire: Wire = getattr(rig, self._wire)
        wire.block(*self._ways)
        rig.let_go()
        time.sleep(_OUTAGE)
        wire.refuse()
        time.sleep(_CLOSED)
        wire.mend()
