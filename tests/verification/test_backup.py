"""A backup of a platform under load, brought back into a new folder."""

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.platform import ROOT, Platform
from tests.verification import kill_intake
from tests.verification.kill_intake import Client

pytestmark = pytest.mark.processes


def haidang(platform: Platform, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "haidang.project.cli", *words],
        capture_output=True, text=True, cwd=ROOT, env=platform._environment(), check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def taken() -> Iterator[tuple[Platform, Path, set[tuple[str, int]], list[Client]]]:
    """A platform under load and its backup; what was acknowledged before the backup began."""
    with Platform() as platform:
        stop = threading.Event()
        clients = kill_intake.make_clients(platform, stop)
        threads = [threading.Thread(target=client.run, daemon=True) for client in clients]
        for thread in threads:
            thread.start()
        kill_intake._await_progress(clients, platform)
        noted = {
            (client.device, moment) for client in clients for moment in client.acknowledged.copy()
        }
        folder = platform.folder / "backup"
        done = haidang(platform, "backup", str(folder), "--data-dir", str(platform.folder / "d"))
        assert done.returncode == 0, done.stderr
        assert folder.stat().st_mode & 0o077 == 0
        kill_intake._await_progress(clients, platform)
        stop.set()
        for thread in threads:
            thread.join(90)
        for client in clients:
            client.close()
        yield platform, folder, noted, clients


def test_what_was_acknowledged_before_comes_back_once(taken) -> None:
    platform, folder, noted, _ = taken
    assert noted
    restored = Platform()
    done = haidang(restored, "restore", str(folder), "--data-dir", str(restored.folder / "d"))
    assert done.returncode == 0, done.stderr
    with restored:
        outcome = kill_intake._compare(restored, [], Counter())
        assert (outcome.doubled, outcome.wrong) == (0, 0)
        rows = json.loads((restored.folder / "readings.json").read_text())
        assert noted <= {(device, moment) for device, moment, _ in rows}
        checked = haidang(restored, "check", "--data-dir", str(restored.folder / "d"))
        assert checked.returncode == 0, checked.stdout
        restored.stop()
        again = platform.folder / "again"
        stopped = haidang(restored, "backup", str(again), "--data-dir", str(restored.folder / "d"))
        assert stopped.returncode == 0, stopped.stderr


def test_a_harmed_backup_is_refused_before_anything_is_written(taken, tmp_path) -> None:
    platform, folder, _, _ = taken
    harmed = tmp_path / "harmed"
    subprocess.run(["cp", "-r", str(folder), str(harmed)], check=True)
    file = next((harmed / "lake").rglob("*.parquet"))
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)

    done = haidang(platform, "restore", str(harmed), "--data-dir", str(platform.folder / "r"))

    assert done.returncode == 1
    assert file.name in done.stderr
    assert not (platform.folder / "r" / "lake").exists()


@pytest.mark.parametrize("word", ["backup", "restore"])
def test_neither_writes_over_what_is_there(taken, word: str) -> None:
    platform, folder, _, _ = taken
    done = haidang(platform, word, str(folder), "--data-dir", str(platform.folder / "d"))

    assert done.returncode == 1
    assert "không trống" in done.stderr
