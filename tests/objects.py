"""A real S3 server for tests: OpenStack Swift with its S3 interface, from Debian's packages.

    with ObjectStore(folder) as server:
        server.environment("folder")            what the platform's settings are
        with server.away(): ...                 nobody answers; afterwards everything is there

One copy of each object, no replication, on 127.0.0.1, everything below one folder.
"""

import os
import pwd
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from haidang.data.warehouse.engine.store.versions import Account, signed
from tests.platform import free_port

BUCKET, KEY_ID, SECRET = "kho", "test:tester", "testing-secret"
_KEEPERS = ("account", "container", "object")
_ALL = """
[DEFAULT]
user = {user}
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
log_level = WARNING
"""
_KEEPER = """
[pipeline:main]
pipeline = {name}-server
[app:{name}-server]
use = egg:swift#{name}
"""
_S3 = "s3api tempauth"
_PROXY = f"""
[pipeline:main]
pipeline = catch_errors cache listing_formats bulk {_S3} slo dlo versions symlink proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_{KEY_ID.replace(":", "_")} = {SECRET} .admin
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[filter:versions]
use = egg:swift#versioned_writes
allow_object_versioning = true
[filter:symlink]
use = egg:swift#symlink
"""
_VERSIONS = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
_HASHES = """
[swift-hash]
swift_hash_path_prefix = a
swift_hash_path_suffix = b
[storage-policy:0]
name = one
default = yes
"""


def missing() -> str:
    """Return what this machine lacks; "" where the server can run."""
    packages = ("swift-account", "swift-container", "swift-object", "swift-proxy")
    absent = [name for name in packages if not Path(f"/usr/bin/{name}-server").exists()]
    return f"Debian packages {', '.join(absent)} are not here" if absent else ""


class ObjectStore:
    """The server; a context manager that starts and stops it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = [free_port() for _ in (*_KEEPERS, "proxy")]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.ports[-1]}"

    def environment(self, folder: str) -> dict[str, str]:
        """Return the platform's settings for a lake in a folder of the bucket."""
        return {
            "HAIDANG_LAKE_URL": f"s3://{BUCKET}/{folder}",
            "HAIDANG_S3_ENDPOINT": self.endpoint,
            "HAIDANG_S3_KEY_ID": KEY_ID,
            "HAIDANG_S3_SECRET": SECRET,
        }

    def files(self) -> Any:
        """Return the server's objects as a file system, beside the platform's own code."""
        from pyarrow import fs

        os.environ.setdefault("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required")
        return fs.S3FileSystem(
            access_key=KEY_ID, secret_key=SECRET, region="us-east-1", scheme="http",
            endpoint_override=self.endpoint.removeprefix("http://"), allow_bucket_creation=True,
        )  # fmt: skip

    def names(self, folder: str) -> set[str]:
        """Return the names of the Parquet objects below a folder of the bucket."""
        from pyarrow import fs

        below = fs.FileSelector(f"{BUCKET}/{folder}", recursive=True, allow_not_found=True)
        paths = (one.path for one in self.files().get_file_info(below) if one.is_file)
        return {path for path in paths if path.endswith(".parquet")}

    def make_bucket(self, name: str, *, versions: bool = False) -> None:
        """Make a bucket, which may keep old versions of its objects."""
        self.files().create_dir(name)
        if versions:
            host = self.endpoint.removeprefix("http://")
            account = Account(host, False, "us-east-1", KEY_ID, SECRET)
            headers = signed(account, "PUT", f"/{name}", "versioning=", _VERSIONS)
            url = f"{self.endpoint}/{name}?versioning="
            httpx.put(url, content=_VERSIONS, headers=headers).raise_for_status()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Let nobody answer for a while."""
        self._end()
        try:
            yield
        finally:
            self._begin()

    def _end(self) -> None:
        """End the server as a power failure would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _begin(self) -> None:
        """Start the server over what it has kept."""
        server = str(Path(__file__).with_name("object_server.py"))
        words = [str(self.folder), *map(str, self.ports)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["/usr/bin/python3", "-I", server, *words], stdout=log, stderr=log
            )
        until = time.monotonic() + 60
        while not _answers(self.ports[-1]):
            if time.monotonic() > until or self._process.poll() is not None:
                raise RuntimeError((self.folder / "log").read_text()[-2000:])
            time.sleep(0.05)

    def __enter__(self) -> Self:
        (self.folder / "devices" / "d").mkdir(parents=True)
        (self.folder / "swift.conf").write_text(_HASHES)
        common = _ALL.format(user=pwd.getpwuid(os.getuid()).pw_name, folder=self.folder)
        for name in (*_KEEPERS, "proxy"):
            own = _PROXY if name == "proxy" else _KEEPER.format(name=name)
            (self.folder / f"{name}.conf").write_text(common + own)
        self._begin()
        self.make_bucket(BUCKET)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._end()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
