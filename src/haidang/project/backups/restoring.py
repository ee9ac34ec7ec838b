"""Restoring a backup into a new data folder; the platform starts on it afterwards."""

import json
import os
import shutil
from pathlib import Path

from haidang import __version__
from haidang.project.backups import manifest, programs
from haidang.project.backups.manifest import BackupError, Manifest
from haidang.project.processes import checks

_LAKE = "lake/"
TOMBSTONES = "removals.jsonl"  # beside the manifest, for it grows after the backup


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


def bring_tombstones(data: Path, places: list[Path]) -> int:
    """Write the tombstones of all places into a restored folder; return how many there are.

    Until they are replayed the folder is marked, and nothing serves from it.
    """
    found: dict[str, str] = {}
    for place in places:
        path = place / TOMBSTONES
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            found[json.loads(line)["uuid"]] = line
    if found:
        folder = data / "removals"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "replay").touch()
        (folder / TOMBSTONES).write_text("".join(f"{one}\n" for one in found.values()), "utf-8")
    return len(found)


def replay() -> int:
    """Remove again what was removed since the backup, in the restored folder of the settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haidang.project.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from haidang.data.protection import api as protection
    from haidang.data.warehouse import api as warehouse

    call_command("migrate", verbosity=0, interactive=False)
    warehouse.prepare()
    try:
        return protection.replay()
    except protection.ProtectionError as error:
        raise BackupError(error.message) from error
    finally:
        warehouse.close()


def refuse_unless_new(data: Path) -> None:
    """Raise BackupError where the data folder holds anything already."""
    if data.exists() and any(data.iterdir()):
        raise BackupError(f"Thư mục {data} không trống; chỉ khôi phục vào thư mục mới.")


def _place(source: Path, data: Path, held: Manifest) -> None:
    for name in held.files:
        if name == "database.dump" or name.startswith(_LAKE):
            continue
        target = data / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, target)
        if "/" not in name:
            target.chmod(0o600)
    # Now the settings find the key that signs, and say where the lake's files lie.
    _place_lake(source, [name for name in held.files if name.startswith(_LAKE)])


def _place_lake(source: Path, names: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haidang.project.settings")
    import django

    django.setup()
    from django.conf import settings

    from haidang.data.warehouse import api as warehouse

    try:
        if not warehouse.is_unused():
            raise BackupError(
                f"Kho {settings.LAKE_URL} đã có tệp: chọn nơi trống bằng HAIDANG_LAKE_URL, xóa"
                f" {settings.DATA_DIR}, rồi khôi phục lại."
            )
        for name in names:
            warehouse.bring_file(name.removeprefix(_LAKE), source / name)
    except warehouse.LakeUnavailableError as error:
        raise BackupError(error.message) from error
