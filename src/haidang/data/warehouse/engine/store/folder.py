"""A folder of this machine. The engine does not sync what it writes, so that syncs stand here."""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from haidang.data.warehouse.engine.store.kept import Kept
from haidang.foundation.core.durable import sync_file, sync_folder

if TYPE_CHECKING:
    import duckdb


class Folder:
    """The lake's files below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.address = str(root)

    def make(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)

    def reach(self, engine: "duckdb.DuckDBPyConnection", *, read_only: bool) -> None:
        # It would keep what it read, up to the whole limit, in every process; the files are on
        # this machine, where the kernel keeps them once for all.
        engine.execute("SET GLOBAL enable_external_file_cache = false")

    @contextmanager
    def writing(self, name: str) -> Iterator[IO[bytes]]:
        path = self.root / name
        make_folder(path.parent)
        with path.open("wb") as opened:
            yield opened
            opened.flush()
            os.fsync(opened.fileno())
        sync_folder(path.parent)

    @contextmanager
    def made_durable(self, under: str) -> Iterator[None]:
        before = set(self._files(under))
        yield
        fresh = set(self._files(under)) - before
        for path in fresh:
            sync_file(path)
        for folder in {path.parent for path in fresh}:
            sync_folder(folder)

    def opened(self, name: str) -> str:
        return f"{self.address}/{name}"

    def has(self, under: str) -> bool:
        return (self.root / under).is_dir()

    def files(self, under: str) -> dict[str, Kept]:
        return {str(path.relative_to(self.root)): _kept(path) for path in self._files(under)}

    def delete(self, names: Iterable[str]) -> None:
        paths = [self.root / name for name in names]
        for path in paths:
            path.unlink(missing_ok=True)
        for folder in {path.parent for path in paths}:
            if folder.is_dir():
                sync_folder(folder)

    def keeps_deleted(self) -> bool:
        return False

    def clear(self, under: str = "") -> None:
        shutil.rmtree(self.root / under, ignore_errors=True)

    def fetch(self, name: str, target: Path) -> None:
        shutil.copyfile(self.root / name, target)

    def bring(self, name: str, source: Path) -> None:
        target = self.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)

    def _files(self, under: str) -> Iterator[Path]:
        return (self.root / under).rglob("*.parquet")


def _kept(path: Path) -> Kept:
    found = path.stat()
    return Kept(found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))


def make_folder(folder: Path) -> None:
    """Make a folder and its parents, each synced in its own parent."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)
