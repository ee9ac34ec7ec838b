import hashlib
import io
import os
from pathlib import Path
from typing import Any

import pytest

from haidang.foundation.core import files
from haidang.foundation.core.models import StoredFile

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path / "files"


@pytest.mark.parametrize("content", [b"abc", io.BytesIO(b"abc"), [b"a", b"bc"]])
def test_a_file_is_kept_by_its_content(content: files.Content) -> None:
    row = files.store(content, name="số liệu.csv", media_type="text/csv")

    assert (row.sha256, row.size) == (hashlib.sha256(b"abc").hexdigest(), 3)
    assert files.path(row.sha256).read_bytes() == b"abc"
    with files.open_stored(row.sha256) as opened:
        assert opened.read() == b"abc"


def test_the_same_bytes_are_kept_once_under_their_first_name(folder: Path) -> None:
    files.store(b"abc", name="first.csv")
    again = files.store(b"abc", name="second.csv")

    assert again.name == "first.csv"
    assert StoredFile.objects.count() == 1
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 1


def test_bytes_and_folders_are_synced_before_the_row_exists(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    synced: list[str] = []
    real = os.fsync

    def watch(descriptor: int) -> None:
        assert not StoredFile.objects.exists()
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watch)

    sha256 = files.store(b"abc", name="a.csv").sha256

    assert "arriving-" in synced[0]
    first = folder / sha256[:2]
    assert set(synced[1:]) == {str(first / sha256[2:4]), str(first), str(folder)}


def test_a_file_over_the_limit_leaves_nothing_behind(folder: Path) -> None:
    with pytest.raises(files.FileTooLargeError):
        files.store([b"a" * 100, b"b" * 100], name="big.csv", max_bytes=150)

    assert not StoredFile.objects.exists()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("sha256", ["0" * 64, "../../etc/passwd", "", "G" * 64])
def test_a_file_that_is_not_there_is_said_to_be_missing(sha256: str) -> None:
    with pytest.raises(files.StoredFileMissingError):
        files.open_stored(sha256)
