"""Rewriting a backup without what the law has had removed since: restored, replayed, taken anew."""

import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from haidang.project.backups import manifest, restoring, taking
from haidang.project.backups.manifest import BackupError, Manifest

Database = Callable[[Path], AbstractContextManager[str]]


def purge(folder: Path, places: Sequence[Path], database: Database) -> int:
    """Replace a backup by one of the same moment without removed data; return how many removals.

    The old copy stays whole until the new one is; killed at any step, a repeat ends it. The
    database is restored in a server of its own, never in the platform's. Raises BackupError.
    """
    old = folder.with_name(f"{folder.name}.old")
    _recover(folder, old)
    held = Manifest.read(folder)
    # A short name: the server's socket lies below it, and such paths have 107 bytes.
    work = folder.with_name(f".{folder.name}.p")
    shutil.rmtree(work, ignore_errors=True)
    try:
        if not restoring.bring_tombstones(work / "d", list(places)):
            return 0
        shutil.move(work / "d" / "removals", work / "removals")
        count = _rewritten(folder, work, database, held)
        folder.rename(old)
        (work / "new").rename(folder)
        shutil.rmtree(old)
        return count
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _recover(folder: Path, old: Path) -> None:
    """Finish, or take back, the exchange of folders that a crash cut short."""
    if old.exists() and folder.exists():
        shutil.rmtree(old)
    elif old.exists():
        old.rename(folder)


def _rewritten(folder: Path, work: Path, database: Database, held: Manifest) -> int:
    data, new = work / "d", work / "new"
    os.environ.pop("HAIDANG_DATABASE_URL", None)
    os.environ.pop("HAIDANG_LAKE_URL", None)
    os.environ["HAIDANG_DATA_DIR"] = str(data)
    restoring.refuse_unless_new(data)
    data.mkdir(parents=True, exist_ok=True)
    with database(data) as url:
        restoring.restore(folder, data, url)
        shutil.copytree(work / "removals", data / "removals")
        count = restoring.replay()
        made = taking.take(data, new, url)
    replace(made, taken_at=held.taken_at).write(new)
    shutil.copyfile(work / "removals" / restoring.TOMBSTONES, new / restoring.TOMBSTONES)
    if wrong := next(manifest.differences(new, made), None):
        raise BackupError(f"Bản sao lưu mới không đúng: {wrong}. Bản cũ còn nguyên.")
    return count
