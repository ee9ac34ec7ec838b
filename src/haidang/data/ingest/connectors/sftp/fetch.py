"""Reading files of an SFTP server whose key a person confirmed."""

import asyncio
import contextlib
import functools
import hashlib
import posixpath
import stat
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import asyncssh

from haidang.data.ingest.connectors import outside, stillness
from haidang.data.ingest.connectors.folder.fetch import DONE, FAILED, is_wanted
from haidang.data.ingest.connectors.protocol import Cursor, Fetched, Reached, Room, Settings
from haidang.data.ingest.errors import ConnectorError

_REMEMBERED = 5000
_BLOCK = 256 << 10
Found = TypeVar("Found")
Run = Callable[[Awaitable[Found]], Found]


@dataclass(frozen=True)
class _File:
    name: str
    size: int
    changed: int

    @property
    def mark(self) -> str:
        said = f"{self.name}\0{self.size}\0{self.changed}"
        return hashlib.sha256(said.encode()).hexdigest()[:20]

    @property
    def changed_at(self) -> float:
        return float(self.changed)


def test(settings: Settings, room: Room) -> Reached:
    """Read the server's key at first; once it is confirmed, sign in and look into the folder."""
    if not settings["host_key"]:
        mark = _asked_key(settings, room)
        return Reached(
            f"Máy chủ có khóa {mark}. Đối chiếu xong, bấm “Thử kết nối” lần nữa để đăng nhập.",
            {"host_key": mark},
        )
    with _session(settings, room) as (run, sftp):
        files = run(_files(sftp, settings))
    return Reached(f"Đăng nhập được, thư mục có {len(files)} tệp khớp tên.", {})


def fetch(settings: Settings, cursor: Cursor, room: Room) -> Iterator[Fetched]:
    """Yield files that stood still and were not read as they are, the oldest first."""
    read = list(cursor.get("read", []))
    moves = settings["after"] == "move"
    with _session(settings, room) as (run, sftp):
        new = [one for one in run(_files(sftp, settings)) if one.mark not in read]
        for found in stillness.settled(
            new, lambda: run(_files(sftp, settings)), settings["still"] or 0, room
        ):
            copy = room.folder / "file"
            too_large = found.size > room.max_bytes
            if not too_large and not run(_copied(sftp, settings, found, copy)):
                continue
            read = [*read, found.mark][-_REMEMBERED:]
            yield Fetched(
                name=found.name,
                media="",
                content=b"" if too_large else copy,
                refused=f"lớn hơn {room.max_bytes >> 20} MB, chia nhỏ." if too_large else "",
                cursor_after={} if moves else {"read": read},
                key=f"{found.name}\0{found.mark}",
                settle=functools.partial(_settle, run, sftp, settings, found) if moves else None,
            )


@contextlib.contextmanager
def _session(settings: Settings, room: Room) -> Iterator[tuple[Run[Any], asyncssh.SFTPClient]]:
    """Sign in; give what runs a step within the time, and the client."""
    if not settings["host_key"]:
        raise ConnectorError("Chưa ghim khóa máy chủ. Mở phần khai và bấm “Thử kết nối”.")
    endpoint = outside.resolve(settings["host"], settings["port"])
    with asyncio.Runner() as runner, _failures_told(endpoint):

        def run(step: Awaitable[Found]) -> Found:
            return runner.run(_within(step, room.seconds))

        opened = run(_connected(settings, endpoint, outside.connect(endpoint, room.seconds)))
        try:
            yield run, run(opened.start_sftp_client())
        finally:
            opened.abort()
            runner.run(opened.wait_closed())


async def _within(step: Awaitable[Found], seconds: float) -> Found:
    return await asyncio.wait_for(step, seconds)


async def _connected(
    settings: Settings, endpoint: outside.Endpoint, sock: Any
) -> asyncssh.SSHClientConnection:
    wanted = settings["host_key"].strip()

    class Client(asyncssh.SSHClient):
        """Trusts the one confirmed key."""

        def validate_host_public_key(
            self, host: str, addr: str, port: int, key: asyncssh.SSHKey
        ) -> bool:
            return bool(key.get_fingerprint() == wanted)

    # Nothing of this machine's own SSH settings, keys or agent is used.
    return await asyncssh.connect(
        endpoint.host,
        endpoint.port,
        sock=sock,
        client_factory=Client,
        known_hosts=([], [], []),
        config=None,
        agent_path=None,
        username=settings["user"],
        password=settings.get("password") or None,
        client_keys=_keys(settings),
        connect_timeout=outside.CONNECT_SECONDS,
        login_timeout=outside.CONNECT_SECONDS,
    )


def _keys(settings: Settings) -> list[asyncssh.SSHKey] | None:
    if not settings.get("private_key"):
        return None
    try:
        return [asyncssh.import_private_key(settings["private_key"].strip() + "\n")]
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise ConnectorError(
            "Khóa riêng không đọc được. Dán toàn bộ tệp khóa OpenSSH không đặt mật khẩu."
        ) from error


def _asked_key(settings: Settings, room: Room) -> str:
    """Return the fingerprint of a server's key; nobody signs in."""
    endpoint = outside.resolve(settings["host"], settings["port"])
    sock = outside.connect(endpoint, room.seconds)
    with asyncio.Runner() as runner, _failures_told(endpoint):
        key = runner.run(
            _within(
                asyncssh.get_server_host_key(endpoint.host, endpoint.port, sock=sock, config=None),
                outside.CONNECT_SECONDS,
            )
        )
    if key is None:
        raise ConnectorError(f"{endpoint} không đưa ra khóa máy chủ.")
    return key.get_fingerprint()


async def _files(sftp: asyncssh.SFTPClient, settings: Settings) -> list[_File]:
    """Return the plain files of the folder; links are not followed."""
    found = []
    for entry in await sftp.readdir(settings["path"]):
        info, name = entry.attrs, str(entry.filename)
        if info.permissions is None or not stat.S_ISREG(info.permissions):
            continue
        if is_wanted(name, settings["pattern"]) and "/" not in name:
            found.append(_File(name, info.size or 0, info.mtime or 0))
    return sorted(found, key=lambda one: (one.changed, one.name))


async def _copied(sftp: asyncssh.SFTPClient, settings: Settings, found: _File, copy: Path) -> bool:
    """Copy a file; False where it was changed or taken away meanwhile."""
    path = posixpath.join(settings["path"], found.name)
    size = 0
    try:
        async with sftp.open(path, "rb", encoding=None) as opened:
            with copy.open("wb") as into:
                while block := await opened.read(_BLOCK):
                    size += len(block)
                    if size > found.size:
                        return False
                    into.write(block if isinstance(block, bytes) else block.encode())
        info = await sftp.lstat(path)
    except asyncssh.SFTPNoSuchFile:
        return False
    return size == found.size and (info.size, info.mtime) == (found.size, found.changed)


def _settle(
    run: Run[Any], sftp: asyncssh.SFTPClient, settings: Settings, found: _File, is_taken: bool
) -> None:
    run(_put_away(sftp, settings, found, DONE if is_taken else FAILED))


async def _put_away(
    sftp: asyncssh.SFTPClient, settings: Settings, found: _File, folder: str
) -> None:
    """Move a file that was read into a folder beside it."""
    target = posixpath.join(settings["path"], folder)
    await sftp.makedirs(target, exist_ok=True)
    wanted = posixpath.join(target, found.name)
    if await sftp.lexists(wanted):
        stem, dot, ending = found.name.partition(".")
        wanted = posixpath.join(target, f"{stem}-{found.mark[:8]}{dot}{ending}")
    with contextlib.suppress(asyncssh.SFTPNoSuchFile):
        await sftp.rename(posixpath.join(settings["path"], found.name), wanted)


@contextlib.contextmanager
def _failures_told(endpoint: outside.Endpoint) -> Iterator[None]:
    try:
        yield
    except asyncssh.HostKeyNotVerifiable as error:
        raise ConnectorError(
            f"Khóa của {endpoint} khác khóa đã ghim: máy chủ đã cài lại, hoặc có kẻ giả mạo. Hỏi "
            "người quản lý máy chủ; nếu đúng, xóa dấu vân tay trong phần khai rồi thử lại."
        ) from error
    except asyncssh.PermissionDenied as error:
        raise ConnectorError(
            f"{endpoint} không nhận tài khoản hoặc mật khẩu. Nhập lại trong phần khai."
        ) from error
    except asyncssh.SFTPNoSuchFile as error:
        raise ConnectorError("Máy chủ không có thư mục này. Kiểm tra lại đường dẫn.") from error
    except asyncssh.SFTPPermissionDenied as error:
        raise ConnectorError("Tài khoản không có quyền ở thư mục này.") from error
    except TimeoutError as error:
        raise ConnectorError(f"{endpoint} không trả lời trong thời gian cho phép.") from error
    except (asyncssh.Error, OSError) as error:
        raise ConnectorError(f"Mất kết nối với {endpoint}. Hệ thống sẽ thử lại.") from error
