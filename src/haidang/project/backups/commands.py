"""`haidang backup` and `haidang restore`: one sentence at the end, whatever happens."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from haidang.project import options
from haidang.project.backups import restoring, taking
from haidang.project.backups.manifest import BackupError
from haidang.project.processes import checks, lock
from haidang.project.processes.database import DatabaseError, EmbeddedServer


def backup(data: Path, target: Path) -> int:
    """Copy the data folder and its database into `target`; return the exit code."""

    def work() -> str:
        if not data.is_dir() or not any(data.iterdir()):
            raise BackupError(f"Không có dữ liệu nào ở {data}; chọn thư mục bằng --data-dir.")
        with _database(data) as url:
            made = taking.take(data, target, url)
        size = sum(entry.size for entry in made.files.values())
        return (
            f"Đã sao lưu vào {target}: {len(made.files)} tệp, {size / 1e6:.1f} MB,"
            f" số liệu đến {made.taken_at}"
        )

    return _told(work)


def restore(source: Path, data: Path) -> int:
    """Bring a backup into a new data folder; return the exit code."""

    def work() -> str:
        restoring.refuse_unless_new(data)
        checks.folder_is_usable(data)
        with _database(data) as url:
            held = restoring.restore(source, data, url)
        return (
            f"Đã khôi phục vào {data} số liệu đến {held.taken_at}."
            f" Chạy tiếp: haidang up --data-dir {data}"
        )

    return _told(work)


def _told(work: Callable[[], str]) -> int:
    try:
        said = work()
    except (BackupError, DatabaseError, checks.NotReadyError) as error:
        sys.stderr.write(f"haidang: {error}\n")
        return 1
    sys.stdout.write(f"{said}\n")
    return 0


@contextmanager
def _database(data: Path) -> Iterator[str]:
    """Lend the address of the folder's database; run the embedded server if nobody does."""
    if outside := options.read("HAIDANG_DATABASE_URL"):
        yield str(outside)
        return
    try:
        held = lock.hold(data)
    except lock.AlreadyRunningError:
        yield (data / "run" / "database.url").read_text(encoding="utf-8")
        return
    server = EmbeddedServer(data / "database")
    server.create()
    process = server.start()
    try:
        server.ensure_database()
        os.environ["HAIDANG_DATABASE_URL"] = server.url
        yield server.url
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
        os.close(held)
