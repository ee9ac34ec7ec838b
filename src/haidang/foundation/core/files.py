"""Files kept once by their content, under the data folder, safe on disk before they are named."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from haidang.foundation.core.durable import sync_folder
from haidang.foundation.core.errors import HaidangError, NotFoundError
from haidang.foundation.core.models import StoredFile

_CHUNK = 1024 * 1024
Content = bytes | BinaryIO | Iterable[bytes]


class FileTooLargeError(HaidangError):
    """Tệp lớn hơn giới hạn cho phép."""


class StoredFileMissingError(NotFoundError):
    """Không tìm thấy tệp đã lưu."""


class RemovedFileError(StoredFileMissingError):
    """Tệp này đã xóa theo yêu cầu của pháp luật."""


class RefusedFileError(HaidangError):
    """Nội dung này đã bị xóa theo yêu cầu của pháp luật, hệ thống không nhận lại. Nếu cho là nhầm,
    liên hệ cán bộ bảo vệ dữ liệu của Trung tâm."""


Guard = Callable[[str], str]
_guards: list[Guard] = []


def guard(told: Guard) -> None:
    """Have an upper domain say of a content: "refused", "erased", or "" for all others."""
    _guards.append(told)


_inspections: list[Callable[[Path], None]] = []


def inspect(look: Callable[[Path], None]) -> None:
    """Have an upper domain look at all bytes that people send; where it raises nothing is kept."""
    _inspections.append(look)


def _state(sha256: str) -> str:
    return next(filter(None, (told(sha256) for told in _guards)), "")


def store(
    content: Content,
    *,
    name: str,
    media_type: str = "",
    max_bytes: int | None = None,
    is_acknowledged: bool = False,
) -> StoredFile:
    """Keep `content` and return its row; the same bytes are kept once, under their first name.

    Inspections see the bytes before they have a name; what was acknowledged before is not refused
    any more. When this returns, bytes and folder are fsynced. Raises FileTooLargeError,
    RefusedFileError, and what an inspection raises.
    """
    folder = _root()
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=folder, prefix="arriving-")
    try:
        with os.fdopen(descriptor, "wb") as opened:
            sha256, size = _write(content, opened, max_bytes)
            opened.flush()
            os.fsync(opened.fileno())
        for look in () if is_acknowledged else _inspections:
            look(Path(temporary))
        if _state(sha256) == "refused":
            raise RefusedFileError
        _place(Path(temporary), path(sha256))
    finally:
        Path(temporary).unlink(missing_ok=True)
    row, _ = StoredFile.objects.get_or_create(
        sha256=sha256, defaults={"size": size, "media_type": media_type, "name": name[:255]}
    )
    return row


def path(sha256: str) -> Path:
    """Return where the bytes of `sha256` lie (or would lie)."""
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise StoredFileMissingError(sha256=sha256)
    return _root() / sha256[:2] / sha256[2:4] / sha256


def open_stored(sha256: str) -> BinaryIO:
    """Open kept bytes for reading. Raises StoredFileMissingError, RemovedFileError."""
    try:
        return path(sha256).open("rb")
    except FileNotFoundError as error:
        if _state(sha256):
            raise RemovedFileError(sha256=sha256) from error
        raise StoredFileMissingError(sha256=sha256) from error


def remove(sha256: str) -> bool:
    """Delete kept bytes, durably; the row stays. Return whether there were any."""
    final = path(sha256)
    if not final.exists():
        return False
    final.unlink()
    sync_folder(final.parent)
    return True


def _root() -> Path:
    return Path(settings.DATA_DIR) / "files"


def _write(content: Content, into: BinaryIO, max_bytes: int | None) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for chunk in _chunks(content):
        size += len(chunk)
        if max_bytes is not None and size > max_bytes:
            raise FileTooLargeError(max_bytes=max_bytes)
        digest.update(chunk)
        into.write(chunk)
    return digest.hexdigest(), size


def _chunks(content: Content) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
    elif hasattr(content, "read"):
        while chunk := content.read(_CHUNK):
            yield chunk
    else:
        yield from content


def _place(temporary: Path, final: Path) -> None:
    """Give the fsynced file its name and fsync every folder that gained an entry."""
    new_folders = [folder for folder in (final.parent, final.parent.parent) if not folder.exists()]
    final.parent.mkdir(parents=True, exist_ok=True)
    os.replace(temporary, final)
    sync_folder(final.parent)
    for folder in new_folders:
        sync_folder(folder.parent)
