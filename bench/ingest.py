"""Durable readings over HTTP: bulk against Debian's InfluxDB, small writes against PostgreSQL.

Both sides get the same bytes (bulk) or the same rows (small), answer after a sync, and take turns
in one run. InfluxDB syncs its log before each answer by default; PostgreSQL at each commit. Ours
answers after the journal's sync; the last row says how fast rows become readable after that.
"""

import random
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

from bench.rows import Row
from haidang.project.processes.database import EmbeddedServer, binaries
from tests.platform import Platform, free_port

SOURCE = "bench"
HOSTS, ROWS, FIELDS, REQUESTS, REPEATS = 1000, 10_000, 10, 8, 5
CLIENTS, SMALL_ROWS, SECONDS = 32, 5, 4.0


def run() -> Iterator[Row]:
    """Run all comparisons on one platform."""
    with Platform() as platform:
        key = str(platform.call("prepare", SOURCE, *(f"host_{n}" for n in range(HOSTS)))["key"])
        yield from _bulk(platform, key)
        yield from _small(platform, key)


def _bulk(platform: Platform, key: str) -> Iterator[Row]:
    ours, peer, settling = [], [], []
    headers = {"Authorization": f"Token {key}"}
    with _influx() as port:
        for turn in range(REPEATS):
            bodies = [_lines(turn * REQUESTS + n) for n in range(REQUESTS)]
            path = f"/api/v2/write?bucket={SOURCE}"
            ours.append(_rate(platform.port, path, headers, bodies))
            began = time.monotonic()
            platform.call("settle")
            settling.append(REQUESTS * ROWS * FIELDS / (time.monotonic() - began))
            if port:
                peer.append(_rate(port, "/write?db=bench", {}, bodies))
    yield _row("bulk line protocol, InfluxDB 1.6", ours, peer, "points/s")
    yield _row("bulk rows into the lake after the answer", settling, [], "points/s")


def _rate(port: int, path: str, headers: dict[str, str], bodies: list[bytes]) -> float:
    """Return acknowledged points per second of two clients."""
    work = list(bodies)
    failures: list[str] = []

    def client() -> None:
        wire = HTTPConnection("127.0.0.1", port, timeout=120)
        while work:
            wire.request("POST", path, work.pop(), headers)
            answer = wire.getresponse()
            answer.read()
            if answer.status != 204:
                failures.append(f"{answer.status}")
        wire.close()

    threads = [threading.Thread(target=client) for _ in range(2)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - began
    if failures:
        raise RuntimeError(f"refused: {failures}")
    return len(bodies) * ROWS * FIELDS / took


def _lines(turn: int) -> bytes:
    """Return a block in the shape of TSBS's cpu: ten fields of a thousand hosts."""
    chance = random.Random(turn)
    start = 1_700_000_000 + turn * ROWS // HOSTS * 10
    return "\n".join(
        f"cpu,device=host_{n % HOSTS},region=eu-west-1,rack=67,os=Ubuntu16.10,arch=x86 "
        + ",".join(f"f{field}={chance.random() * 100:.2f}" for field in range(FIELDS))
        + f" {(start + n // HOSTS * 10) * 1_000_000_000}"
        for n in range(ROWS)
    ).encode()


class _influx:
    """InfluxDB on a free port with its own defaults; port 0 where it is not installed."""

    def __enter__(self) -> int:
        self._process = None
        program = shutil.which("influxd")
        if program is None:
            return 0
        self._folder = Path(tempfile.mkdtemp(prefix="hdi"))
        port, other = free_port(), free_port()
        config = self._folder / "influx.conf"
        config.write_text(
            f'reporting-disabled = true\nbind-address = "127.0.0.1:{other}"\n'
            f'[meta]\ndir = "{self._folder}/meta"\n'
            f'[data]\ndir = "{self._folder}/data"\nwal-dir = "{self._folder}/wal"\n'
            f'[http]\nbind-address = "127.0.0.1:{port}"\nlog-enabled = false\n'
            '[logging]\nlevel = "error"\n'
        )
        log = (self._folder / "log").open("wb")
        self._process = subprocess.Popen([program, "-config", str(config)], stdout=log, stderr=log)
        _until(lambda: _asked(f"http://127.0.0.1:{port}/ping"))
        urllib.request.urlopen(
            f"http://127.0.0.1:{port}/query?q=CREATE+DATABASE+bench", b""
        ).close()
        return port

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            shutil.rmtree(self._folder, ignore_errors=True)


def _asked(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except OSError:
        return False
    return True


def _until(true: Callable[[], bool], patience: float = 60.0) -> None:
    deadline = time.monotonic() + patience
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError("a peer does not start")
        time.sleep(0.05)


def _small(platform: Platform, key: str) -> Iterator[Row]:
    if shutil.which("wrk") is None:
        print("WRK ABSENT: small writes are not measured; install Debian's wrk")
        return
    ours, peer = [], []
    with _postgres() as folder:
        for turn in range(REPEATS):
            ours.append(_writes(platform, key, turn))
            peer.append(_inserts(folder))
    yield _row(f"{CLIENTS} clients, {SMALL_ROWS} rows, PostgreSQL", ours, peer, "requests/s")


# Every request writes its own moments, so that no row is a repeat of another.
_SCRIPT = """
local threads = 0
function setup(thread) thread:set("number", threads); threads = threads + 1 end
function init(args) moment = {start} + number * 10000000 end
function request()
  moment = moment + 1
  local lines = {{}}
  for n = 1, {rows} do
    local device = (number * {rows} + n) % {hosts}
    lines[n] = "cpu,device=host_" .. device .. " f0=1.5 " .. moment
  end
  return wrk.format("POST", "/api/v2/write?bucket={source}&precision=s",
    {{["Authorization"] = "Token {key}"}}, table.concat(lines, "\\n"))
end
"""


def _writes(platform: Platform, key: str, turn: int) -> float:
    """Return requests per second of clients that wait for each answer, as wrk counts.

    A client in C, as pgbench is: one in Python took half the machine from what it measured.
    """
    script = platform.folder / "small.lua"
    start = 1_600_000_000 + turn * 100_000_000 // REPEATS
    script.write_text(
        _SCRIPT.format(start=start, rows=SMALL_ROWS, hosts=HOSTS, source=SOURCE, key=key)
    )
    done = subprocess.run(
        ["wrk", "-c", str(CLIENTS), "-t", "2", "-d", f"{int(SECONDS)}s", "-s", str(script),
         platform.url],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise RuntimeError(done.stdout)
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("Requests/sec:"))
    return float(line.split()[1])


class _postgres:
    """A PostgreSQL of its own with its defaults, and the table that the rows go to."""

    def __enter__(self) -> Path:
        self._folder = Path(tempfile.mkdtemp(prefix="hdq"))
        self._folder.chmod(0o755)
        self._server = EmbeddedServer(self._folder / "d")
        self._server.create()
        self._process = self._server.start()
        self._server.ensure_database()
        import psycopg

        with psycopg.connect(self._server.url) as database:
            database.execute(
                "CREATE TABLE reading (device text, metric text, time timestamptz,"
                " value double precision, status text, unit text)"
            )
        (self._folder / "url").write_text(self._server.url)
        values = ", ".join(
            f"('host_{n}', 'f0', now(), 1.5, 'measuring', '25747')" for n in range(SMALL_ROWS)
        )
        (self._folder / "script.sql").write_text(f"INSERT INTO reading VALUES {values};\n")
        return self._folder

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def _inserts(folder: Path) -> float:
    """Return commits per second that pgbench counts."""
    done = subprocess.run(
        [str(binaries() / "pgbench"), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2",
         "-T", str(int(SECONDS)), "-f", str(folder / "script.sql"), (folder / "url").read_text()],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("tps ="))
    return float(line.split()[2])


def _row(name: str, ours: list[float], peer: list[float], unit: str) -> Row:
    mine = statistics.median(ours)
    its = statistics.median(peer) if peer else None
    spread = f"(ours {min(ours):,.0f} to {max(ours):,.0f})"
    return Row(name, mine, its, mine / its if its else None, unit, spread)
