"""The platform with its stops, its keeper, and what a case needs of both."""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.platform import ROOT, Platform
from tests.verification.crash.stops import CONTROL

PATIENCE = 120.0


class Rig:
    """One platform at work; a context manager."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        platform.module = "tests.verification.crash.stops"
        self.control = platform.folder / "control"
        self.control.mkdir()
        self.dropped = platform.folder / "dropped"
        self.dropped.mkdir()
        platform.environment |= {
            CONTROL: str(self.control),
            "HAIDANG_WATCHED_FOLDERS": str(self.dropped),
        }
        self._keeper: subprocess.Popen[str] | None = None
        self.mqtt_port = platform.mqtt_port  # where devices go; a test may put something between

    def arm(self, stop: str) -> None:
        """Have the next process that comes to `stop` ("stage@process") wait there."""
        (self.control / stop).touch()

    def disarm(self) -> None:
        for left in self.control.glob("*@*"):
            left.unlink(missing_ok=True)

    def await_stop(
        self, patience: float = PATIENCE, nudge: Callable[[], None] | None = None
    ) -> int:
        """Wait until a process has come to the armed stop; return its id."""
        reached = self.control / "reached"
        deadline = time.monotonic() + patience
        while not reached.exists():
            if time.monotonic() > deadline:
                self.disarm()
                raise TimeoutError(f"nothing came to the stop\n{self.platform.log()}")
            if nudge is not None:
                nudge()
            time.sleep(0.02)
        return int(reached.read_text())

    def let_go(self) -> None:
        (self.control / "reached").unlink(missing_ok=True)
        self.disarm()

    def ask(self, verb: str, **named: Any) -> dict[str, Any]:
        """Have the keeper do something. Raises RuntimeError with what it says."""
        keeper = self._keeper_at_work()
        assert keeper.stdin is not None
        assert keeper.stdout is not None
        keeper.stdin.write(json.dumps({"verb": verb, **named}) + "\n")
        keeper.stdin.flush()
        answer = dict(json.loads(keeper.stdout.readline() or '{"error": "the keeper fell"}'))
        if "error" in answer:
            raise RuntimeError(f"{verb}: {answer['error']}\n{self._said()}")
        return answer

    def await_up(self, patience: float = PATIENCE) -> None:
        """Wait until the platform answers."""
        deadline = time.monotonic() + patience
        while not self.platform._is_ready():
            self.keep_up()
            if time.monotonic() > deadline:
                raise TimeoutError(f"the platform does not come back\n{self.platform.log()}")
            time.sleep(0.1)

    def keep_up(self) -> None:
        """Start the platform again if it ended, as an init system would."""
        process = self.platform.process
        if process is None or process.poll() is not None:
            with contextlib.suppress(RuntimeError):  # it may not be able to yet
                self.platform.start()

    def calm(self) -> None:
        """End what a fault left lasting, before everything is counted."""

    def _keeper_at_work(self) -> "subprocess.Popen[str]":
        if self._keeper is None or self._keeper.poll() is not None:
            environment = self.platform._environment() | {
                "HAIDANG_DATA_DIR": str(self.platform.folder / "d"),
                "DJANGO_SETTINGS_MODULE": "haidang.project.settings",
            }
            with (self.platform.folder / "keeper.log").open("ab") as log:
                self._keeper = subprocess.Popen(
                    [sys.executable, "-m", "tests.verification.crash.keeper"],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
                    cwd=ROOT, env=environment,
                )  # fmt: skip
        return self._keeper

    def end_keeper(self) -> None:
        """End the keeper, which holds files open below the data folder."""
        if self._keeper is not None:
            self._keeper.kill()
            self._keeper.wait()
            for pipe in (self._keeper.stdin, self._keeper.stdout):
                if pipe is not None:
                    pipe.close()
            self._keeper = None

    def _said(self) -> str:
        log = Path(self.platform.folder / "keeper.log")
        return log.read_text()[-3000:] if log.exists() else ""

    def __enter__(self) -> Self:
        self.platform.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.let_go()
        self.end_keeper()
        self.platform.__exit__(kind, error, trace)
