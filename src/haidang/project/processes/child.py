"""One child of the supervisor: forked from the warm parent, so that code is shared in memory."""

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from haidang.foundation.core import kernel

_BACKOFF = (0.1, 0.5, 1.0, 2.0, 5.0)  # seconds before each restart in a row
_STEADY = 30.0  # seconds after which a process counts as healthy again
_LARGEST_LOG = 20 * 1024 * 1024


@dataclass
class Child:
    """A named process: what it runs, and how often it has fallen."""

    name: str
    main: Callable[[], None]
    log: Path
    pid: int = 0
    started: float = 0.0
    falls: int = 0
    start_at: float = field(default=0.0)

    def start(self, *, keep_out: list[int]) -> None:
        """Fork; the child runs `main` and exits. `keep_out` are descriptors it must not hold."""
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        self.started = time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:
            os._exit(self._live(parent, keep_out))

    def last_words(self) -> str:
        """Return the sentence of the error with which the child ended, from its log."""
        lines = self.log.read_text(encoding="utf-8").strip().splitlines()
        return lines[-1].partition(": ")[2] if lines else ""

    def fell(self, now: float) -> float:
        """Note that the process is gone; return the seconds to wait before the next start."""
        self.pid = 0
        self.falls = 0 if now - self.started > _STEADY else self.falls + 1
        wait = _BACKOFF[min(self.falls, len(_BACKOFF) - 1)]
        self.start_at = now + wait
        return wait

    def _live(self, parent: int, keep_out: list[int]) -> int:
        try:
            os.setsid()  # Ctrl-C in the terminal reaches the supervisor alone
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            kernel.die_with_parent(signal.SIGTERM)
            if os.getppid() != parent:
                return 1
            for descriptor in keep_out:
                os.close(descriptor)
            redirect(self.log)
            kernel.rename(f"haidang {self.name}")
            self.main()
        except SystemExit as stop:
            return stop.code if isinstance(stop.code, int) else 1
        except BaseException:  # noqa: BLE001 - the outermost frame of a process: log, then end
            traceback.print_exc()
            return 1
        return 0


def redirect(log: Path) -> None:
    """Send this process's output to its log, keeping one older log."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _LARGEST_LOG:
        log.replace(log.with_suffix(".old.log"))
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
