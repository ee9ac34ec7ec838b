"""Where the lake's files lie. A file's name is its path inside the lake: `main/table/x.parquet`."""

import os
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from django.conf import settings

from haidang.data.warehouse import errors
from haidang.data.warehouse.engine.store.bucket import (
    SCHEME,
    Bucket,
    is_missing,
    translated,
    unavailable,
)
from haidang.data.warehouse.engine.store.folder import Folder
from haidang.data.warehouse.engine.store.kept import Kept

__all__ = [
    "address",
    "folder_of",
    "here",
    "is_far",
    "is_missing",
    "name_of",
    "translated",
    "unavailable",
]

if TYPE_CHECKING:
    import duckdb


class Store(Protocol):
    """The few things that the lake asks of what keeps its files."""

    @property
    def address(self) -> str:
        """Return the root as the engine names it, without a slash at its end."""

    def make(self) -> None:
        """Make the root where it is missing. Raises LakeUnavailableError."""

    def reach(self, engine: "duckdb.DuckDBPyConnection", *, read_only: bool) -> None:
        """Have an instance of the engine reach the files."""

    def writing(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """Lend what writes a new file; it is durable on leaving."""

    def made_durable(self, under: str) -> AbstractContextManager[None]:
        """Make durable on leaving what the engine itself has written below a folder meanwhile."""

    def opened(self, name: str) -> Any:
        """Return what `pyarrow.parquet.ParquetFile` reads a file from."""

    def has(self, under: str) -> bool:
        """Tell whether there has been anything below a folder."""

    def files(self, under: str) -> Mapping[str, Kept]:
        """Return every Parquet file below a folder."""

    def delete(self, names: Iterable[str]) -> None:
        """Delete files, durably; one that is not there is no error."""

    def keeps_deleted(self) -> bool:
        """Tell whether what is deleted stays readable here. Raises LakeUnavailableError."""

    def clear(self, under: str = "") -> None:
        """Delete everything below a folder."""

    def fetch(self, name: str, target: Path) -> None:
        """Copy a file to this machine. Raises OSError, LakeUnavailableError."""

    def bring(self, name: str, source: Path) -> None:
        """Copy a file of this machine here. Raises OSError, LakeUnavailableError."""


def here() -> Store:
    """Return the store that the settings name. Raises LakeUnavailableError."""
    return _store(settings.LAKE_URL, os.getpid())


@lru_cache(maxsize=4)
def _store(url: str, process: int) -> Store:
    if url.startswith(SCHEME):
        return Bucket(url)
    if "://" in url:
        raise errors.LakeUnavailableError(
            f"HAIDANG_LAKE_URL: ghi một thư mục hoặc s3://bucket/thư-mục, không phải {url}."
        )
    return Folder(Path(url))


def is_far() -> bool:
    """Tell whether the files lie elsewhere than on this machine."""
    return settings.LAKE_URL.startswith(SCHEME)


def address(name: str) -> str:
    """Return how the engine names a file."""
    return f"{here().address}/{name}"


def name_of(address: str) -> str:
    """Return the name of a file that the engine has named."""
    return address.removeprefix(f"{here().address}/")


def folder_of(table: str) -> str:
    """Return the folder of a table's files."""
    return f"main/{table}"
