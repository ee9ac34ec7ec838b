"""Peers of the benchmarks, each started with its own defaults on a free port."""

import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from haidang.project.processes.database import EmbeddedServer
from tests.platform import free_port

SMALL_ROWS = 5


class Influx:
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
        until(lambda: asked(f"http://127.0.0.1:{port}/ping"))
        urllib.request.urlopen(
            f"http://127.0.0.1:{port}/query?q=CREATE+DATABASE+bench", b""
        ).close()
        return port

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            shutil.rmtree(self._folder, ignore_errors=True)


def asked(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except OSError:
        return False
    return True


def until(true: Callable[[], bool], patience: float = 60.0) -> None:
    deadline = time.monotonic() + patience
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError("a peer does not start")
        time.sleep(0.05)


class Victoria:
    """VictoriaMetrics on a free port, keeping a century; port 0 where it is not installed.

    It answers before a sync, as its documentation says.
    """

    def __enter__(self) -> int:
        self._process = None
        program = shutil.which("victoria-metrics")
        if program is None:
            return 0
        self._folder = Path(tempfile.mkdtemp(prefix="hdv"))
        port = free_port()
        log = (self._folder / "log").open("wb")
        self._process = subprocess.Popen(
            [program, f"-storageDataPath={self._folder}/data", "-retentionPeriod=100y",
             f"-httpListenAddr=127.0.0.1:{port}", "-loggerLevel=ERROR"],
            stdout=log, stderr=log,
        )  # fmt: skip
        until(lambda: asked(f"http://127.0.0.1:{port}/health"))
        return port

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            shutil.rmtree(self._folder, ignore_errors=True)


class Database:
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
