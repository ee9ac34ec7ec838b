"""What breaks: processes. Each fault strikes while a process waits at a stop."""

import os
import signal
from typing import Protocol

from tests.verification import kill_intake
from tests.verification.crash.rig import Rig


class Fault(Protocol):
    """One way of breaking. `strike` lets the waiting process go on, if it still lives."""

    code: str
    name: str

    def strike(self, rig: Rig, waiting: int) -> None: ...


class KillWaiting:
    """kill -9 of the process that has come to the stop."""

    code = "kill"
    name = "kill -9 of the process itself"

    def strike(self, rig: Rig, waiting: int) -> None:
        os.kill(waiting, signal.SIGKILL)
        rig.let_go()


class Kill:
    """kill -9 of another process while one waits at the stop."""

    def __init__(self, process: str) -> None:
        self.process = process
        self.code = f"kill-{process.removeprefix('haidang ').replace(' ', '-')}"
        self.name = f"kill -9 of {TITLES[process]}"

    def strike(self, rig: Rig, waiting: int) -> None:
        platform = rig.platform
        assert platform.process is not None
        if self.process == "supervisor":
            platform.process.kill()
            platform.process.wait()
            rig.let_go()
            platform.start()
            return
        os.kill(kill_intake._found(platform, self.process), signal.SIGKILL)
        rig.let_go()


TITLES = {
    "postgres": "the database server",
    "supervisor": "the supervisor",
    "haidang web": "web",
    "haidang intake": "intake's doors",
    "haidang jobs li": "jobs live",
    "haidang jobs bu": "jobs bulk",
}
