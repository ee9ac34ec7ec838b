"""What must outlive a power failure: bytes are synced, and so is the folder that names them."""

import os
from pathlib import Path


def sync_file(path: Path) -> None:
    """Make a file's bytes durable. Raises OSError."""
    _sync(path, os.O_RDONLY)


def sync_folder(folder: Path) -> None:
    """Make the names inside a folder durable. Raises OSError."""
    _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
