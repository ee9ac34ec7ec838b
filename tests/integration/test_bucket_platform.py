"""The whole platform over a bucket: in by every door, an absent server, a backup and its return."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import objects, sources
from tests.platform import ROOT, Platform

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(bool(objects.missing()), reason=objects.missing()),
]
NOW = 1_795_000_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[objects.ObjectStore]:
    with objects.ObjectStore(tmp_path_factory.mktemp("swift") / "s") as running:
        yield running


def haidang(platform: Platform, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "haidang.project.cli", *words, "--data-dir",
         str(platform.folder / "d")],
        capture_output=True, text=True, cwd=ROOT, env=platform._environment(), check=False,
    )  # fmt: skip


def push(platform: Platform, key: str, first: int) -> None:
    """Send twenty readings, which are acknowledged."""
    pack = [{"n": "pm25", "t": NOW + first + n, "v": n} for n in range(20)]
    answer = httpx.post(
        f"{platform.url}/api/v1/readings?source=kk-http&device=KK-HTTP",
        json=pack, headers={"Authorization": f"Bearer {key}"}, timeout=30,
    )  # fmt: skip
    assert answer.status_code == 202, answer.text


def rows(platform: Platform, dataset: str, file: Path) -> list[dict[str, Any]]:
    platform.call("rows", dataset, str(file), module="tests.sources")
    found = json.loads(file.read_text())
    return sorted(found, key=lambda row: json.dumps(row))


def test_readings_over_an_absence_a_backup_and_its_return(
    server: objects.ObjectStore, tmp_path: Path
) -> None:
    file, backup = tmp_path / "rows.json", str(tmp_path / "backup")
    with Platform(**server.environment("tinh")) as platform:
        made = platform.call("prepare", module="tests.sources")
        push(platform, made["keys"][sources.STATION], 0)
        with server.away():
            push(platform, made["keys"][sources.STATION], 20)
        before = rows(platform, "quan-trac", file)
        assert len(before) == 40
        done = haidang(platform, "backup", backup)
        assert done.returncode == 0, done.stderr
        assert objects.SECRET not in platform.log()
    kept = [one for one in Path(backup).rglob("*") if one.is_file()]
    assert all(objects.SECRET.encode() not in one.read_bytes() for one in kept)
    restored = Platform(**server.environment("ve"))
    done = haidang(restored, "restore", backup)
    assert done.returncode == 0, done.stderr
    with restored:
        assert rows(restored, "quan-trac", file) == before
        checked = haidang(restored, "check")
        assert checked.returncode == 0, checked.stdout
    assert server.names("ve") >= {name.replace("tinh", "ve") for name in listed(kept, backup)}


def listed(kept: list[Path], backup: str) -> set[str]:
    """Return the objects that a backup has kept, as they were named."""
    names = (str(one.relative_to(backup)) for one in kept if one.suffix == ".parquet")
    return {f"{objects.BUCKET}/tinh/{name.removeprefix('lake/')}" for name in names}
