"""Durable readings over HTTP: bulk against InfluxDB and VictoriaMetrics, small writes against
PostgreSQL and direct commits of DuckLake.

Every side gets the same points (bulk; as lines of the same bytes, ours also as Arrow) or the same
rows (small), and takes turns in one run. Ours answers after the journal's sync, InfluxDB after that
of its log (its default), PostgreSQL and DuckLake after a commit; VictoriaMetrics answers before a
sync. `bulk rows into the lake` says how fast rows become readable after the answer.
"""

import random
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

from bench import peers
from bench.peers import SMALL_ROWS
from bench.rows import Row
from bench.startup import listener, spent, tree
from haidang.project.processes.database import binaries
from tests.platform import Platform, free_port

SOURCE = "bench"
HOSTS, ROWS, FIELDS, REQUESTS, REPEATS = 1000, 10_000, 10, 8, 5
CLIENTS, SECONDS = 32, 4.0
_ARROW = "application/vnd.apache.arrow.stream"


def run() -> Iterator[Row]:
    """Run all comparisons on one platform."""
    port = free_port()
    with Platform(HAIDANG_READINGS_PORT=str(port)) as platform:
        key = str(platform.call("prepare", SOURCE, *(f"host_{n}" for n in range(HOSTS)))["key"])
        yield from _bulk(platform, key)
        yield from _small(platform, key, port)


def _bulk(platform: Platform, key: str) -> Iterator[Row]:
    headers = {"Authorization": f"Token {key}"}
    found: dict[str, list[float]] = {"lines": [], "arrow": [], "influx": [], "victoria": []}
    settling = []
    ours = partial(_rate, platform.port)
    with peers.Influx() as influx, peers.Victoria() as victoria:
        for turn in range(REPEATS):
            blocks = range(turn * REQUESTS, (turn + 1) * REQUESTS)
            bodies = [_lines(block) for block in blocks]
            found["lines"].append(ours(f"/api/v2/write?bucket={SOURCE}", headers, bodies))
            began = time.monotonic()
            platform.call("settle")
            settling.append(REQUESTS * ROWS * FIELDS / (time.monotonic() - began))
            streams = [_arrow(block) for block in blocks]
            path, kind = f"/api/v1/readings?source={SOURCE}", {"Content-Type": _ARROW}
            found["arrow"].append(ours(path, headers | kind, streams))
            platform.call("settle")
            if influx:
                found["influx"].append(_rate(influx, "/write?db=bench", {}, bodies))
            if victoria:
                found["victoria"].append(_rate(victoria, "/write", {}, bodies))
    for mine, name in (("lines", "bulk line protocol"), ("arrow", "bulk Arrow IPC")):
        yield _row(f"{name}, InfluxDB 1.6", found[mine], found["influx"], "points/s")
        yield _row(f"{name}, VictoriaMetrics", found[mine], found["victoria"], "points/s")
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
            if answer.status not in (202, 204):
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


def _arrow(turn: int) -> bytes:
    """Return a block of the same shape as an Arrow stream, a column per field; later moments."""
    import numpy as np
    import pyarrow as pa

    start = 1_800_000_000 - 10_000_000 + turn * ROWS // HOSTS * 10
    seconds = np.arange(ROWS) // HOSTS * 10 + start
    values = np.random.default_rng(turn).uniform(0, 100, (FIELDS, ROWS)).round(2)
    hosts = pa.array([f"host_{n}" for n in range(HOSTS)])
    device = pa.DictionaryArray.from_arrays(np.arange(ROWS, dtype=np.int32) % HOSTS, hosts)
    time = pa.array(seconds * 1_000_000, pa.timestamp("us", "UTC"))
    table = pa.table(
        {"device": device, "time": time, **{f"f{n}": values[n] for n in range(FIELDS)}}
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as out:
        out.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def _small(platform: Platform, key: str, port: int) -> Iterator[Row]:
    """Small writes at web's route and at intake's own port, in turns with the peers.

    Beside the rates: the processor that the answering processes spend on a request, which the load
    of the machine changes less.
    """
    if shutil.which("wrk") is None:
        print("WRK ABSENT: small writes are not measured; install Debian's wrk")
        return
    found: dict[str, list[float]] = {"web": [], "port": [], "inserts": [], "commits": []}
    costs: dict[str, list[float]] = {"web": [], "port": [], "inserts": []}
    intake, web = listener(port), listener(platform.port)

    with peers.Database() as folder:
        postgres = int((folder / "d" / "pg" / "postmaster.pid").read_text().split()[0])
        for turn in range(REPEATS):
            for side, pids, measured in (
                ("web", [web, intake], partial(_writes, platform, platform.port, key, 2 * turn)),
                ("port", [intake], partial(_writes, platform, port, key, 2 * turn + 1)),
                ("inserts", tree(postgres), partial(_inserts, folder)),
            ):
                before = sum(map(spent, pids))
                found[side].append(measured())
                took = sum(map(spent, pids)) - before
                costs[side].append(took * 1e6 / found[side][-1] / SECONDS)
            found["commits"].append(max(_commits(folder, clients) for clients in (1, 4, CLIENTS)))
    for mine, door in (("web", "web"), ("port", "intake's own port")):
        name = f"{CLIENTS} clients, {SMALL_ROWS} rows, {door}"
        yield _row(f"{name}, PostgreSQL", found[mine], found["inserts"], "requests/s")
        peer = f"{name}, DuckLake at 1, 4 or {CLIENTS}"
        yield _row(peer, found[mine], found["commits"], "requests/s")
        cost, its = statistics.median(costs[mine]), statistics.median(costs["inserts"])
        yield Row(f"processor, {door}, PostgreSQL", cost, its, its / cost, "µs/request")


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


def _writes(platform: Platform, port: int, key: str, turn: int) -> float:
    """Return requests per second of clients that wait for each answer, as wrk counts.

    A client in C, as pgbench is: one in Python took half the machine from what it measured.
    """
    script = platform.folder / "small.lua"
    start = 1_600_000_000 + turn * 100_000_000 // (2 * REPEATS)
    script.write_text(
        _SCRIPT.format(start=start, rows=SMALL_ROWS, hosts=HOSTS, source=SOURCE, key=key)
    )
    done = subprocess.run(
        ["wrk", "-c", str(CLIENTS), "-t", "2", "-d", f"{int(SECONDS)}s", "-s", str(script),
         f"http://127.0.0.1:{port}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise RuntimeError(done.stdout)
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("Requests/sec:"))
    return float(line.split()[1])


def _inserts(folder: Path) -> float:
    """Return commits per second that pgbench counts."""
    done = subprocess.run(
        [str(binaries() / "pgbench"), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2",
         "-T", str(int(SECONDS)), "-f", str(folder / "script.sql"), (folder / "url").read_text()],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("tps ="))
    return float(line.split()[2])


def _commits(folder: Path, clients: int) -> float:
    """Return DuckLake's own commits per second over the same PostgreSQL."""
    words = [(folder / "url").read_text(), str(folder / "lake"), str(clients), str(SECONDS / 2)]
    done = subprocess.run(
        [sys.executable, "-m", "bench.ducklake", *words], capture_output=True, text=True, check=True
    )
    return float(done.stdout.split()[-1])


def _row(name: str, ours: list[float], peer: list[float], unit: str) -> Row:
    mine = statistics.median(ours)
    its = statistics.median(peer) if peer else None
    spread = f"(ours {min(ours):,.0f} to {max(ours):,.0f})"
    return Row(name, mine, its, mine / its if its else None, unit, spread)
