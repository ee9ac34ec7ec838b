"""Real files by every way in, on the real platform: the same rows, once, and receipts that add up.

`HAIDANG_SHARED` says where the real files lie; without it, beside the checkout.
"""

import csv
import datetime
import io
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import sources
from tests.platform import ROOT, Platform

pytestmark = pytest.mark.processes
Reading = tuple[str, str, float]
Month = list[list[dict[str, Any]]]


@pytest.fixture(scope="module")
def real() -> Path:
    folder = Path(os.environ.get("HAIDANG_SHARED", ROOT.parent / "shared")) / "data" / "real"
    if not folder.is_dir():
        pytest.skip(f"REAL FILES ABSENT: {folder}; set HAIDANG_SHARED to try them")
    return folder


@pytest.fixture(scope="module")
def days(real: Path) -> list[Path]:
    """The sensor's files of October 2018, one a day."""
    return sorted((real / "hcmc-air-sensor-2018-10").glob("*.csv"))


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    with Platform() as running:
        running.made = running.call("prepare", module="tests.sources")
        yield running


def packs(days: list[Path]) -> Month:
    """Return a SenML pack per row; the sensor writes the time of Ho Chi Minh City."""
    texts = [io.StringIO(day.read_text(), newline="") for day in days]
    rows = [row for text in texts for row in csv.DictReader(text, delimiter=";")]
    return [_pack(row) for row in rows]


def _pack(row: dict[str, str]) -> list[dict[str, Any]]:
    local = datetime.datetime.strptime(f"{row['Time']} +0700", "%Y/%m/%d %H:%M:%S %z")
    return [
        {"n": metric, "t": int(local.timestamp()), "v": float(row[column])}
        for column, metric in sources.SENSOR_COLUMNS.items()
        if row[column]
    ]


def by_file(platform: Platform, days: list[Path], source: str) -> None:
    """Upload every day's file through the page, as the department's steward."""
    made = platform.made
    with closing(sources.signed_in(platform.url, sources.STEWARD, made["password"])) as client:
        for day in days:
            page = sources.upload(client, source, day.name, day.read_bytes())
            assert page.url.path.startswith("/console/sources/runs/"), page.text[:2000]


def by_http(platform: Platform, month: Month, source: str, device: str) -> None:
    """Post SenML packs of 5,000 readings."""
    readings = [reading for pack in month for reading in pack]
    headers = {"Authorization": f"Bearer {platform.made['keys'][sources.STATION]}"}
    with httpx.Client(base_url=platform.url, headers=headers, timeout=120) as client:
        for at in range(0, len(readings), 5000):
            path = f"/api/v1/readings?source={source}&device={device}"
            assert client.post(path, json=readings[at : at + 5000]).status_code == 202


def by_mqtt(platform: Platform, month: Month, source: str, device: str) -> None:
    """Publish a message per row with Debian's client, QoS 1."""
    program = shutil.which("mosquitto_pub")
    if program is None:
        pytest.skip("CLIENT ABSENT: install Debian's mosquitto-clients to try it")
    key = platform.made["keys"][sources.STATION]
    words = [program, "-h", "127.0.0.1", "-p", str(platform.mqtt_port), "-q", "1", "-l",
             "-u", "tram", "-P", key, "-t", f"haidang/v1/{source}/{device}"]  # fmt: skip
    text = "".join(f"{json.dumps(pack)}\n" for pack in month if pack)
    done = subprocess.run(words, input=text, text=True, timeout=300, capture_output=True)
    assert done.returncode == 0, done.stderr


def lake(platform: Platform, dataset: str) -> list[dict[str, Any]]:
    file = platform.folder / "rows.json"
    platform.call("rows", dataset, str(file), module="tests.sources")
    return list(json.loads(file.read_text()))


def readings(platform: Platform) -> dict[str, list[Reading]]:
    """Return the rows of the lake by device, sorted."""
    found: dict[str, list[Reading]] = {}
    for row in lake(platform, "quan-trac"):
        found.setdefault(row["device"], []).append((row["metric"], row["time"], row["value"]))
        assert (row["status"], row["unit"]) == ("measuring", "25747")
    return {device: sorted(rows) for device, rows in found.items()}


def receipts(platform: Platform, source: str) -> Counter[str]:
    """Return the sums of a source's receipts, each of which adds up."""
    headers = {"Authorization": f"Bearer {platform.made['keys'][sources.STEWARD]}"}
    sums: Counter[str] = Counter()
    for page in range(1, 4):
        path = f"{platform.url}/api/v1/runs?source={source}&page={page}"
        body = httpx.get(path, headers=headers, timeout=60).json()
        for run in body["runs"] if body["total"] > (page - 1) * 50 else []:
            parts = run["accepted"] + run["quarantined"] + run["duplicate"]
            assert (run["read"], run["status"]) == (parts, "landed")
            sums.update({n: run[n] for n in ("read", "accepted", "quarantined", "duplicate")})
    return sums


def test_a_real_month_by_file_by_http_and_by_mqtt_is_the_same_month_once(
    platform: Platform, days: list[Path]
) -> None:
    month = packs(days)
    assert len(month) == 13_260
    sent = sum(map(len, month))

    by_file(platform, days, "kk-tep")
    by_http(platform, month, "kk-http", sources.SENSORS["kk-http"])
    by_mqtt(platform, month, "kk-mqtt", sources.SENSORS["kk-mqtt"])

    first = readings(platform)
    ways = [first[device] for device in sources.SENSORS.values()]
    assert ways[0] == ways[1] == ways[2]
    assert len(ways[0]) == len({(metric, time) for metric, time, _ in ways[0]})
    assert {metric for metric, _, _ in ways[0]} == set(sources.SENSOR_COLUMNS.values())
    for source in sources.SENSORS:
        sums = receipts(platform, source)
        assert (sums["read"], sums["accepted"], sums["quarantined"]) == (sent, len(ways[0]), 0)

    # The same month of one device by the other ways: nothing is new.
    by_http(platform, month, "kk-tep", sources.SENSORS["kk-tep"])
    by_mqtt(platform, month, "kk-tep", sources.SENSORS["kk-tep"])
    by_file(platform, days, "kk-tep")

    assert readings(platform) == first
    sums = receipts(platform, "kk-tep")
    assert (sums["read"], sums["accepted"]) == (4 * sent, len(ways[0]))


@pytest.mark.parametrize("source", sources.GSO_TABLES)
def test_a_table_of_the_statistics_office_loads_through_its_contract(
    platform: Platform, real: Path, source: str
) -> None:
    file = real / "vn-gso-statistics" / sources.GSO_TABLES[source][0]
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    cells = _cells(file)

    first, again = _load(platform, source, file), _load(platform, source, file)

    assert f"đọc {len(cells)} = nhận {len(set(cells))} + chờ xử lý 0" in first
    assert f"đọc {len(cells)} = nhận 0 + chờ xử lý 0 + trùng {len(cells)}" in again
    sums = receipts(platform, source)
    assert (sums["read"], sums["accepted"]) == (2 * len(cells), len(set(cells)))


def _load(platform: Platform, source: str, file: Path) -> str:
    """Load by the command `haidang load`; return what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "haidang.project.cli", "load", str(file), "--dataset", "thong-ke",
         "--source", source, "--data-dir", str(platform.folder / "d")],
        capture_output=True, text=True, cwd=ROOT, env=platform._environment(), timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def _cells(file: Path) -> list[tuple[str, str, str]]:
    """Return every figure that the table holds: row, heading, figure."""
    text = io.StringIO(file.read_text("utf-8-sig"))
    headings, *rows = list(csv.reader(text, delimiter=";"))[2:]
    return [
        (row[0], heading, cell)
        for row in rows
        for heading, cell in zip(headings[1:], row[1:], strict=False)
        if cell.strip() not in {"", "..", "-"}
    ]
