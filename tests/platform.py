"""The whole platform as real processes, in a throw-away data folder, for tests and benchmarks."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[1]


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Platform:
    """`haidang up` or `haidang demo`; a context manager that starts and stops it."""

    def __init__(
        self, *, demo: bool = False, prefix: Sequence[str] = (), **environment: str
    ) -> None:
        # A short path: a socket's name may have 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="hdp"))
        self.folder.chmod(0o755)
        self.port = free_port()
        self.mqtt_port = free_port()
        self.demo = demo
        self.prefix = prefix  # words before the command, as those that drop root's rights
        self.environment = environment
        self.module = "haidang.project.cli"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, patience: float = 180.0) -> float:
        """Start and wait until it is ready; return the seconds that took."""
        began = time.monotonic()
        with (self.folder / "supervisor.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *self.prefix, sys.executable, "-m", self.module,
                    "demo" if self.demo else "up",
                    "--data-dir", str(self.folder / "d"), "--port", str(self.port),
                    "--mqtt-port", str(self.mqtt_port),
                ],
                stdout=log, stderr=log, cwd=ROOT, env=self._environment(),
            )  # fmt: skip
        while time.monotonic() - began < patience:
            if self.process.poll() is not None:
                raise RuntimeError(f"the platform ended at once:\n{self.log()}")
            if self._is_ready():
                return time.monotonic() - began
            time.sleep(0.05)
        raise TimeoutError(f"the platform is not ready:\n{self.log()}")

    def stop(self, patience: float = 30.0) -> float:
        """Ask it to stop (SIGTERM); return the seconds that took."""
        began = time.monotonic()
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(patience)
        return time.monotonic() - began

    def children(self) -> dict[str, int]:
        """Return the process ids of the supervisor's children by name."""
        assert self.process is not None
        found: dict[str, int] = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                status = (entry / "status").read_text()
            except OSError:
                continue
            fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
            if int(fields.get("PPid", "0")) == self.process.pid:
                found[fields["Name"].strip()] = int(entry.name)
        return found

    def call(
        self, *words: str, module: str = "tests.telemetry", prefix: Sequence[str] = ()
    ) -> dict[str, Any]:
        """Run a module of the tests inside the platform's environment; return what it prints."""
        environment = self._environment() | {
            "HAIDANG_DATA_DIR": str(self.folder / "d"),
            "DJANGO_SETTINGS_MODULE": "haidang.project.settings",
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        }
        done = subprocess.run(
            [*prefix, sys.executable, "-m", module, *words],
            capture_output=True, text=True, cwd=ROOT, env=environment, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr[-3000:])
        return dict(json.loads(done.stdout.splitlines()[-1]))

    def log(self) -> str:
        """Return what the supervisor and its processes said."""
        files = [self.folder / "supervisor.log", *sorted((self.folder / "d" / "logs").glob("*"))]
        return "\n".join(f"--- {f.name}\n{f.read_text()[-3000:]}" for f in files if f.exists())

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("HAIDANG_", "DJANGO_"))}
        return kept | {"PYTHONPATH": str(ROOT / "src")} | self.environment

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.stop()
        finally:
            if self.process is not None and self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            shutil.rmtree(self.folder, ignore_errors=True)
