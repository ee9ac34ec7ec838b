"""A bucket of S3-compatible storage. A file is there once the server has answered for all of it."""

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings

from haidang.data.warehouse import errors
from haidang.data.warehouse.engine import extensions
from haidang.data.warehouse.engine.store import versions
from haidang.data.warehouse.engine.store.kept import Kept

if TYPE_CHECKING:
    import duckdb

SCHEME = "s3://"
_AT_ONCE = 1 << 20  # bytes
_TO_CONNECT, _TO_ANSWER = 10, 60  # seconds
_AWAY = "Kho tệp S3 chưa trả lời hoặc báo lỗi. Số liệu đã nhận còn nguyên; hệ thống sẽ thử lại."
_NO_BUCKET = "Kho tệp S3 không có bucket này: tạo bucket, hoặc sửa HAIDANG_LAKE_URL."
_REFUSED = (
    "Kho tệp S3 từ chối: kiểm tra HAIDANG_S3_KEY_ID, HAIDANG_S3_SECRET và quyền của khóa này trên"
    " bucket."
)
# As the engine and the library word what a server says.
_CAUSES = (
    (re.compile("NoSuchBucket|NO_SUCH_BUCKET"), _NO_BUCKET),
    (
        re.compile("HTTP (code )?403|ACCESS_DENIED|SIGNATURE_DOES_NOT_MATCH|INVALID_ACCESS_KEY"),
        _REFUSED,
    ),
    (re.compile("HTTP|AWS Error"), _AWAY),
)
_MISSING = re.compile("No such file|HTTP (code )?404")


class Bucket:
    """The lake's files as objects below one prefix of one bucket."""

    def __init__(self, url: str) -> None:
        self.address = url.rstrip("/")
        self._root = self.address.removeprefix(SCHEME)
        self._endpoint = urlsplit(settings.S3_ENDPOINT)

    @cached_property
    def _objects(self) -> Any:
        from pyarrow import fs

        # The library would add sums in a framing that servers other than Amazon's may refuse.
        os.environ.setdefault("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required")
        return fs.S3FileSystem(
            access_key=settings.S3_KEY_ID,
            secret_key=settings.S3_SECRET,
            region=settings.S3_REGION,
            scheme=self._endpoint.scheme or "https",
            endpoint_override=self._endpoint.netloc or None,
            connect_timeout=_TO_CONNECT,
            request_timeout=_TO_ANSWER,
            allow_delayed_open=True,  # a small file is one request
        )

    def reach(self, engine: "duckdb.DuckDBPyConnection", *, read_only: bool) -> None:
        extensions.load_one(engine, "httpfs")
        engine.execute("SET GLOBAL enable_external_file_cache = true")
        if read_only:  # what the catalogue names never changes, so that nobody need be asked
            engine.execute("SET GLOBAL validate_external_file_cache = 'NO_VALIDATION'")
        parts = {
            "KEY_ID": settings.S3_KEY_ID,
            "SECRET": settings.S3_SECRET,
            "REGION": settings.S3_REGION,
            "SCOPE": self.address,
        }
        if self._endpoint.netloc:
            parts |= {"ENDPOINT": self._endpoint.netloc, "URL_STYLE": "path"}
        told = ", ".join(f"{name} {_literal(value)}" for name, value in parts.items())
        is_tls = "false" if self._endpoint.scheme == "http" else "true"
        engine.execute(f"CREATE SECRET lake (TYPE s3, {told}, USE_SSL {is_tls})")

    def make(self) -> None:
        if not (settings.S3_KEY_ID and settings.S3_SECRET):
            raise errors.LakeUnavailableError(
                "Kho trên S3 cần khóa: đặt HAIDANG_S3_KEY_ID và HAIDANG_S3_SECRET.", status=503
            )
        from pyarrow import fs

        with translated():
            found = self._objects.get_file_info(self._root.partition("/")[0])
        if found.type == fs.FileType.NotFound:
            raise errors.LakeUnavailableError(_NO_BUCKET, status=503)

    @contextmanager
    def writing(self, name: str) -> Iterator[IO[bytes]]:
        with translated(), self._objects.open_output_stream(self._path(name)) as opened:
            yield opened

    @contextmanager
    def made_durable(self, under: str) -> Iterator[None]:
        yield  # what the server has answered for is

    def opened(self, name: str) -> Any:
        with translated():
            return self._objects.open_input_file(self._path(name))

    def has(self, under: str) -> bool:
        return bool(self.files(under))

    def files(self, under: str) -> dict[str, Kept]:
        from pyarrow import fs

        wanted = fs.FileSelector(self._path(under), recursive=True, allow_not_found=True)
        with translated():
            found = self._objects.get_file_info(wanted)
        return {
            one.path.removeprefix(f"{self._root}/"): Kept(one.size, one.mtime)
            for one in found
            if one.is_file and one.path.endswith(".parquet")
        }

    def delete(self, names: Iterable[str]) -> None:
        for name in names:
            with translated(), suppress(FileNotFoundError):
                self._objects.delete_file(self._path(name))

    def keeps_deleted(self) -> bool:
        account = versions.Account(
            host=self._endpoint.netloc or f"s3.{settings.S3_REGION}.amazonaws.com",
            is_tls=self._endpoint.scheme != "http",
            region=settings.S3_REGION,
            key_id=settings.S3_KEY_ID,
            secret=settings.S3_SECRET,
        )
        try:
            return versions.are_kept(account, self._root.partition("/")[0])
        except OSError as error:
            raise errors.LakeUnavailableError(_AWAY, status=503) from error

    def clear(self, under: str = "") -> None:
        # One by one: a request for many needs a sum that not every server and library agree on.
        self.delete(self.files(under))

    def fetch(self, name: str, target: Path) -> None:
        path = self._path(name)
        with translated(), self._objects.open_input_stream(path) as source, target.open("wb") as to:
            shutil.copyfileobj(source, to, _AT_ONCE)

    def bring(self, name: str, source: Path) -> None:
        with source.open("rb") as opened, self.writing(name) as to:
            shutil.copyfileobj(opened, to, _AT_ONCE)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}".rstrip("/")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def translated() -> Iterator[None]:
    """Raise LakeUnavailableError for an error of a server that does not answer, or refuses."""
    try:
        yield
    except Exception as error:
        if (said := unavailable(error)) is not None:
            raise said from error
        raise


def unavailable(error: BaseException) -> errors.LakeUnavailableError | None:
    """Return what an error of engine or library says of the server; None: something else."""
    import duckdb

    is_of_files = isinstance(error, (duckdb.IOException, OSError))
    if not settings.LAKE_URL.startswith(SCHEME) or not is_of_files or is_missing(error):
        return None
    causes = (cause for marks, cause in _CAUSES if marks.search(str(error)))
    cause = next(causes, None)
    return None if cause is None else errors.LakeUnavailableError(cause, status=503)


def is_missing(error: BaseException) -> bool:
    """Tell whether an error of engine or library says that a file is not there."""
    said = str(error)
    return bool(_MISSING.search(said)) and "NoSuchBucket" not in said
