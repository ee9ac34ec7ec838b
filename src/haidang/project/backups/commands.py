"""`haidang backup` and `haidang restore`: one sentence at the end, whatever happens."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from haidang.project import options
from haidang.project.backups import purging, restoring, taking
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
        os.environ["HAIDANG_DATA_DIR"] = str(data)
        with _database(data) as url:
            held = restoring.restore(source, data, url)
            told = _replayed(data, [source])
        return (
            f"Đã khôi phục vào {data} số liệu đến {held.taken_at}.{told}"
            f" Chạy tiếp: haidang up --data-dir {data}"
        )

    return _told(work)


def purge(folder: Path, data: Path) -> int:
    """Rewrite a backup without what was removed since it was made; return the exit code."""

    def work() -> str:
        count = purging.purge(folder, [folder, data / "removals", *_copies()], _database)
        return (
            f"Đã ghi lại {folder}, không còn dữ liệu của {count} hồ sơ xóa."
            if count
            else f"{folder}: không có hồ sơ xóa nào phải thực hiện."
        )

    return _told(work)


def _replayed(data: Path, places: list[Path]) -> str:
    if not restoring.bring_tombstones(data, [*places, *_copies()]):
        return ""
    return f" Đã xóa lại theo {restoring.replay()} hồ sơ xóa sau thời điểm sao lưu."


def _copies() -> list[Path]:
    """Return the folder elsewhere that keeps a copy of the tombstones, if there is one."""
    elsewhere = options.read("HAIDANG_REMOVALS_COPY")
    return [Path(elsewhere)] if elsewhere else []


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
