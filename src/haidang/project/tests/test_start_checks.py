"""What a start refuses, and the sentence it says."""

import os
import socket
from pathlib import Path

import pytest

from haidang import __version__
from haidang.project import options
from haidang.project.processes import checks, lock


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
    with pytest.raises(options.OptionError, match=r"HAIDANG_PORT='many'.*Port of pages"):
        options.read("HAIDANG_PORT")


def test_an_option_can_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("secret\n")
    monkeypatch.setenv("HAIDANG_SECRET_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.delenv("HAIDANG_SECRET_KEY", raising=False)
    assert options.read("HAIDANG_SECRET_KEY") == "secret"
