"""A real SFTP server on this machine: pinned key, wrong passwords, files that change."""

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest

from haidang.data.ingest.actions import connections, pulling
from haidang.data.ingest.connectors import registry, values
from haidang.data.ingest.connectors.sftp import fetch
from haidang.data.ingest.errors import ConnectorError, RefusedAddressError, SettingsError
from haidang.data.ingest.models import Run
from haidang.data.ingest.rules.pulling import Schedule
from haidang.data.ingest.tests.conftest import HEAD
from haidang.data.ingest.tests.test_pulling import pulled
from haidang.foundation.core.audit import SYSTEM


class Server:
    """asyncssh's own server in a thread, over a folder."""

    def __init__(self, root: Path, mine: asyncssh.SSHKey) -> None:
        self.root, self.logins = root, []
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        self.loop = asyncio.new_event_loop()
        self.mine = mine
        started = threading.Event()
        self.thread = threading.Thread(target=self._run, args=[started], daemon=True)
        self.thread.start()
        assert started.wait(10)

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self.loop)
        logins, mine = self.logins, self.mine

        class Door(asyncssh.SSHServer):
            def begin_auth(self, username):
                return True

            def password_auth_supported(self):
                return True

            def validate_password(self, username, password):
                logins.append((username, password))
                return (username, password) == ("lan", "đúng")

            def public_key_auth_supported(self):
                return True

            def validate_public_key(self, username, key):
                return key == mine.convert_to_public()

        async def listen():
            root = str(self.root).encode()
            return await asyncssh.listen(
                "127.0.0.1", 0, server_factory=Door, server_host_keys=[self.key],
                sftp_factory=lambda chan: asyncssh.SFTPServer(chan, chroot=root),
            )  # fmt: skip

        self.listener = self.loop.run_until_complete(listen())
        self.port = self.listener.get_port()
        started.set()
        self.loop.run_forever()
        self.loop.close()

    def stop(self) -> None:
        async def end():
            self.listener.close()
            await self.listener.wait_closed()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
            await asyncio.sleep(0.05)

        asyncio.run_coroutine_threadsafe(end(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)


@pytest.fixture(scope="module")
def private_key() -> asyncssh.SSHKey:
    return asyncssh.generate_private_key("ssh-ed25519")


@pytest.fixture
def server(tmp_path, settings, private_key) -> Iterator[Server]:
    (tmp_path / "gui").mkdir()
    served = Server(tmp_path, private_key)
    settings.OUTSIDE_ADDRESSES = [f"127.0.0.1:{served.port}"]
    yield served
    served.stop()


def settings_for(server: Server, **more: object) -> dict[str, object]:
    return {
        "host": "127.0.0.1", "port": server.port, "user": "lan", "password": "đúng", "still": 0,
        "path": "/gui", "host_key": server.key.get_fingerprint(),
    } | more  # fmt: skip


def given(server: Server, **more: object) -> dict[str, object]:
    return values.cleaned(registry.kind("sftp"), settings_for(server, **more))


def reached(declared):
    with pulling.workroom(20) as room:
        return fetch.test(declared, room)


def drop(server: Server, name: str, content: str, age: float = 100) -> Path:
    file = server.root / "gui" / name
    file.write_text(content)
    os.utime(file, (time.time() - age,) * 2)
    return file


def test_the_first_trial_learns_the_key_without_signing_in_and_the_second_signs_in(server):
    drop(server, "a.csv", "x")
    first = reached(given(server, host_key=""))
    assert first.learned == {"host_key": server.key.get_fingerprint()}
    assert server.logins == []
    assert "1 tệp" in reached(given(server, **first.learned)).sentence


def test_another_key_than_the_confirmed_one_gets_no_password(server):
    other = asyncssh.generate_private_key("ssh-ed25519").get_fingerprint()
    with pytest.raises(ConnectorError, match="khác khóa đã ghim"):
        reached(given(server, host_key=other))
    assert server.logins == []
    with pulling.workroom(9) as room, pytest.raises(ConnectorError, match="Chưa ghim"):
        list(fetch.fetch(given(server, host_key=""), {}, room))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"password": "sai"}, "không nhận tài khoản"),
        ({"path": "/khong-co"}, "không có thư mục"),
        ({"private_key": "rác", "password": ""}, "Khóa riêng không đọc được"),
    ],
)
def test_what_goes_wrong_is_told(server, wrong, said):
    with pytest.raises(ConnectorError, match=said):
        reached(given(server, **wrong))


def test_it_signs_in_with_a_private_key(server, private_key):
    key = private_key.export_private_key().decode()
    assert "0 tệp" in reached(given(server, password="", private_key=key)).sentence


def test_an_address_that_is_not_listed_is_not_reached(server, settings):
    settings.OUTSIDE_ADDRESSES = []
    with pytest.raises(RefusedAddressError):
        reached(given(server))
    with pytest.raises(SettingsError):
        given(server, password="")


@pytest.mark.parametrize("after", ["keep", "move"])
def test_files_arrive_once_the_oldest_first(source, server, after):
    drop(server, "b.csv", HEAD + "25747;1/11/2026;1;;;\n", age=50)
    drop(server, "a.csv", HEAD + "25747;2/11/2026;2;;;\n", age=20)
    drop(server, "bad.csv", "a;b\n1;2\n", age=10)
    drop(server, "x.part", "nửa chừng")
    (server.root / "gui" / "link.csv").symlink_to("/etc/passwd")
    made = connections.create_connection(
        source=source, kind="sftp", title="SFTP", schedule=Schedule(), by=SYSTEM,
        settings=settings_for(server, after=after),
    )  # fmt: skip

    attempt = pulled(made.id)
    assert (attempt.outcome, attempt.items, attempt.refused) == ("partly", 3, 1)
    names = Run.objects.order_by("pk").values_list("file_name", flat=True)
    assert list(names) == ["b.csv", "a.csv", "bad.csv"]
    assert pulled(made.id).outcome == "nothing"
    left = {one.name for one in (server.root / "gui").iterdir() if one.suffix == ".csv"}
    assert left == ({"link.csv"} if after == "move" else {"a.csv", "b.csv", "bad.csv", "link.csv"})
    if after == "move":
        assert {one.name for one in (server.root / "gui/da-nap").iterdir()} == {"a.csv", "b.csv"}
        assert {one.name for one in (server.root / "gui/khong-nap-duoc").iterdir()} == {"bad.csv"}


def test_what_is_still_being_written_waits(server):
    drop(server, "now.csv", "x", age=5)
    drop(server, "then.csv", "x", age=300)
    drop(server, "2031.csv", "x", age=-5 * 365 * 86_400)
    with pulling.workroom(20) as room:
        pieces = fetch.fetch(
            given(server, still=60), {}, replace(room, deadline=room.deadline - 17)
        )
        assert [piece.name for piece in pieces] == ["then.csv", "2031.csv"]
