"""A watched folder of real files: read once, when they stand still, never outside."""

import os
import time
from pathlib import Path

import pytest

from haidang.data.ingest.actions import pulling
from haidang.data.ingest.connectors import registry, values
from haidang.data.ingest.connectors.folder import fetch
from haidang.data.ingest.errors import ConnectorError


@pytest.fixture
def root(tmp_path, settings) -> Path:
    settings.WATCHED_FOLDERS = [tmp_path]
    folder = tmp_path / "y-te"
    folder.mkdir()
    return folder


def given(folder: Path, **more: object) -> dict[str, object]:
    return values.cleaned(registry.kind("folder"), {"path": str(folder), "still": 0} | more)


def drop(folder: Path, name: str, content: str = "x", age: float = 100) -> Path:
    file = folder / name
    file.write_text(content)
    os.utime(file, (time.time() - age,) * 2)
    return file


def read(declared, cursor=None, settle=True) -> tuple[list[tuple[str, str]], dict]:
    found, last = [], cursor or {}
    with pulling.workroom(60) as room:
        for piece in fetch.fetch(declared, last, room):
            found.append((piece.name, piece.content.read_text()))
            last = dict(piece.cursor_after)
            if settle and piece.settle:
                piece.settle(piece.content.read_text() != "bad")
    return found, last


def test_files_are_read_oldest_first_and_moved_by_what_became_of_them(root):
    drop(root, "b.csv", "2", age=50)
    drop(root, "a.csv", "1", age=20)
    drop(root, "c.csv", "bad", age=10)

    assert read(given(root))[0] == [("b.csv", "2"), ("a.csv", "1"), ("c.csv", "bad")]
    assert sorted(one.name for one in (root / fetch.DONE).iterdir()) == ["a.csv", "b.csv"]
    assert [one.name for one in (root / fetch.FAILED).iterdir()] == ["c.csv"]
    assert read(given(root))[0] == []


def test_a_file_of_a_known_name_is_another_file_and_both_are_kept(root):
    drop(root, "a.csv", "1")
    read(given(root))
    drop(root, "a.csv", "2")
    assert read(given(root))[0] == [("a.csv", "2")]
    assert len(list((root / fetch.DONE).iterdir())) == 2


def test_kept_files_are_remembered_and_read_again_only_when_changed(root):
    file = drop(root, "a.csv", "1", age=90)
    declared = given(root, after="keep")
    found, cursor = read(declared)
    assert found and read(declared, cursor)[0] == []
    drop(root, "a.csv", "22", age=5)
    assert read(declared, cursor)[0] == [("a.csv", "22")]
    assert file.exists()


def test_a_file_dated_ahead_of_our_clock_is_looked_at_twice_and_not_left_for_years(
    root, monkeypatch
):
    """Its sender's clock is wrong, or ours was set back after it was written."""
    for name, age in (("then.csv", 30), ("2031.csv", -5 * 365 * 86_400), ("soon.csv", -600)):
        drop(root, name, age=age)
    waited = []

    def meanwhile(seconds: float) -> None:
        waited.append(seconds)
        drop(root, "soon.csv", "xy", age=-601)

    monkeypatch.setattr("haidang.data.ingest.connectors.stillness.time.sleep", meanwhile)
    read_now = [name for name, _ in read(given(root, still=10))[0]]
    assert (read_now, waited) == (["then.csv", "2031.csv"], [10])
    assert [name for name, _ in read(given(root))[0]] == ["soon.csv"]


def test_what_is_still_being_written_waits(root):
    drop(root, "now.csv", age=3)
    drop(root, "then.csv", age=30)
    for name in (".hidden", "x.part", "x.tmp", "sổ.csv~"):
        drop(root, name)
    assert [name for name, _ in read(given(root, still=10))[0]] == ["then.csv"]


def test_a_file_that_changes_between_two_looks_is_left_for_the_next_time(root, monkeypatch):
    file = drop(root, "a.csv", "1")
    real = fetch.shutil.copyfileobj

    def slow(opened, into):
        real(opened, into)
        file.write_text("1 and more")

    with monkeypatch.context() as writing:
        writing.setattr(fetch.shutil, "copyfileobj", slow)
        assert read(given(root))[0] == []
    assert read(given(root))[0] == [("a.csv", "1 and more")]


@pytest.mark.parametrize("path", ["..", "/etc", "link", "missing", "y-te2"])
def test_it_never_leaves_the_permitted_folders(root, path):
    (root / "link").symlink_to("/etc")
    with pytest.raises(ConnectorError):
        read(given(root / path if path != ".." else root.parent.parent))


def test_links_folders_and_pipes_are_no_files(root):
    drop(root, "a.csv")
    (root / "secret.csv").symlink_to("/etc/passwd")
    (root / "folder.csv").mkdir()
    os.mkfifo(root / "pipe.csv")
    assert [name for name, _ in read(given(root, pattern="*.csv"))[0]] == ["a.csv"]


def test_a_trial_counts_and_changes_nothing(root):
    drop(root, "a.csv")
    drop(root, "b.txt")
    with pulling.workroom(60) as room:
        said = fetch.test(given(root, pattern="*.csv"), room).sentence
    assert "1 tệp" in said
    assert len(list(root.iterdir())) == 2
