"""One supervisor for one data folder."""

import fcntl
import os
from pathlib import Path


class AlreadyRunningError(RuntimeError):
    """Another supervisor holds this data folder."""


def hold(folder: Path) -> int:
    """Lock the folder for this process's life and return the descriptor that holds the lock.

    Raises AlreadyRunningError with the holder's process id in a sentence.
    """
    file = folder / "run" / "supervisor.lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(descriptor, 32).decode() or "?"
        os.close(descriptor)
        raise AlreadyRunningError(
            f"Hải Đăng đang chạy trên thư mục {folder} (tiến trình {holder}); "
            "dừng nó trước, hoặc chọn thư mục khác bằng --data-dir."
        ) from error
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
    return descriptor
