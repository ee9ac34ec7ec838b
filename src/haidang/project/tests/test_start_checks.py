"""What a start refuses, and the sentence it says."""

import os
import socket
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from psycopg.conninfo import make_conninfo

from haidang import __version__
from haidang.project import loading, options
from haidang.project.processes import checks, database, lock


def test_a_taken_port_is_named_with_the_option_that_mends_it() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen(1)
        port = holder.getsockname()[1]
        with pytest.raises(checks.NotReadyError, match=rf"Cổng {port}.*--port"):
            checks.port_is_free("127.0.0.1", port, "--port")


def test_data_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "version").write_text("99.0.0")
    with pytest.raises(checks.NotReadyError, match=r"99\.0\.0"):
        checks.folder_is_usable(tmp_path)
    assert (tmp_path / "version").read_text() == "99.0.0"


def test_a_usable_folder_is_marked_with_this_version(tmp_path: Path) -> None:
    checks.folder_is_usable(tmp_path / "new")
    assert (tmp_path / "new" / "version").read_text() == __version__


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("usage", (), {"free": 1})
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(checks.NotReadyError, match="200 MB"):
        checks.folder_is_usable(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(checks.NotReadyError, match="Không có quyền"):
        checks.folder_is_usable(tmp_path / "inner")


def test_a_second_supervisor_is_refused_with_the_first_ones_number(tmp_path: Path) -> None:
    held = lock.hold(tmp_path)
    with pytest.raises(lock.AlreadyRunningError, match=str(os.getpid())):
        lock.hold(tmp_path)
    os.close(held)
    os.close(lock.hold(tmp_path))


def test_an_unreadable_option_says_how_to_set_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAIDANG_PORT", "many")
    with pytest.raises(options.OptionError, match=r"HAIDANG_PORT='many': ghi một số"):
        options.read("HAIDANG_PORT")


def test_an_option_can_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("secret\n")
    monkeypatch.setenv("HAIDANG_SECRET_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.delenv("HAIDANG_SECRET_KEY", raising=False)
    assert options.read("HAIDANG_SECRET_KEY") == "secret"


@pytest.mark.parametrize("port", ["-1", "65536", "99999"])
def test_a_port_that_cannot_be_says_what_can(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("HAIDANG_PORT", port)
    with pytest.raises(options.OptionError, match=r"ghi một số từ 0 đến 65535"):
        options.read("HAIDANG_PORT")


@pytest.mark.parametrize(
    ("name", "value", "mend"),
    [
        ("HAIDANG_DEBUG", "maybe", "ghi 1 hoặc 0"),
        ("HAIDANG_LAKE_THREADS", "-2", "ghi một số nguyên không âm"),
        ("HAIDANG_LAKE_MEMORY_MB", "1.5 GB", "ghi một số nguyên không âm"),
        ("HAIDANG_SMTP_URL", "http://mail", "ghi smtp://"),
        ("HAIDANG_SMTP_URL", "smtp://ioc:geheim@mail:many", "ghi smtp://"),
        ("HAIDANG_SMTP_URL", "smtp://ioc:geheim@[::1", "ghi smtp://"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_mend_and_without_its_password(
    name: str, value: str, mend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(options.OptionError, match=f"Không đọc được {name}.*{mend}") as said:
        options.read(name)
    assert "geheim" not in str(said.value)


def test_an_option_s_missing_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAIDANG_SECRET_KEY_FILE", "/nowhere/key")
    monkeypatch.delenv("HAIDANG_SECRET_KEY", raising=False)
    with pytest.raises(options.OptionError, match=r"KEY_FILE='/nowhere/key': không có tệp này"):
        options.read("HAIDANG_SECRET_KEY")


def test_an_outside_server_that_does_not_answer_is_named_without_its_password() -> None:
    with socket.socket() as holder:  # bound, but nobody listens
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
        with pytest.raises(checks.NotReadyError, match=rf"127.0.0.1:{port}.*DATABASE_URL") as said:
            checks.server_is_usable(f"postgresql://ioc:geheim@127.0.0.1:{port}/ioc")
    assert "geheim" not in str(said.value)


def test_an_address_that_is_none_is_said_without_its_password() -> None:
    with pytest.raises(checks.NotReadyError, match="không đọc được") as said:
        checks.server_is_usable("postgresql://ioc:geheim@[::1")
    assert "geheim" not in str(said.value)


@pytest.mark.django_db
def test_an_outside_server_must_be_new_enough_and_lend_rights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = settings.DATABASES["default"]
    address = make_conninfo(
        host=url["HOST"], port=url["PORT"], user=url["USER"], password=url["PASSWORD"],
        dbname=connection.settings_dict["NAME"],
    )  # fmt: skip
    checks.server_is_usable(address)
    monkeypatch.setattr(checks, "_OLDEST_SERVER", 99)
    with pytest.raises(checks.NotReadyError, match="cần từ 99 trở lên"):
        checks.server_is_usable(address)


def test_data_of_another_postgresql_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pg").mkdir()
    (tmp_path / "pg" / "PG_VERSION").write_text("9\n")
    with pytest.raises(database.DatabaseError, match=r"thuộc PostgreSQL 9, máy này có \d+"):
        database.EmbeddedServer(tmp_path).create()


def test_a_path_too_long_for_a_socket_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(database.DatabaseError, match=r"dài quá .* byte.*--data-dir"):
        database.EmbeddedServer(tmp_path / ("x" * 110)).create()


def test_a_load_without_the_platform_says_to_start_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def refuse(**asked: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(loading.ingest, "load_file", refuse)
    assert loading.load(tmp_path / "x.csv", "x", None, None) == 1
    assert "haidang up" in capsys.readouterr().err
