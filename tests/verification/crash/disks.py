"""A platform whose data folder is a small disk of its own, which fills or turns read-only.

The disk is an ext4 file system in a file, mounted by root. Turning read-only is what the kernel
does itself when a disk fails (errors=remount-ro): what was not synced by then is gone.
"""

import os
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.verification.crash.rig import Rig

_SIZE = "3G"  # sparse
_OUTAGE = 3.0  # seconds


def missing() -> str:
    """Say why no disk can be mounted here; "" when one can."""
    if os.geteuid() != 0:
        return "DISK CASES SKIPPED: only root can mount a disk for them"
    absent = [name for name in ("mkfs.ext4", "e2fsck", "mount") if shutil.which(name) is None]
    if absent:
        return f"DISK CASES SKIPPED: {', '.join(absent)} not installed"
    if not Path("/dev/loop-control").exists():
        return "DISK CASES SKIPPED: no loop devices here"
    return ""


class DiskRig(Rig):
    """Database, lake, journal and files on one small disk."""

    def __enter__(self) -> Self:
        folder = self.platform.folder
        self._image, self._disk = folder / "disk.img", folder / "d"
        self._disk.mkdir()
        _run("truncate", "-s", _SIZE, str(self._image))
        _run("mkfs.ext4", "-q", "-F", "-m", "0", str(self._image))
        self._mount()
        try:
            return super().__enter__()
        except BaseException:
            self._unmount()
            raise

    def _mount(self) -> None:
        _run("mount", "-o", "loop,errors=remount-ro", str(self._image), str(self._disk))

    def _unmount(self, patience: float = 30.0) -> None:
        deadline = time.monotonic() + patience
        while subprocess.run(
            ["umount", str(self._disk)], capture_output=True, check=False
        ).returncode:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self._disk} is still in use")
            time.sleep(0.1)

    def fill(self) -> None:
        """Leave no byte free."""
        ballast = self._disk / "ballast"
        left = shutil.disk_usage(self._disk).free
        while left >= 4096:
            done = subprocess.run(
                ["fallocate", "-l", str(left), "--offset", str(_size(ballast)), str(ballast)],
                capture_output=True, check=False,
            )  # fmt: skip
            left = (
                min(left, shutil.disk_usage(self._disk).free) if not done.returncode else left // 2
            )

    def empty(self) -> None:
        (self._disk / "ballast").unlink()

    def fail(self) -> None:
        """Have the kernel find an error on the disk and turn it read-only."""
        device = _run("findmnt", "-n", "-o", "SOURCE", str(self._disk)).strip().rpartition("/")[2]
        Path(f"/sys/fs/ext4/{device}/trigger_fs_error").write_text("1")

    def repair(self) -> None:
        """Stop what is left, check the disk, mount it again and start."""
        process = self.platform.process
        assert process is not None
        self.end_keeper()
        process.kill()
        process.wait()
        self._unmount()
        subprocess.run(["e2fsck", "-fy", str(self._image)], capture_output=True, check=False)
        self._mount()
        self.platform.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.let_go()
        self.end_keeper()
        try:
            self.platform.stop()
        finally:
            if self.platform.process is not None and self.platform.process.poll() is None:
                self.platform.process.kill()
                self.platform.process.wait()
            self._unmount()
            super().__exit__(kind, error, trace)


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _run(*words: str) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


class Full:
    """The disk fills, and somebody makes room again."""

    code = "full"
    name = "the disk is full for 3 seconds"

    def strike(self, rig: Rig, waiting: int) -> None:
        assert isinstance(rig, DiskRig)
        rig.fill()
        rig.let_go()
        time.sleep(_OUTAGE)
        rig.empty()


class ReadOnly:
    """The disk turns read-only; it is repaired and everything is started again."""

    code = "readonly"
    name = "the disk turns read-only, is repaired"

    def strike(self, rig: Rig, waiting: int) -> None:
        assert isinstance(rig, DiskRig)
        rig.fail()
        rig.let_go()
        time.sleep(_OUTAGE)
        rig.repair()
