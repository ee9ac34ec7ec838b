"""The manifest: what a backup holds. A folder without one is not a whole backup."""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from haidang.foundation.core.durable import sync_file, sync_folder

NAME = "manifest.json"
_CHUNK = 1 << 20


class BackupError(RuntimeError):
    """A backup cannot be made or restored; the message says why in one sentence."""


@dataclass(frozen=True)
class Entry:
    """One file: its size in bytes and the BLAKE2b digest of its content."""

    size: int
    digest: str


@dataclass(frozen=True)
class Manifest:
    """The version of the program, the moment (ISO 8601, UTC) and the files by relative path."""

    version: str
    taken_at: str
    files: dict[str, Entry]

    def write(self, folder: Path) -> None:
        """Make everything durable, then the manifest, which makes the backup whole."""
        for path in [folder, *(one for one in folder.rglob("*") if one.is_dir())]:
            sync_folder(path)
        draft = folder / f"{NAME}.new"
        draft.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        sync_file(draft)
        draft.rename(folder / NAME)
        sync_folder(folder)

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Raises BackupError where there is no manifest that can be read."""
        try:
            stored = json.loads((folder / NAME).read_bytes())
            files = {path: Entry(**entry) for path, entry in stored["files"].items()}
            return cls(stored["version"], stored["taken_at"], files)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise BackupError(
                f"{folder} không phải một bản sao lưu trọn vẹn (thiếu {NAME} đọc được)."
            ) from error


def described(folder: Path) -> dict[str, Entry]:
    """Return the entries of every file below the folder, each synced to disk."""
    return {
        str(path.relative_to(folder)): _entry(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def differences(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Yield the paths whose content is not what the manifest says."""
    for name, entry in manifest.files.items():
        path = folder / name
        if not path.is_file() or _entry(path) != entry:
            yield name


def _entry(path: Path) -> Entry:
    digest = hashlib.blake2b(digest_size=32)
    with path.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            digest.update(chunk)
        size = opened.tell()
        os.fsync(opened.fileno())
    return Entry(size, digest.hexdigest())
