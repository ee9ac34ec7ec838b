"""A platform whose clock can be set back: every process, the database's too, under libfaketime."""

import time
from pathlib import Path
from typing import Self

from tests.verification.crash.rig import Rig

_LIBRARY = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
BACK = 600  # seconds
_HEARD = 2.0  # seconds until every process has looked at the new clock
_OUTAGE = 2.0


def missing() -> str:
    """Say why no clock can be set here; "" when one can."""
    if not Path(_LIBRARY).exists():
        return "CLOCK CASES SKIPPED: install Debian's libfaketime to try them"
    return ""


class ClockRig(Rig):
    """Real time less an offset that a file holds; the clock that counts seconds is left alone."""

    def __enter__(self) -> Self:
        self._offset = 0
        self._file = self.control / "clock"
        self._write()
        self.platform.environment |= {
            "LD_PRELOAD": _LIBRARY,
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_RESET": "1",
        }
        self.control.chmod(0o755)
        return super().__enter__()

    def back(self, seconds: int) -> None:
        self._offset += seconds
        self._write()
        time.sleep(_HEARD)

    def calm(self) -> None:
        """Set the clock right again, as time servers do in the end."""
        self._offset = 0
        self._write()
        time.sleep(_HEARD)

    def _write(self) -> None:
        self._file.write_text(f"-{self._offset}\n" if self._offset else "+0\n")


class Back:
    """The clock jumps ten minutes back, and stays there."""

    code = "clock"
    name = "the clock jumps 10 minutes back"

    def strike(self, rig: Rig, waiting: int) -> None:
        assert isinstance(rig, ClockRig)
        rig.back(BACK)
        rig.let_go()
        time.sleep(_OUTAGE)
