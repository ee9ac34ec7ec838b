"""One owner per folder: a lock that the kernel drops when the owner dies."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


class JournalBusyError(Exception):
    """Another living process owns this journal."""


def take(folder: Path) -> int:
    """Lock the folder and return the lock's descriptor. Raises JournalBusyError."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise JournalBusyError(str(folder)) from error
    return descriptor


def abandoned(root: Path) -> Iterator[Path]:
    """Yield the folders under `root` that no living process owns."""
    for folder in sorted(root.iterdir() if root.exists() else ()):
        if not (folder / "lock").exists():
            continue
        try:
            os.close(take(folder))
        except JournalBusyError:
            continue
        yield folder
