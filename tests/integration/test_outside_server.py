"""The platform on a PostgreSQL of somebody else: Debian's 15, a role without special rights."""

import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import psycopg
import pytest

from haidang.project.processes.database import EmbeddedServer
from tests import sources
from tests.platform import Platform, free_port

pytestmark = pytest.mark.processes
DEBIAN = Path("/usr/lib/postgresql/15/bin")
ROLE = "ioc"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A throw-away cluster over TCP; its owner lends one database to an ordinary role."""
    if not (DEBIAN / "initdb").exists():
        pytest.skip(f"POSTGRESQL 15 ABSENT: {DEBIAN}; install Debian's postgresql-15 to try it")
    folder = Path(tempfile.mkdtemp(prefix="hdpg"))
    folder.chmod(0o755)  # as root the server runs as nobody
    server = EmbeddedServer(folder / "d", port=free_port(), programs=DEBIAN)
    server.create()
    process = server.start(listen_addresses="127.0.0.1", fsync="off")
    try:
        yield _lent(server)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _lent(server: EmbeddedServer) -> str:
    password = secrets.token_hex(12)
    owner = server.url.replace("/haidang?", "/postgres?")
    with psycopg.connect(owner, autocommit=True, host="127.0.0.1") as database:
        assert database.info.server_version // 10_000 == 15
        database.execute(f"CREATE ROLE {ROLE} LOGIN CREATEROLE PASSWORD '{password}'")
        database.execute(f"CREATE DATABASE {ROLE} OWNER {ROLE}")
    return f"postgresql://{ROLE}:{password}@127.0.0.1:{server.port}/{ROLE}"


def test_it_starts_loads_and_shows_on_postgresql_15(address: str) -> None:
    with Platform(HAIDANG_DATABASE_URL=address) as platform:
        made = platform.call("prepare", module="tests.sources")
        seen = httpx.get(f"{platform.url}/readyz", timeout=30)
        assert (seen.status_code, set(seen.json().values())) == (200, {True})
        assert "postgres" not in platform.children()

        with closing(sources.signed_in(platform.url, sources.STEWARD, made["password"])) as client:
            board = client.get("/console/")
            assert board.status_code == 200
            content = "Phường, xã;Ngày;Số ca;Ghi chú\n25747;01/11/2026;3;\n25747;02/11/2026;x;\n"
            receipt = sources.upload(client, "ca-benh-tuan", "tuan.csv", content.encode())
            assert receipt.url.path.startswith("/console/sources/runs/")
            assert "25747" in client.get("/console/sources/quarantine/").text
        rows = platform.call("rows", "ca-benh", str(platform.folder / "r"), module="tests.sources")
        assert rows == {"rows": 1}
