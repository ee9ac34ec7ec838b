"""A real sensor's month by HTTP, by MQTT and as lines: the same month, once."""

import csv
import datetime
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum

from haidang.data.ingest.models import Run
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access import api as access
from tests import telemetry
from tests.integration.test_intake import SENSOR, client, running  # noqa: F401  the fixture
from tests.telemetry import Telemetry

COLUMNS = {"SDS_P1": "pm10", "SDS_P2": "pm25", "Temp": "temperature", "Humidity": "humidity"}


@pytest.fixture(scope="module")
def real_days() -> list[list[dict[str, Any]]]:
    """Packs of one row each of a real sensor's days; skipped, loudly, without the files."""
    shared = os.environ.get("HAIDANG_SHARED", telemetry.ROOT.parent / "shared")
    folder = Path(shared) / "data" / "real" / "hcmc-air-sensor-2018-10"
    if not folder.is_dir():
        pytest.skip(f"REAL FILES ABSENT: {folder}; set HAIDANG_SHARED to try them")
    return [_pack(row) for day in sorted(folder.glob("*.csv")) for row in _rows(day)]


def _rows(day: Path) -> Iterator[dict[str, str]]:
    with day.open(newline="") as opened:
        yield from csv.DictReader(opened, delimiter=";")


def _pack(row: dict[str, str]) -> list[dict[str, Any]]:
    """Return the readings of a row; the sensor writes the time of Ho Chi Minh City."""
    local = datetime.datetime.strptime(row["Time"] + " +0700", "%Y/%m/%d %H:%M:%S %z")
    return [
        {"n": metric, "t": int(local.timestamp()), "v": float(row[column])}
        for column, metric in COLUMNS.items()
        if row[column]
    ]


@pytest.mark.django_db(transaction=True)
def test_a_real_month_by_http_by_mqtt_and_by_lines_is_the_same_month_once(
    running: Telemetry,  # noqa: F811  the fixture
    real_days: list[list[dict[str, Any]]],
) -> None:
    assert len(real_days) == 13_260
    readings = [one for pack in real_days for one in pack]
    wanted = {(one["n"], one["t"]): one["v"] for one in readings}
    with client(running) as http:
        for at in range(0, len(readings), 5000):
            some = readings[at : at + 5000]
            path = f"/api/v1/readings?source=khong-khi&device={SENSOR}"
            assert http.post(path, json=some, timeout=60).status_code == 202
        running.settle()
        assert _sensor_rows() == wanted
        assert _counts() == (len(readings), len(wanted), len(readings) - len(wanted), 0)
        _publish_by_mosquitto(running, real_days)
        running.settle()
        lines = "\n".join(f"air,device={SENSOR} {r['n']}={r['v']} {r['t']}" for r in readings)
        path = "/api/v2/write?bucket=khong-khi&precision=s"
        assert http.post(path, content=lines, timeout=60).status_code == 204
        running.settle()
    assert _sensor_rows() == wanted
    read, accepted, duplicate, quarantined = _counts()
    assert (read, accepted, quarantined) == (3 * len(readings), len(wanted), 0)
    assert read == accepted + duplicate


def _sensor_rows() -> dict[tuple[str, int], float]:
    table = warehouse.table("quan-trac", scope=access.EVERYTHING)
    rows = warehouse.execute(table.filter(table.device == SENSOR)).to_pylist()
    found = {(row["metric"], int(row["time"].timestamp())): row["value"] for row in rows}
    assert len(found) == len(rows)
    return found


def _counts() -> tuple[int, int, int, int]:
    runs = Run.objects.filter(source__code="khong-khi")
    sums = runs.aggregate(*(Sum(n) for n in ("read", "accepted", "duplicate", "quarantined")))
    return tuple(sums.values())


def _publish_by_mosquitto(listening: Telemetry, packs: list[list[dict[str, Any]]]) -> None:
    """Publish one message per row of the file with Debian's client, QoS 1."""
    program = shutil.which("mosquitto_pub")
    if program is None:
        pytest.skip("CLIENT ABSENT: install Debian's mosquitto-clients to try it")
    words = [program, "-h", "127.0.0.1", "-p", str(listening.mqtt_port), "-q", "1", "-l",
             "-u", "tram", "-P", listening.key, "-t", f"haidang/v1/khong-khi/{SENSOR}"]  # fmt: skip
    text = "".join(json.dumps(pack) + "\n" for pack in packs if pack)
    done = subprocess.run(words, input=text, text=True, timeout=120, capture_output=True)
    assert done.returncode == 0, done.stderr
