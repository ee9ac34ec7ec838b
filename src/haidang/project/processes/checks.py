"""What must hold before anything starts. Every failure is one sentence that says the mend."""

import errno
import os
import shutil
import socket
import time
from pathlib import Path

from haidang import __version__

_NEEDED_BYTES = 200 * 1024 * 1024
_OLDEST_SERVER = 15
_CONNECT_SECONDS = 10


class NotReadyError(RuntimeError):
    """The platform cannot start; the message says what is wrong and how to mend it."""


def folder_is_usable(folder: Path) -> None:
    """Raise NotReadyError unless the folder can be written, with room, by this version."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".probe"
        probe.write_bytes(b"x" * 4096)
        probe.unlink()
    except OSError as error:
        raise NotReadyError(_said(folder, error)) from error
    if shutil.disk_usage(folder).free < _NEEDED_BYTES:
        raise NotReadyError(
            f"Đĩa chứa {folder} còn dưới 200 MB; giải phóng dung lượng rồi chạy lại."
        )
    _version_fits(folder)


def _said(folder: Path, error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return f"Đĩa chứa {folder} đã đầy; giải phóng dung lượng rồi chạy lại."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"Không có quyền ghi vào {folder}; cấp quyền, hoặc chọn nơi khác bằng --data-dir."
    return f"Không dùng được {folder}: {error.strerror}."


def _version_fits(folder: Path) -> None:
    file = folder / "version"
    if not file.exists():
        file.write_text(__version__, encoding="ascii")
        return
    written = file.read_text(encoding="ascii").strip()
    if numbers(written) > numbers(__version__):
        raise NotReadyError(
            f"Dữ liệu ở {folder} thuộc phiên bản {written}, mới hơn chương trình ({__version__}); "
            "hãy chạy phiên bản đó hoặc mới hơn."
        )
    file.write_text(__version__, encoding="ascii")


def numbers(version: str) -> tuple[int, ...]:
    """Return a version's numbers, for comparing."""
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def port_is_free(host: str, port: int, option: str, patience: float = 0.0) -> None:
    """Raise NotReadyError unless the port can be bound; wait `patience` seconds for its release."""
    deadline = time.monotonic() + patience
    while True:
        try:
            with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
                probe.listen(1)
            return
        except OSError as error:
            if time.monotonic() < deadline and error.errno == errno.EADDRINUSE:
                time.sleep(0.1)
                continue
            raise NotReadyError(_port_said(host, port, option, error)) from error


def _port_said(host: str, port: int, option: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Cổng {port} đang được chương trình khác dùng; chọn cổng khác bằng {option}."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"Không có quyền mở cổng {port}; chọn cổng từ 1024 trở lên bằng {option}."
    return f"Không mở được {host}:{port}: {os.strerror(error.errno or 0)}."


def server_is_usable(url: str) -> None:
    """Raise NotReadyError unless an outside PostgreSQL answers, is new enough and lends rights.

    No sentence holds the password that stands in the address.
    """
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=_CONNECT_SECONDS) as server:
            version = server.info.server_version // 10_000
            found = server.execute("SELECT has_database_privilege(current_database(), 'CREATE')")
            may_create = bool((found.fetchone() or (False,))[0])
    except psycopg.ProgrammingError as error:
        raise NotReadyError(
            "HAIDANG_DATABASE_URL không đọc được; "
            "viết postgresql://tài_khoản:mật_khẩu@máy_chủ:cổng/cơ_sở_dữ_liệu."
        ) from error
    except psycopg.OperationalError as error:
        raise NotReadyError(_server_said(url, error)) from error
    if version < _OLDEST_SERVER:
        raise NotReadyError(
            f"Máy chủ PostgreSQL là phiên bản {version}, cần từ {_OLDEST_SERVER} trở lên; "
            "nâng cấp máy chủ, hoặc bỏ HAIDANG_DATABASE_URL để dùng máy chủ đi kèm."
        )
    if not may_create:
        raise NotReadyError(
            "Tài khoản PostgreSQL không có quyền tạo bảng trong cơ sở dữ liệu; "
            "cấp quyền CREATE rồi chạy lại."
        )


def _server_said(url: str, error: Exception) -> str:
    from psycopg.conninfo import conninfo_to_dict

    parts = conninfo_to_dict(url)
    place = f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}"
    said = str(error).strip().splitlines()[0].rpartition("failed: ")[2]
    return f"Không vào được PostgreSQL ở {place} ({said}); kiểm tra HAIDANG_DATABASE_URL."
