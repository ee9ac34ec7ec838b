"""Taking a backup, of a running platform or of one that is stopped."""

import datetime
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from haidang import __version__
from haidang.project.backups import manifest, programs
from haidang.project.backups.manifest import BackupError, Manifest

if TYPE_CHECKING:
    from haidang.data.warehouse import api as warehouse

# Small files of the data folder that are part of its identity.
_IDENTITY = ("secret_key", "demo-keys.json")


def take(data: Path, target: Path, url: str) -> Manifest:
    """Copy everything that `data` holds into `target`, which must be new or empty.

    Nothing lands while journal and database are fixed at one moment (about the time that the
    journal's copy takes); the rest is copied from files that are never changed.
    Raises BackupError.
    """
    if target.exists() and any(target.iterdir()):
        raise BackupError(f"Thư mục {target} không trống; chọn thư mục mới cho bản sao lưu.")
    target.mkdir(parents=True, exist_ok=True)
    target.chmod(0o700)  # it holds every account and the key that signs sessions
    taken_at = _copy(data, target, url)
    made = Manifest(__version__, taken_at.isoformat(), manifest.described(target))
    made.write(target)
    _with_tombstones(target)
    return made


def _with_tombstones(target: Path) -> None:
    """Have every later removal write its tombstone beside this copy, which still holds the data."""
    from haidang.data.protection import api as protection

    protection.remember_backup(target)


def _copy(data: Path, target: Path, url: str) -> datetime.datetime:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haidang.project.settings")
    django.setup()
    from haidang.data.ingest import journal
    from haidang.data.ingest.intake import frames
    from haidang.data.warehouse import api as warehouse

    with warehouse.files_kept(), psycopg.connect(url) as moment:
        moment.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        with warehouse.still():
            journal.copy(frames.journal_root(), target / "journal")
            snapshot, taken_at = _fix(moment)
        programs.dump(url, snapshot, target / "database.dump")
        for named in warehouse.named_files(moment):
            _fetch(named, target / "lake" / named.path)
    warehouse.close()
    for path in sorted((data / "files").rglob("*")):
        if path.is_file() and not path.name.startswith("arriving-"):
            _copy_file(path, target / path.relative_to(data))
    for name in _IDENTITY:
        if (data / name).exists():
            _copy_file(data / name, target / name)
            (target / name).chmod(0o600)
    return taken_at


def _fix(moment: "psycopg.Connection[tuple[Any, ...]]") -> tuple[str, datetime.datetime]:
    """Fix what the transaction sees; return the snapshot's name for others, and the moment."""
    row = moment.execute("SELECT pg_export_snapshot(), clock_timestamp()").fetchone()
    assert row is not None
    return row[0], row[1]


def _fetch(named: "warehouse.NamedFile", target: Path) -> None:
    from haidang.data.warehouse import api as warehouse

    with _copying(named.path, target):
        try:
            warehouse.fetch_file(named, target)
        except warehouse.LakeUnavailableError as error:
            raise BackupError(f"Không chép được {named.path}: {error.message}") from error
    if target.stat().st_size != named.size:
        raise BackupError(
            f"Tệp {named.path} của kho không đúng kích thước mà danh mục ghi ({named.size} byte)."
        )


def _copy_file(path: Path, target: Path) -> None:
    with _copying(str(path), target):
        shutil.copyfile(path, target)


@contextmanager
def _copying(name: str, target: Path) -> Iterator[None]:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except OSError as error:
        raise BackupError(f"Không chép được {name}: {error.strerror or error}.") from error
