"""An approval names what was seen; a run waits while disk or database are away."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from haidang.data.pipelines import api as pipelines
from haidang.data.pipelines.actions import running
from haidang.data.pipelines.models import PipelineVersion
from haidang.data.pipelines.tests.conftest import SECOND, WHOLE, WRITER, approve, bring, make
from haidang.data.pipelines.tests.test_running import YEAR, sums
from haidang.data.warehouse import api as warehouse
from tests.world import World


def test_an_approval_is_of_the_text_that_was_seen(world: World) -> None:
    """The writer writes the draft over and tries it while the approver reads."""
    bring(("25747", "2026-01-05", 3))
    make(world)
    writer = world.scope(WRITER)

    def drafted(sql: str) -> PipelineVersion:
        text = pipelines.Text(sql=sql, inputs=["ca-benh"])
        pipelines.draft(pipeline="tong", text=text, by=writer, why="đổi")
        assert pipelines.try_version(pipeline="tong", by=writer).is_good
        return PipelineVersion.objects.get(state="tried")

    seen = drafted(WHOLE)
    drafted(WHOLE.replace("sum(so_ca)", "-sum(so_ca)"))
    with pytest.raises(pipelines.ChangedTextError, match="đã đổi"):
        pipelines.switch_on(
            pipeline="tong", by=world.scope(SECOND), reason="Đã xem", seal=seen.seal
        )
    assert drafted(WHOLE).seal == seen.seal
    approve(world)


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A disk of 64 KiB on which temporary files go."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(disk)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("MOUNTS FORBIDDEN: a full disk cannot be tried here")
    monkeypatch.setattr(tempfile, "tempdir", str(disk))
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_run_waits_while_the_disk_is_full(world: World, small_disk: Path) -> None:
    bring(("25747", "2026-01-05", 3))
    with tempfile.TemporaryDirectory(dir=small_disk.parent) as elsewhere:
        tempfile.tempdir = elsewhere
        make(world)
        tempfile.tempdir = str(small_disk)
    asked = pipelines.run_now(pipeline="tong", by=world.scope(WRITER), days=YEAR)
    (small_disk / "fill").write_bytes(bytes(1 << 16))
    for _ in range(2):
        with pytest.raises(Exception, match=r"[Nn]o space left"):
            pipelines.run(asked.pk)
    asked.refresh_from_db()
    assert asked.state == "running" and asked.batch is None
    assert [said for _at, said in asked.log][1:] == [running._WAITS]

    (small_disk / "fill").unlink()
    assert pipelines.run(asked.pk).state == "landed"
    assert sums() == {("25747", "2026-01"): 3}


def test_a_run_waits_while_the_database_of_the_lake_is_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(("25747", "2026-01-05", 3))
    make(world)
    asked = pipelines.run_now(pipeline="tong", by=world.scope(WRITER), days=YEAR)

    def away(batches: object) -> None:
        raise psycopg.OperationalError("server closed the connection")

    with monkeypatch.context() as wire:
        wire.setattr(warehouse, "commit", away)
        with pytest.raises(psycopg.OperationalError):
            pipelines.run(asked.pk)
    asked.refresh_from_db()
    assert asked.state == "running" and asked.batch is not None
    assert pipelines.run(asked.pk).state == "landed"
    assert sums() == {("25747", "2026-01"): 3}
