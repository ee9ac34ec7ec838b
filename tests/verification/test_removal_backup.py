"""A backup made before a removal: restored it does not bring the data back, purged it has none."""

import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.conf import settings
from psycopg.conninfo import make_conninfo

from haidang.data.ingest.actions.removal import originals
from haidang.data.protection import api as protection
from haidang.data.warehouse import api as warehouse
from haidang.data.warehouse.engine import instances
from haidang.foundation.core.testing import run_jobs
from haidang.project.backups import taking
from haidang.project.processes import database
from tests.integration.test_removal import (  # noqa: F401  fixtures
    HEAD,
    OTHER,
    SECRETS,
    WAITS,
    ZUNG,
    _no_ledger,
    ask,
    load,
    people,
)
from tests.platform import ROOT
from tests.world import World, build_world


@pytest.fixture
def world(transactional_db: None) -> World:
    return build_world()


def haidang(*words: str) -> "subprocess.CompletedProcess[str]":
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("HAIDANG_DATABASE_URL", "HAIDANG_DATA_DIR", "DJANGO_SETTINGS_MODULE")
    }
    return subprocess.run(
        [sys.executable, "-m", "haidang.project.cli", *words], capture_output=True, text=True,
        cwd=ROOT, env=environment | {"PYTHONPATH": str(ROOT / "src")}, check=False,
    )  # fmt: skip


def holding(folder: Path, word: str) -> list[str]:
    """Every file below a folder that holds a word: packed columns and the dump opened."""
    return [str(path) for path in folder.rglob("*") if path.is_file() and word in _text(path)]


def _text(path: Path) -> str:
    data = path.read_bytes()
    if path.suffix == ".parquet":
        return str(pq.read_table(path).to_pylist()) + str(pq.ParquetFile(path).metadata.to_dict())
    if path.suffix == ".dump":
        opened = subprocess.run(
            [str(database.binaries() / "pg_restore"), "--file=-", str(path)],
            capture_output=True, check=True,
        )  # fmt: skip
        data = opened.stdout
    if data[:4] == b"PK\x03\x04":
        return str(list(originals._of_book(path)))
    return data.decode("utf-8", "replace")


def test_a_restore_replays_tombstones_and_purge_rewrites_the_copy(
    people: World,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    load(HEAD + ZUNG + OTHER + WAITS)
    url = make_conninfo(**instances.database_parts())
    backup = tmp_path / "b"
    taking.take(Path(settings.DATA_DIR), backup, url)
    assert all(holding(backup, word) for word in SECRETS)

    asked = ask(people, protection.person("identity", "074099000111"))
    protection.approve(removal=asked.pk, by=people.scope("giamdoc.stnmt"))
    run_jobs()
    warehouse.close()

    restored = haidang("restore", str(backup), "--data-dir", str(tmp_path / "r"))
    assert restored.returncode == 0, restored.stderr
    assert "1 hồ sơ xóa" in restored.stdout
    for word in SECRETS:
        for part in ("lake", "files", "journal", "removals"):
            assert holding(tmp_path / "r" / part, word) == [], (part, word)
    assert not (tmp_path / "r" / "removals" / "replay").exists()
    assert holding(tmp_path / "r" / "lake", "074099000222")

    purged = haidang("backup", "purge", str(backup), "--data-dir", str(tmp_path / "nowhere"))
    assert purged.returncode == 0, purged.stderr
    assert all(holding(backup, word) == [] for word in SECRETS)
    assert holding(backup, "074099000222")
