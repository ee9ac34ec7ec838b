"""`haidang up`: start every process, watch them, start again what falls, stop in order.

The supervisor imports the platform once and forks its children, which shares the code's memory and
makes a restart quick. It opens no database connection and starts no thread itself. If it is
killed, the kernel stops its children, and the next start recovers.
"""

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from haidang.foundation.core import kernel
from haidang.project.processes import checks, lock
from haidang.project.processes.child import Child
from haidang.project.processes.database import EmbeddedServer

_TICK = 0.1
_PATIENCE = 8.0  # seconds that a process has to stop cleanly
# Libraries that start threads when imported would make fork unsafe.
_QUIET = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}


@dataclass
class Plan:
    """What to run and where."""

    folder: Path
    host: str
    port: int
    mqtt_host: str
    mqtt_port: int
    readings_host: str = "127.0.0.1"
    readings_port: int = 0
    database_url: str = ""  # outside server; empty: the embedded one
    demo: bool = False


@dataclass
class Supervisor:
    """Starts, watches and stops the processes of one data folder."""

    plan: Plan
    say: Callable[[str], None] = print
    children: list[Child] = field(default_factory=list)
    _database: "subprocess.Popen[bytes] | None" = None
    _lock: int = -1
    _stopping: bool = False

    def run(self) -> int:
        """Run until a signal; return the exit code."""
        os.environ.update({name: os.environ.get(name, value) for name, value in _QUIET.items()})
        kernel.share_arenas()
        self._begin()
        try:
            self._start_database()
            self._prepare()
            self._start_children()
            self.say(f"Hải Đăng chạy tại http://{self.plan.host}:{self.plan.port} (Ctrl-C để dừng)")
            self._watch()
        finally:
            self._stop()
        return 0

    def _begin(self) -> None:
        plan = self.plan
        checks.folder_is_usable(plan.folder)
        self._lock = lock.hold(plan.folder)
        # A supervisor that was killed leaves children that need a moment to go.
        crashed = (plan.folder / "run" / "running").exists()
        patience = 10.0 if crashed else 0.0
        checks.port_is_free(plan.host, plan.port, "--port", patience)
        if plan.mqtt_port:
            checks.port_is_free(plan.mqtt_host, plan.mqtt_port, "--mqtt-port", patience)
        if plan.readings_port:
            option = "HAIDANG_READINGS_PORT"
            checks.port_is_free(plan.readings_host, plan.readings_port, option, patience)
        (plan.folder / "run" / "running").write_text(str(os.getpid()), encoding="ascii")
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._asked_to_stop)

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _start_database(self) -> None:
        if self.plan.database_url:
            checks.server_is_usable(self.plan.database_url)
            return
        server = self._server()
        server.create()
        self._database = server.start()
        server.ensure_database()
        os.environ["HAIDANG_DATABASE_URL"] = server.url
        address = self.plan.folder / "run" / "database.url"
        address.touch(mode=0o600)
        address.write_text(server.url, encoding="utf-8")

    def _server(self) -> EmbeddedServer:
        return EmbeddedServer(self.plan.folder / "database")

    def _prepare(self) -> None:
        """Warm this process, then migrate and fill reference data in a child of its own."""
        from haidang.project.processes import prepare

        prepare.warm()
        gc.collect()
        gc.freeze()
        if self._stopping or prepare.is_done(self.plan.folder, demo=self.plan.demo):
            return
        self.say("Đang chuẩn bị cơ sở dữ liệu…")
        once = Child("prepare", lambda: prepare.main(demo=self.plan.demo), self._log("prepare"))
        once.start(keep_out=[self._lock])
        _, status = os.waitpid(once.pid, 0)
        if os.waitstatus_to_exitcode(status):
            why = once.last_words()
            raise checks.NotReadyError(f"Chuẩn bị cơ sở dữ liệu không thành: {why} Xem {once.log}.")

    def _start_children(self) -> None:
        from haidang.project.processes import mains

        for name, main in mains.of(self.plan):
            child = Child(name, main, self._log(name))
            self.children.append(child)
            child.start(keep_out=[self._lock])

    def _log(self, name: str) -> Path:
        return self.plan.folder / "logs" / f"{name.replace(' ', '-')}.log"

    def _watch(self) -> None:
        while not self._stopping:
            self._watch_database()
            self._reap()
            self._raise_fallen()
            time.sleep(_TICK)

    def _watch_database(self) -> None:
        if self._database is None or self._database.poll() is None:
            return
        self.say(f"Cơ sở dữ liệu dừng (mã {self._database.returncode}); khởi động lại.")
        self._database = self._server().start()

    def _reap(self) -> None:
        for child in self.children:
            if not child.pid:
                continue
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            if pid:
                code = os.waitstatus_to_exitcode(status)
                wait = child.fell(time.monotonic())
                self.say(f"{child.name} dừng (mã {code}); khởi động lại sau {wait:.1f} giây.")

    def _raise_fallen(self) -> None:
        now = time.monotonic()
        for child in self.children:
            if not child.pid and now >= child.start_at:
                child.start(keep_out=[self._lock])

    def _stop(self) -> None:
        self.say("Đang dừng…")
        for child in self.children:
            _send(child.pid, signal.SIGTERM)
        self._await_children(time.monotonic() + _PATIENCE)
        if self._database is not None and self._database.poll() is None:
            self._database.send_signal(signal.SIGINT)  # fast shutdown
            try:
                self._database.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                self._database.kill()
        (self.plan.folder / "run" / "running").unlink(missing_ok=True)

    def _await_children(self, deadline: float) -> None:
        waiting = [child for child in self.children if child.pid]
        while waiting:
            for child in list(waiting):
                if os.waitpid(child.pid, os.WNOHANG)[0]:
                    waiting.remove(child)
            if waiting and time.monotonic() > deadline:
                for child in waiting:
                    self.say(f"{child.name} không tự dừng; buộc dừng.")
                    _send(child.pid, signal.SIGKILL)
                deadline = float("inf")
            time.sleep(0.02)


def _send(pid: int, number: signal.Signals) -> None:
    if pid:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return


def run(plan: Plan) -> int:
    """Run the platform; say in one sentence why it cannot. Return the exit code."""
    from haidang.project.processes.database import DatabaseError

    try:
        return Supervisor(plan, say=_say).run()
    except (checks.NotReadyError, lock.AlreadyRunningError, DatabaseError) as error:
        sys.stderr.write(f"haidang: {error}\n")
        return 1


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
