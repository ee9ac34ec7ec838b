"""A platform whose clock can be set back, in every process and in the database server.

A small library of our own (clock.c) is preloaded. Debian's libfaketime does not do: under it
Python's sleep, which names a moment of the monotonic clock, is refused by the kernel.
"""

import shutil
import subprocess
import time
from pathlib import Path
from typing import Self

from tests.verification.crash.rig import Rig

BACK = 600  # seconds
_OUTAGE = 3.0


def missing() -> str:
    """Say why no clock can be set here; "" when one can."""
    return "" if shutil.which("cc") else "CLOCK CASES SKIPPED: no C compiler (cc) installed"


class ClockRig(Rig):
    """Real time plus an offset; the clock that only counts seconds is left alone."""

    def __enter__(self) -> Self:
        self._offset = 0
        self.control.chmod(0o755)
        self._file = self.control / "clock"
        self._write()
        library = self.control / "clock.so"
        source = Path(__file__).with_name("clock.c")
        subprocess.run(
            ["cc", "-shared", "-fPIC", "-O2", "-o", str(library), str(source)], check=True
        )
        self.platform.environment |= {"LD_PRELOAD": str(library), "CRASH_CLOCK": str(self._file)}
        return super().__enter__()

    def back(self, seconds: int) -> None:
        self._offset -= seconds
        self._write()

    def calm(self) -> None:
        """Set the clock right again, as time servers do in the end."""
        self._offset = 0
        self._write()

    def _write(self) -> None:
        with self._file.open("r+b" if self._file.exists() else "wb") as opened:
            opened.write(self._offset.to_bytes(8, "little", signed=True))


class Back:
    """The clock jumps ten minutes back, and stays there."""

    code = "clock"
    name = "the clock jumps 10 minutes back"

    def strike(self, rig: Rig, waiting: int) -> None:
        assert isinstance(rig, ClockRig)
        rig.back(BACK)
        rig.let_go()
        time.sleep(_OUTAGE)
