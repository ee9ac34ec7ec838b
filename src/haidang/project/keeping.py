"""Small files that nothing can be opened without: on the disk before anything relies on them."""

import os
from pathlib import Path

from haidang.foundation.core.durable import sync_folder


def keep(file: Path, text: str) -> None:
    """Write a new file that its owner alone reads; it and its name outlive a power loss.

    Raises FileExistsError.
    """
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    for folder in (file.parent, file.parent.parent):
        sync_folder(folder)
