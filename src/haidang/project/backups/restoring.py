"""Restoring a backup into a new data folder; the platform starts on it afterwards."""

import shutil
from pathlib import Path

from haidang import __version__
from haidang.project.backups import manifest, programs
from haidang.project.backups.manifest import BackupError, Manifest
from haidang.project.processes import checks


def restore(source: Path, data: Path, url: str) -> Manifest:
    """Bring a backup back into an empty data folder and the empty database at `url`.

    Everything is compared with the manifest before anything is written. Raises BackupError.
    """
    held = Manifest.read(source)
    if wrong := next(manifest.differences(source, held), None):
        raise BackupError(f"Bản sao lưu đã hỏng: {wrong} không còn như lúc sao lưu.")
    if checks.numbers(held.version) > checks.numbers(__version__):
        raise BackupError(
            f"Bản sao lưu thuộc phiên bản {held.version}, mới hơn chương trình ({__version__})."
        )
    if not programs.is_empty(url):
        raise BackupError("Cơ sở dữ liệu đích đã có bảng; chỉ khôi phục vào cơ sở dữ liệu trống.")
    _place(source, data, held)
    programs.load(url, source / "database.dump")
    return held


def refuse_unless_new(data: Path) -> None:
    """Raise BackupError where the data folder holds anything already."""
    if data.exists() and any(data.iterdir()):
        raise BackupError(f"Thư mục {data} không trống; chỉ khôi phục vào thư mục mới.")


def _place(source: Path, data: Path, held: Manifest) -> None:
    for name in held.files:
        if name == "database.dump":
            continue
        target = data / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, target)
        if "/" not in name:
            target.chmod(0o600)
