"""The commit door under kill -9, many processes, and a tracer."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from haidang.data.warehouse.engine import control, instances
from tests.verification import door_crash
from tests.verification.committer import DATASET, OWN, SHARED

pytestmark = [pytest.mark.processes, pytest.mark.usefixtures("children_see_the_test_database")]


def test_killed_committers_lose_and_double_nothing() -> None:
    counts = door_crash.run(kills=4, batches=12)

    assert counts.kills >= 4
    assert (counts.missing, counts.doubled, counts.files_missing) == (0, 0, 0)
    assert counts.events == counts.batches == 12
    assert counts.rows == counts.distinct == counts.accepted == 12 * OWN + SHARED


def test_committers_of_the_same_rows_at_once_insert_them_once() -> None:
    children = [door_crash._start(1, 20) for _ in range(3)]

    assert [child.wait(120) for child in children] == [0, 0, 0]
    counts = door_crash._count(0, 20)
    assert (counts.missing, counts.doubled) == (0, 0)
    assert counts.rows == 20 * OWN + SHARED


COMPACT = f"""
import django
django.setup()
from haidang.data.warehouse import api as warehouse
warehouse.compact({DATASET!r})
"""


def test_files_and_folders_are_synced_before_their_commit(tmp_path: Path) -> None:
    landing = _traced(tmp_path / "landing", "-m", "tests.verification.committer", "1", "6")
    landed = _files_of_the_catalogue()
    merging = _traced(tmp_path / "merging", "-c", COMPACT)
    merged = _files_of_the_catalogue() - landed

    assert len(landed) >= 3
    for file in landed:
        _assert_synced_before_commit(landing, file)
    assert merged
    for file in merged:
        _assert_synced_before_commit(merging, file)


def _traced(log: Path, *command: str) -> list[str]:
    """Run Python under strace; return what it synced and sent, a line each."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed: the order of syncs is NOT verified here")
    subprocess.run(
        ["strace", "-f", "-y", "-s", "65535", "-e", "trace=fsync,fdatasync,sendto",
         "-o", str(log), sys.executable, *command],
        check=True, stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(["src", "."])},
    )  # fmt: skip
    return log.read_text(errors="replace").splitlines()


def _files_of_the_catalogue() -> set[str]:
    table = DATASET.replace("-", "_")
    with instances.reading() as cursor:
        return {
            row[0]
            for suffix in ("", "__revisions", "__repeats")
            for row in cursor.execute(
                f"FROM ducklake_list_files('lake', '{table}{suffix}')"
            ).fetchall()
        }


def _assert_synced_before_commit(lines: list[str], file: str) -> None:
    name, folder = os.path.basename(file), os.path.dirname(file)
    file_synced = _first(lines, rf"f(data)?sync\(\d+<[^>]*{re.escape(name)}>")
    named = _first(lines, rf"sendto\(.*{re.escape(name)}")
    folder_synced = _first(lines, rf"fsync\(\d+<{re.escape(folder)}>", after=file_synced)
    assert file_synced < folder_synced < named, file


def _first(lines: list[str], pattern: str, after: int = -1) -> int:
    found = re.compile(pattern)
    for number, line in enumerate(lines):
        if number > after and found.search(line):
            return number
    raise AssertionError(f"no line matches {pattern}")


def _as_reader() -> "psycopg.Connection[tuple[object, ...]]":
    parts = instances.database_parts()
    parts |= {"user": instances.reader_role(), "password": instances.reader_password()}
    return psycopg.connect(make_conninfo(**parts), autocommit=True)


@pytest.mark.parametrize(
    "table", ["access_account", "core_auditentry", "warehouse_landed", "procrastinate_jobs"]
)
def test_the_readers_role_sees_the_lake_alone(table: str) -> None:
    with _as_reader() as raw:
        raw.execute("SELECT count(*) FROM lake.ducklake_snapshot")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            raw.execute(f"SELECT * FROM {table}")


def test_the_readers_role_changes_nothing() -> None:
    with _as_reader() as raw, pytest.raises(psycopg.errors.InsufficientPrivilege):
        raw.execute("DELETE FROM lake.ducklake_data_file")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM glob('/*')",
        "COPY (SELECT 1) TO 'haidang-out.csv'",
        "SET enable_external_access = true",
        "CREATE TABLE lake.x (a INTEGER)",
    ],
)
def test_no_query_leaves_the_lake(query: str) -> None:
    import duckdb

    control.prepare()
    with instances.reading() as cursor, pytest.raises(duckdb.Error):
        cursor.execute(query)


def test_attaching_the_database_again_shows_no_more() -> None:
    import duckdb

    with instances.reading() as cursor, pytest.raises(duckdb.Error):
        cursor.execute(
            f"ATTACH '{make_conninfo(**instances.database_parts())}' AS all_of_it (TYPE postgres)"
        )
