"""Reading the files of a watched folder, the oldest first, once each."""

import fnmatch
import functools
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings as configured

from haidang.data.ingest.connectors import stillness
from haidang.data.ingest.connectors.protocol import Cursor, Fetched, Reached, Room, Settings
from haidang.data.ingest.errors import ConnectorError

DONE, FAILED = "da-nap", "khong-nap-duoc"
_REMEMBERED = 5000
_UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", "~")


@dataclass(frozen=True)
class _Found:
    path: Path
    size: int
    changed: int

    @property
    def mark(self) -> str:
        """What tells this file, as it stands, from all others; short."""
        said = f"{self.path.name}\0{self.size}\0{self.changed}"
        return hashlib.sha256(said.encode()).hexdigest()[:20]

    @property
    def changed_at(self) -> float:
        return self.changed / 1e9


def test(settings: Settings, room: Room) -> Reached:
    """Look into the folder, and whether files can be moved where they shall be."""
    folder = _folder(settings)
    if settings["after"] == "move" and not os.access(folder, os.W_OK):
        raise ConnectorError(
            f"Không ghi được vào thư mục {folder}. Cấp quyền ghi, hoặc chọn để nguyên tệp."
        )
    files = _files(folder, settings)
    waiting = [one for one in files if _is_fresh(one, settings, room)]
    more = f", {len(waiting)} tệp đang được ghi" if waiting else ""
    return Reached(f"Đọc được thư mục {folder}: {len(files)} tệp khớp tên{more}.", {})


def fetch(settings: Settings, cursor: Cursor, room: Room) -> Iterator[Fetched]:
    """Yield files that have stood still long enough and were not read as they are."""
    folder = _folder(settings)
    read = list(cursor.get("read", []))
    new = [one for one in _files(folder, settings) if one.mark not in read]
    again = functools.partial(_files, folder, settings)
    for found in stillness.settled(new, again, settings["still"] or 0, room):
        copy = _copied(found, room)
        if copy is None:
            continue
        read = [*read, found.mark][-_REMEMBERED:]
        moves = settings["after"] == "move"
        yield Fetched(
            name=found.path.name,
            media="",
            content=copy,
            cursor_after=dict(cursor) | ({} if moves else {"read": read}),
            key=f"{found.path.name}\0{found.mark}",
            settle=functools.partial(_put_away, folder, found) if moves else _leave,
        )
        copy.unlink(missing_ok=True)


def _folder(settings: Settings) -> Path:
    """Return the real folder. Raises ConnectorError where it is not below a permitted one."""
    folder = Path(os.path.realpath(settings["path"]))
    roots = [Path(os.path.realpath(root)) for root in configured.WATCHED_FOLDERS]
    if not any(folder == root or root in folder.parents for root in roots):
        raise ConnectorError(
            f"Thư mục {settings['path']} không nằm trong các thư mục được phép theo dõi. Quản trị "
            "hệ thống cần thêm vào HAIDANG_WATCHED_FOLDERS."
        )
    if not folder.is_dir():
        raise ConnectorError(f"Không có thư mục {folder}, hoặc hệ thống không được đọc.")
    return folder


def _files(folder: Path, settings: Settings) -> list[_Found]:
    """Return the plain files of the folder itself, oldest first; links are not followed."""
    try:
        entries = [
            (entry.path, entry.name, entry.stat(follow_symlinks=False))
            for entry in os.scandir(folder)
        ]
    except OSError as error:
        raise ConnectorError(f"Không đọc được thư mục {folder}: {error.strerror}.") from error
    found = [
        _Found(Path(path), info.st_size, info.st_mtime_ns)
        for path, name, info in entries
        if stat.S_ISREG(info.st_mode) and is_wanted(name, settings["pattern"])
    ]
    return sorted(found, key=lambda one: (one.changed, one.path.name))


def is_wanted(name: str, pattern: str) -> bool:
    """Say whether a name fits, and is not that of a file that is still being sent."""
    is_hidden = name.startswith(".") or name.lower().endswith(_UNFINISHED)
    return not is_hidden and fnmatch.fnmatch(name, pattern or "*")


def _is_fresh(found: _Found, settings: Settings, room: Room) -> bool:
    age = room.now.timestamp() - found.changed_at
    return 0 <= age < (settings["still"] or 0)


def _copied(found: _Found, room: Room) -> Path | None:
    """Copy a file; None where it was changed meanwhile, or is a file no more."""
    copy = room.folder / "file"
    try:
        descriptor = os.open(found.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as opened, copy.open("wb") as into:
            if not _is_same(opened, found):
                return None
            shutil.copyfileobj(opened, into)
            return copy if _is_same(opened, found) else None
    except OSError as error:
        raise ConnectorError(f"Không đọc được tệp {found.path.name}: {error.strerror}.") from error


def _is_same(opened: BinaryIO, found: _Found) -> bool:
    info = os.fstat(opened.fileno())
    is_plain = stat.S_ISREG(info.st_mode)
    return is_plain and (info.st_size, info.st_mtime_ns) == (found.size, found.changed)


def _put_away(folder: Path, found: _Found, is_taken: bool) -> None:
    """Move a file that was read; one that has changed since stays for the next time."""
    target = folder / (DONE if is_taken else FAILED)
    target.mkdir(exist_ok=True)
    try:
        info = found.path.stat(follow_symlinks=False)
        if (info.st_size, info.st_mtime_ns) == (found.size, found.changed):
            os.replace(found.path, _free(target, found))
    except FileNotFoundError:
        return


def _leave(is_taken: bool) -> None:
    """Leave the file where it is: it is remembered, also where it was refused."""


def _free(target: Path, found: _Found) -> Path:
    wanted = target / found.path.name
    if not wanted.exists():
        return wanted
    return target / f"{found.path.stem}-{found.mark[:8]}{found.path.suffix}"
