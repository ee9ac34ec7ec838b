"""OpenSSH's own server: what provinces run, with its keys, its folders and its refusals."""

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from haidang.data.ingest.actions import connections, pulling
from haidang.data.ingest.connectors.sftp.tests.test_sftp import drop, given, reached, settings_for
from haidang.data.ingest.errors import ConnectorError
from haidang.data.ingest.models import Connection, Run
from haidang.data.ingest.rules.pulling import Schedule
from haidang.data.ingest.tests.conftest import HEAD
from haidang.data.ingest.tests.test_pulling import pulled
from haidang.foundation.core.audit import SYSTEM

SSHD = Path("/usr/sbin/sshd")
CONFIG = """
ListenAddress 127.0.0.1:{port}
HostKey {base}/host
AuthorizedKeysFile {base}/mine.pub
PidFile none
PasswordAuthentication no
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
LogLevel VERBOSE
Subsystem sftp internal-sftp
"""


class OpenSsh:
    """`sshd` as a child, with a configuration, a host key and a folder of its own."""

    def __init__(self, base: Path) -> None:
        self.base = self.root = base
        (base / "gui").mkdir()
        self.mine = asyncssh.generate_private_key("ssh-ed25519")
        self.mine.write_public_key(base / "mine.pub")
        with socket.socket() as spare:
            spare.bind(("127.0.0.1", 0))
            self.port = spare.getsockname()[1]
        (base / "conf").write_text(CONFIG.format(base=base, port=self.port))
        self.start()

    def start(self) -> None:
        """Serve under a new host key."""
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        self.key.write_private_key(self.base / "host")
        (self.base / "host").chmod(0o600)
        asked = [str(SSHD), "-D", "-f", str(self.base / "conf"), "-E", str(self.base / "log")]
        self.process = subprocess.Popen(asked, stderr=subprocess.DEVNULL)
        for _ in range(200):
            if self.process.poll() is not None:  # a caller's own end may hold the port for a moment
                self.process = subprocess.Popen(asked, stderr=subprocess.DEVNULL)
            if self._greets():
                return
            time.sleep(0.02)
        raise AssertionError(self.log)

    def _greets(self) -> bool:
        """Tell whether a server answers; a call to a port without one can reach itself."""
        address = ("127.0.0.1", self.port)
        with contextlib.suppress(OSError), socket.create_connection(address, timeout=1) as wire:
            return wire.recv(4) == b"SSH-"
        return False

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)

    @property
    def log(self) -> str:
        return (self.base / "log").read_text()

    @property
    def access(self) -> dict[str, object]:
        secret = self.mine.export_private_key().decode()
        path = str(self.root / "gui")
        return {"user": getpass.getuser(), "password": "", "private_key": secret, "path": path}


@pytest.fixture
def sshd(tmp_path, settings) -> Iterator[OpenSsh]:
    if not SSHD.exists():
        pytest.skip("SSHD ABSENT: tools/system-packages installs openssh-server")
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where it parts its privileges
    served = OpenSsh(tmp_path)
    settings.OUTSIDE_ADDRESSES = [f"127.0.0.1:{served.port}"]
    yield served
    served.stop()


def test_a_key_is_learned_confirmed_and_used_and_files_arrive_once(source, sshd):
    drop(sshd, "a.csv", HEAD + "25747;1/11/2026;1;;;\n", age=50)
    drop(sshd, "hỏng.csv", "a;b\n1;2\n", age=20)
    first = reached(given(sshd, **sshd.access, host_key=""))
    assert first.learned == {"host_key": sshd.key.get_fingerprint()}
    assert "Accepted" not in sshd.log, "nobody signed in to learn the key"
    assert "2 tệp" in reached(given(sshd, **sshd.access | first.learned)).sentence
    made = connections.create_connection(
        source=source, kind="sftp", title="OpenSSH", schedule=Schedule(), by=SYSTEM,
        settings=settings_for(sshd, **sshd.access, after="move"),
    )  # fmt: skip

    attempt = pulled(made.id)

    assert (attempt.outcome, attempt.items, attempt.refused) == ("partly", 2, 1), attempt.error
    assert Run.objects.get(file_name="a.csv").accepted == 1
    assert [one.name for one in (sshd.root / "gui/da-nap").iterdir()] == ["a.csv"]
    assert [one.name for one in (sshd.root / "gui/khong-nap-duoc").iterdir()] == ["hỏng.csv"]
    assert pulled(made.id).outcome == "nothing"


def test_a_changed_host_key_is_refused_until_a_person_confirms_the_new_one(source, sshd):
    drop(sshd, "a.csv", HEAD + "25747;1/11/2026;1;;;\n")
    made = connections.create_connection(
        source=source, kind="sftp", title="OpenSSH", schedule=Schedule(), by=SYSTEM,
        settings=settings_for(sshd, **sshd.access),
    )  # fmt: skip
    sshd.stop()
    sshd.start()

    attempt = pulled(made.id)

    assert attempt.outcome == "failed" and "khác khóa đã ghim" in attempt.error
    assert "Hỏi người quản lý máy chủ" in attempt.error and "Accepted" not in sshd.log
    assert not Run.objects.exists() and not Connection.objects.get().cursor
    assert "1 tệp" in reached(given(sshd, **sshd.access)).sentence, "the new key, confirmed"


def test_what_the_server_does_not_allow_is_told(sshd):
    stranger = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    for wrong, said in (
        ({"private_key": stranger}, "không nhận tài khoản"),
        ({"private_key": "", "password": "đúng"}, "không nhận tài khoản"),
        ({"path": str(sshd.root / "khong-co")}, "không có thư mục"),
    ):
        with pytest.raises(ConnectorError, match=said):
            reached(given(sshd, **sshd.access | wrong))
    shutil.rmtree(sshd.root / "gui")
    with pytest.raises(ConnectorError, match="không có thư mục"), pulling.workroom(20) as room:
        from haidang.data.ingest.connectors.sftp import fetch

        list(fetch.fetch(given(sshd, **sshd.access), {}, room))
