"""First start of the demo with its history, a restart, and what all processes weigh."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from bench.rows import Row
from tests.platform import Platform

SETTLE = float(os.environ.get("BENCH_SETTLE", "60"))


def run() -> Iterator[Row]:
    """Measure one demo from nothing; no browser is open."""
    platform = Platform(demo=True)
    first = platform.start(patience=300)
    try:
        yield Row("first start of the demo with its history", first, None, None, "s")
        platform.stop()
        restart = platform.start()
        time.sleep(SETTLE)
        pids = tree(platform.process.pid if platform.process else 0)
        yield Row("restart of the demo", restart, None, None, "s")
        yield Row("processes", len(pids), None, None, "")
        yield Row("memory of all (PSS)", sum(map(pss, pids)) / 1024, None, None, "MB")
    finally:
        platform.__exit__(None, None, None)


def tree(root: int) -> list[int]:
    """Return the process and all its descendants."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents.setdefault(int(stat.rsplit(")", 1)[1].split()[1]), []).append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += parents.get(pid, [])
    return found


def listener(port: int) -> int:
    """Return the process, of those started here, that holds a port's listening socket."""
    wanted = f":{port:04X} "
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    inodes = {
        line.split()[9] for line in lines if wanted in line[:24] + " " and line.split()[3] == "0A"
    }
    sockets = {f"socket:[{inode}]" for inode in inodes}
    return next(pid for pid in tree(os.getpid()) if sockets & _files(pid))


def _files(pid: int) -> set[str]:
    try:
        return {str(one.readlink()) for one in Path(f"/proc/{pid}/fd").iterdir()}
    except OSError:
        return set()


def spent(pid: int) -> float:
    """Return the seconds of processor that a process and its ended children have used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(one) for one in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def pss(pid: int) -> int:
    """Return the proportional set size of a process in KiB."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return int(next(line for line in rollup.splitlines() if line.startswith("Pss:")).split()[1])
