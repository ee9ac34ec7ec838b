"""PostgreSQL's own programs for copies of a database."""

import os
import subprocess
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from haidang.project.backups.manifest import BackupError
from haidang.project.processes import database


def dump(url: str, snapshot: str, target: Path) -> None:
    """Write the database as of an exported snapshot. Raises BackupError."""
    _run(url, "pg_dump", "--format=custom", "--compress=1", f"--snapshot={snapshot}",
         f"--file={target}")  # fmt: skip


def load(url: str, source: Path) -> None:
    """Fill an empty database. Raises BackupError, and then nothing of it is there.

    Owners and rights belong to the server that was: the platform gives them again at its start.
    """
    _run(url, "pg_restore", "--exit-on-error", "--single-transaction", "--no-owner",
         "--no-privileges", str(source))  # fmt: skip


def is_empty(url: str) -> bool:
    """Tell whether a database holds no table of anybody's."""
    with psycopg.connect(url) as raw:
        found = raw.execute(
            "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%'"
            " AND n.nspname <> 'information_schema'"
        ).fetchone()
    return found is not None and found[0] == 0


def _run(url: str, program: str, *words: str) -> None:
    # A program older than the server refuses it; one that is newer writes what it may not read.
    with psycopg.connect(url) as raw:
        major = raw.info.server_version // 10_000
    own = Path(f"/usr/lib/postgresql/{major}/bin")
    folder = own if (own / program).exists() else database.binaries()
    parts = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    # The list of processes is for everybody to read; the environment is not.
    environment = os.environ | {"PGPASSWORD": parts.pop("password", "")}
    done = subprocess.run(
        [str(folder / program), f"--dbname={make_conninfo(**parts)}", *words],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    if done.returncode:
        raise BackupError(f"{program}: {done.stderr.strip().splitlines()[-1]}")
