"""Intake and the hot way of web as real processes, and a small world of sources for them.

`python -m tests.telemetry prepare SOURCE DEVICE…` prepares the world in the environment's database
and prints its API key; `dump FILE` writes the rows of the lake. `application` is the web process's
hot routes alone.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[1]
FOREIGN = "khac"
METRICS = ("pm25", "pm10", "temperature", "humidity", *(f"f{n}" for n in range(10)))


def prepare() -> str:
    """Make units, the dataset of readings and an account of a device; return its API key."""
    import datetime

    from haidang.data.catalogue import api as catalogue
    from haidang.data.warehouse import api as warehouse
    from haidang.foundation.access import api as access
    from haidang.foundation.core.audit import SYSTEM
    from haidang.foundation.org import api as org

    start = datetime.date(2020, 1, 1)
    rows = [
        org.UnitRow("74", "Tỉnh Bình Dương", "Bình Dương", "province", "ubnd"),
        org.UnitRow("25747", "Phường Phú Cường", "Phú Cường", "commune", "ubnd", "74"),
        org.UnitRow("25942", "Phường Dĩ An", "Dĩ An", "commune", "ubnd", "74"),
    ]
    for row in rows:
        if row.code not in org.codes():
            org.import_units([row], on=start, by=SYSTEM)
    contract = catalogue.define(
        dataset=catalogue.READINGS_DATASET, title="Quan trắc", kind="readings", by=SYSTEM
    )
    warehouse.ensure_table(contract)
    make_source(FOREIGN, [], unit="25942")
    access.install_roles()
    account = access.create_account(
        username=f"tram-{time.time_ns()}", full_name="Trạm quan trắc", by=SYSTEM
    )
    access.grant(account=account.id, role="device", unit=org.codes()["25747"], by=SYSTEM)
    return access.create_key(account=account.id, name="tram", by=SYSTEM).token


def make_source(code: str, devices: list[str], unit: str = "25747") -> None:
    """Make a source of readings and its devices."""
    from haidang.data.catalogue import api as catalogue
    from haidang.data.ingest.models import Device, Source
    from haidang.foundation.org import api as org

    owner, _ = Source.objects.get_or_create(
        code=code,
        defaults={
            "title": code, "kind": "mqtt", "dataset": catalogue.READINGS_DATASET,
            "supplier_id": org.codes()[unit],
        },
    )  # fmt: skip
    Device.objects.bulk_create(
        [
            Device(code=name, source=owner, unit=owner.supplier, metrics=list(METRICS))
            for name in devices
        ],
        ignore_conflicts=True,
    )


class Process:
    """A process of the platform under one environment."""

    def __init__(self, environment: dict[str, str], *words: str, log: Path) -> None:
        self._environment = environment
        self._words = words
        self._log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self._words], stdout=log, stderr=log, cwd=ROOT,
                env=self._environment,
            )  # fmt: skip
        return self

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def kill(self) -> None:
        """Kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self, patience: float = 40.0) -> int:
        """SIGTERM; return the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(patience)

    def log(self) -> str:
        return self._log.read_text()


class Telemetry:
    """Intake and hot web over one data folder and database."""

    def __init__(self, folder: Path, database_url: str, **more: str) -> None:
        self.folder = folder
        self.mqtt_port, self.port, self.readings_port = free_port(), free_port(), free_port()
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("HAIDANG_", "DJANGO_"))}
        self.environment = kept | {
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "DJANGO_SETTINGS_MODULE": "haidang.project.settings",
            "HAIDANG_DATABASE_URL": database_url,
            "HAIDANG_DATA_DIR": str(folder),
            "HAIDANG_MQTT_PORT": str(self.mqtt_port),
            "HAIDANG_READINGS_PORT": str(self.readings_port),
            "HAIDANG_SECRET_KEY": "x" * 50,
            **more,
        }
        self.intake = Process(
            self.environment, "-m", "haidang.data.ingest.intake", log=folder / "intake.log"
        )
        self.web = Process(
            self.environment, "-m", "uvicorn", "tests.telemetry:application", "--port",
            str(self.port), "--log-level", "warning", "--no-access-log", "--loop", "uvloop",
            "--http", "httptools", log=folder / "web.log",
        )  # fmt: skip

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def doors(self) -> dict[str, str]:
        """Return where readings may be posted: web, and intake's own port."""
        return {"web": self.url, "port": f"http://127.0.0.1:{self.readings_port}"}

    def start_intake(self, patience: float = 60.0) -> None:
        self.intake.start()
        self.wait(lambda: self.health() is not None, patience, "intake does not answer")

    def start_web(self, patience: float = 60.0) -> None:
        self.web.start()
        self.wait(lambda: _answers(self.port), patience, "web does not answer")

    def health(self) -> dict[str, Any] | None:
        """Ask intake over its own socket."""
        import django.test

        from haidang.data.ingest.intake import client

        with django.test.override_settings(DATA_DIR=self.folder):
            return client.ping()

    def settle(self, patience: float = 120.0) -> dict[str, Any]:
        """Wait until everything durable is in the lake."""
        self.wait(self._is_settled, patience, "the lake does not catch up")
        return self.health() or {}

    def _is_settled(self) -> bool:
        health = self.health()
        return health is not None and health["flushed"] == health["durable"]

    def wait(self, true: Any, patience: float, failure: str) -> None:
        deadline = time.monotonic() + patience
        while not true():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{failure}\n{self.logs()}")
            time.sleep(0.02)

    def logs(self) -> str:
        files = [self.folder / "intake.log", self.folder / "web.log"]
        return "\n".join(file.read_text()[-4000:] for file in files if file.exists())

    def close(self) -> None:
        for process in (self.web, self.intake):
            if process.process is not None and process.process.poll() is None:
                process.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Serve the hot routes only."""
    if scope["type"] != "http":
        return
    await _hot()(scope, receive, send)


@cache
def _hot() -> Any:
    import django

    django.setup()
    from haidang.data.ingest import streams

    return streams.application


def dump(file: Path) -> int:
    """Wait until intake has carried everything to the lake; write every row that lies there."""
    from haidang.data.warehouse.engine import instances

    settle()
    await_runs()
    with instances.reading() as cursor:
        rows = cursor.execute("SELECT device, epoch(time), value FROM lake.quan_trac").fetchall()
    file.write_text(json.dumps([(device, int(time), value) for device, time, value in rows]))
    return len(rows)


def settle(patience: float = 300.0) -> int:
    """Wait until intake has carried everything to the lake; return how many rows it read."""
    from haidang.data.ingest.intake import client

    if not client.settle(patience):
        raise TimeoutError(f"the lake does not catch up: {client.ping()}")
    return int((client.ping() or {})["rows"])


def await_runs(patience: float = 300.0) -> None:
    """Wait until every file that was received has landed; a dead worker's job is given back."""
    from haidang.data.ingest.models import Run

    deadline = time.monotonic() + patience
    while left := list(Run.objects.filter(status__in=["received", "checking"])[:5]):
        if time.monotonic() > deadline:
            raise TimeoutError(f"files do not land: {left}")
        time.sleep(0.2)
    assert not Run.objects.filter(status="failed").exists()


def _main(verb: str, *words: str) -> dict[str, object]:
    if verb == "settle":
        return {"rows": settle()}
    if verb == "dump":
        return {"rows": dump(Path(words[0]))}
    key = prepare()
    make_source(words[0], list(words[1:]))
    return {"key": key}


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(_main(*sys.argv[1:])))
