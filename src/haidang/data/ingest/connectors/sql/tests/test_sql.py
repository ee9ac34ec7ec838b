"""Real PostgreSQL and MariaDB servers, read by a statement that only reads."""

import contextlib
import os
import shutil
import socket
import socketserver
import subprocess
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pymysql
import pytest
from django.db import connection

from haidang.data.ingest.actions import connections, pulling
from haidang.data.ingest.connectors import registry, values
from haidang.data.ingest.connectors.sql import fetch, select
from haidang.data.ingest.errors import ConnectorError, SettingsError
from haidang.data.ingest.models import Run
from haidang.data.ingest.rules.pulling import Schedule
from haidang.data.ingest.tests.test_pulling import pulled
from haidang.foundation.core.audit import SYSTEM

MARIADB = Path("/usr/sbin/mariadbd")
CREATE = (
    "CREATE TABLE ca_benh (id bigint primary key, xa varchar(20), ngay date, so_ca int, "
    "ty_le decimal(12,4), sua timestamp NULL)"
)


class Side:
    """One engine: how to reach it, and how to write to it."""

    def __init__(self, settings: dict[str, object], run: Callable[[str], None]) -> None:
        self.settings, self.run = settings, run

    def fill(self, first: int, last: int) -> None:
        said = ", ".join(
            f"({n}, '25747', '2026-{n // 28 % 9 + 1:02}-{n % 28 + 1:02}', {n % 5000}, 1.5,"
            f" '2026-11-01 00:{n // 60 % 60:02}:{n % 60:02}')"
            for n in range(first, last + 1)
        )
        self.run(f"INSERT INTO ca_benh VALUES {said}")


@pytest.fixture(scope="module")
def mariadb() -> Iterator[tuple[int, str]]:
    if not MARIADB.exists():
        pytest.skip("MARIADB ABSENT: tools/system-packages installs mariadb-server-core")
    folder = Path(tempfile.mkdtemp(prefix="hdmy"))
    (folder / "d").mkdir()
    common = ["--no-defaults", f"--datadir={folder}/d"]
    common += ["--user=root"] if os.getuid() == 0 else []
    tables = ("mysql_system_tables.sql", "mysql_system_tables_data.sql")
    made = b"".join((Path("/usr/share/mysql") / name).read_bytes() for name in tables)
    subprocess.run(
        [str(MARIADB), *common, "--bootstrap"],
        input=b"create database mysql;\nuse mysql;\nset @auth_root_socket=NULL;\n" + made,
        check=True, capture_output=True,
    )  # fmt: skip
    with socket.socket() as spare:
        spare.bind(("127.0.0.1", 0))
        port = spare.getsockname()[1]
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [
            str(MARIADB), *common, f"--port={port}", "--bind-address=127.0.0.1",
            f"--socket={folder}/s", f"--pid-file={folder}/p", "--skip-name-resolve",
            "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M",
            "--character-set-server=utf8mb4",
        ],
        stdout=log, stderr=log,
    )  # fmt: skip
    yield port, f"{folder}/s"
    process.terminate()
    process.wait(20)
    log.close()
    shutil.rmtree(folder, ignore_errors=True)


def _mariadb_root(sock: str) -> "pymysql.Connection[pymysql.cursors.Cursor]":
    for _ in range(200):
        with contextlib.suppress(pymysql.err.OperationalError):
            return pymysql.connect(unix_socket=sock, user="root", autocommit=True)
        time.sleep(0.05)
    raise AssertionError("MariaDB did not start")


@pytest.fixture
def mysql_side(mariadb, settings) -> Iterator[Side]:
    port, sock = mariadb
    settings.OUTSIDE_ADDRESSES = [f"127.0.0.1:{port}"]
    with _mariadb_root(sock) as root, root.cursor() as cursor:
        for sql in (
            "DROP DATABASE IF EXISTS so", "CREATE DATABASE so", "USE so", CREATE,
            "CREATE OR REPLACE USER lan@'127.0.0.1' IDENTIFIED BY 'đúng'",
            "GRANT ALL ON so.* TO lan@'127.0.0.1'",
        ):  # fmt: skip
            cursor.execute(sql)
        yield Side({"engine": "mysql", "port": port, "database": "so"}, cursor.execute)


class _Carried(socketserver.BaseRequestHandler):
    """Carries bytes between a TCP port and the socket of the tests' own PostgreSQL."""

    path = ""

    def handle(self):
        with socket.socket(socket.AF_UNIX) as far:
            far.connect(self.path)
            threading.Thread(target=self._copy, args=(far, self.request), daemon=True).start()
            self._copy(self.request, far)

    def _copy(self, one, other):
        with contextlib.suppress(OSError):
            while block := one.recv(65536):
                other.sendall(block)
        with contextlib.suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def postgresql_side(db, settings) -> Iterator[Side]:
    """A database of its own on the real server of the tests, over TCP and with a password."""
    mine = {
        name: said
        for name, said in connection.get_connection_params().items()
        if name in {"host", "port", "user", "password"} and said
    }
    with psycopg.connect(**mine, dbname="postgres", autocommit=True) as root:
        for sql in (
            "DROP DATABASE IF EXISTS nguon WITH (FORCE)", "CREATE DATABASE nguon",
            "DROP ROLE IF EXISTS lan_nguon",
            "CREATE ROLE lan_nguon LOGIN SUPERUSER PASSWORD 'đúng'",
        ):  # fmt: skip
            root.execute(sql)
        path = f"{mine['host']}/.s.PGSQL.{root.info.port}"
    handler = type("Carried", (_Carried,), {"path": path})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as carrier:
        carrier.daemon_threads = True
        threading.Thread(target=carrier.serve_forever, args=(0.02,), daemon=True).start()
        port = carrier.server_address[1]
        settings.OUTSIDE_ADDRESSES = [f"127.0.0.1:{port}"]
        with psycopg.connect(**mine, dbname="nguon", autocommit=True) as own:
            own.execute(CREATE)
            said = {"engine": "postgresql", "port": port, "database": "nguon"}
            yield Side(said | {"user": "lan_nguon"}, own.execute)
        carrier.shutdown()
    with psycopg.connect(**mine, dbname="postgres", autocommit=True) as root:
        root.execute("DROP DATABASE nguon WITH (FORCE)")
        root.execute("DROP ROLE lan_nguon")


@pytest.fixture(params=["postgresql", "mysql"])
def side(request) -> Side:
    return request.getfixturevalue(f"{request.param}_side")


def settings_for(side: Side, **more: object) -> dict[str, object]:
    said = {"host": "127.0.0.1", "user": "lan", "password": "đúng", "table": "ca_benh"}
    return said | side.settings | more


def given(side: Side, **more: object) -> dict[str, object]:
    return values.cleaned(registry.kind("sql"), settings_for(side, **more))


def made(source: str, side: Side, **more: object) -> int:
    return connections.create_connection(
        source=source, kind="sql", title="CSDL", schedule=Schedule(), by=SYSTEM,
        settings=settings_for(side, **more),
    ).id  # fmt: skip


def accepted() -> int:
    return sum(Run.objects.values_list("accepted", flat=True))


def test_a_whole_table_is_a_snapshot(source, side):
    side.fill(1, 20)
    pk = made(source, side, columns="xa, ngay, so_ca, ty_le")
    with pulling.workroom(20) as room:
        assert "xa, ngay, so_ca, ty_le" in fetch.test(given(side), room).sentence.replace(
            "id, ", ""
        )
    assert pulled(pk).outcome == "done"
    assert (accepted(), pulled(pk).outcome) == (20, "nothing")
    side.run("UPDATE ca_benh SET so_ca = 7 WHERE id = 3")
    assert pulled(pk).outcome == "done"
    assert [run.revised for run in Run.objects.order_by("pk")] == [0, 1]


@pytest.mark.parametrize("key", [("number", "id"), ("time", "sua")])
def test_only_what_is_new_is_read_and_late_rows_within_the_overlap(source, side, key):
    side.fill(1, 20)
    how = {"increment": key[0], "key": key[1]}
    pk = made(source, side, overlap=2, **how)
    pulled(pk)
    assert accepted() == 20
    side.fill(21, 25)
    pulled(pk)
    newest = Run.objects.latest("pk")
    assert accepted() == 25
    assert newest.read == {"number": 8, "time": 25}[key[0]]
    assert pulled(pk).outcome in {"done", "nothing"}
    assert pulled(pk).outcome == "nothing"
    assert accepted() == 25


def test_pieces_follow_one_another_and_a_break_between_them_loses_nothing(
    source, side, monkeypatch
):
    monkeypatch.setattr(fetch, "_ROWS_IN_PIECE", 7)
    side.fill(1, 20)
    pk = made(source, side, increment="number", key="id")
    real = fetch._written
    left = [2]

    def breaks(*said, **more):
        left[0] -= 1
        if left[0] < 0:
            raise ConnectorError("đứt mạng")
        return real(*said, **more)

    with monkeypatch.context() as broken:
        broken.setattr(fetch, "_written", breaks)
        assert pulled(pk).outcome == "partly"
    assert accepted() == 14
    assert pulled(pk).outcome == "done"
    assert accepted() == 20


def test_nothing_can_be_written_even_by_a_user_who_may(source, side):
    side.fill(1, 1)
    declared = given(side) | {"query": "", "table": "ca_benh"}
    for sql in ("DELETE FROM ca_benh", "UPDATE ca_benh SET so_ca = 0"):
        with (
            pulling.workroom(20) as room,
            pytest.raises(ConnectorError),
            fetch.adapters.reading(declared, sql, None, room) as (_, rows),
        ):
            list(rows)
    with pulling.workroom(20) as room:
        assert len(list(fetch.fetch(declared, {}, room))) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"password": "sai"}, "Máy chủ báo"),
        ({"table": "khong_co"}, "Máy chủ báo"),
        ({"database": "khong_co"}, "Máy chủ báo"),
        ({"increment": "number", "key": "khong_co"}, "khong_co"),
    ],
)
def test_what_goes_wrong_is_told(side, wrong, said):
    with pulling.workroom(20) as room, pytest.raises(ConnectorError, match=said):
        fetch.test(given(side, **wrong), room)


def test_a_given_select_is_read(side):
    side.fill(1, 9)
    query = "SELECT id, xa AS \"xa\" FROM ca_benh WHERE xa LIKE '%47' AND id > 3"
    if side.settings["engine"] == "mysql":
        query = query.replace('"', "`")
    declared = given(side, table="", query=query, increment="number", key="id")
    with pulling.workroom(20) as room:
        pieces = fetch.fetch(declared, {"after": "8"}, room)
        found = [len(one.content.read_text().splitlines()) for one in pieces]
    assert found == [2]


def test_memory_stays_level_however_long_the_table(side, monkeypatch):
    monkeypatch.setattr(fetch, "_ROWS_IN_PIECE", 2000)
    for start in range(0, 20_000, 5_000):
        side.fill(start + 1, start + 5_000)
    declared = given(side, increment="number", key="id")
    peaks = []
    for after in ("18000", None):
        tracemalloc.start()
        with pulling.workroom(60) as room:
            rows = 0
            for piece in fetch.fetch(declared, {"after": after} if after else {}, room):
                rows += piece.content.read_bytes().count(b"\n")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert rows == 20_000
    assert peaks[1] < 2 * peaks[0] + (1 << 20)


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM a", "SELECT 1; SELECT 2", "SELECT * INTO b FROM a", "DROP TABLE a", "",
        "SELECT * FROM a FOR UPDATE", "SELECT pg_sleep(100)", "SELECT pg_read_file('/etc/passwd')",
        "SELECT lo_export(1, 'x.csv')", "COPY a TO 'x.csv'", "SET x = 1", "SELECT (",
        "WITH d AS (DELETE FROM a RETURNING *) SELECT * FROM d", "SELECT set_config('a','b',false)",
        "CALL f()", "SELECT nextval('s')", "SELECT load_file('/etc/passwd')", "SELECT sleep(100)",
        "SELECT benchmark(1e9, 1)", "SELECT dblink('host=x', 'select 1')", "EXPLAIN SELECT 1",
    ],
)  # fmt: skip
@pytest.mark.parametrize("engine", select.DIALECTS)
def test_a_statement_that_does_more_than_read_is_refused(query, engine):
    with pytest.raises(ConnectorError):
        select.checked(query, engine)


@pytest.mark.parametrize("engine", select.DIALECTS)
def test_names_are_quoted_and_only_names(engine):
    with pytest.raises(SettingsError) as caught:
        values.cleaned(
            registry.kind("sql"),
            {
                "engine": engine,
                "host": "a",
                "database": "d",
                "user": "u",
                "table": "a; DROP TABLE b",
            },
        )
    assert "table" in caught.value.faults
    declared = {
        "engine": engine, "table": "y_te.ca_benh", "columns": "xa, ngay", "query": "",
        "increment": "number", "key": "id",
    }  # fmt: skip
    sql = select.statement(declared, is_after=True)
    assert sql.count("ca_benh") == 1 and ":after" in sql and "ORDER BY" in sql
