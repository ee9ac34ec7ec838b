"""The seven query shapes of TSBS through our HTTP API, against DuckDB and PostgreSQL in process.

The peers hold the same rows (one per device, metric and moment) and are called directly, without
HTTP, JSON, accounts or scopes: DuckDB a native table sorted by time, PostgreSQL a table with a
B-tree on (device, metric, time) and a BRIN on time. Our client is the standard library's, over one
connection; blocks are in memory before the first turn, as for any page that is looked at, and
whatever a block cannot answer the lake answers. All take turns in one run while new points of
other devices keep arriving on every side; each time the answers themselves are compared, value by
value, and a difference ends the run. The ratio is against the faster of the two.
"""

import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson

from bench import answers
from bench.arriving import DEVICES, Arriving, Point
from bench.arriving import METRICS as LIVE_METRICS
from bench.rows import Row
from tests.platform import ROOT, Platform

DATASET, SOURCE = "bench-truy-van", "bench-den"
HOSTS, METRICS, MINUTES, REPEATS = 200, 10, 720, 7
START, HOUR, END = "2026-11-01T00:00:00Z", "2026-11-01T01:00:00Z", "2026-11-01T12:00:00Z"
EIGHT = ",".join(f"host_{n:04d}" for n in range(8))
FIVE = ",".join(f"m{n}" for n in range(5))


@dataclass(frozen=True)
class Shape:
    """One query: the API's address and the same question in SQL."""

    name: str
    path: str
    asked: dict[str, str]
    sql: str
    is_ordered: bool = False


def _in(words: str) -> str:
    return ", ".join(f"'{word}'" for word in words.split(","))


_MINUTE, _HOURLY = "date_trunc('minute', time)", "date_trunc('hour', time)"
_ONE_HOUR = f"time >= '{START}' AND time < '{HOUR}'"
_TWELVE = f"time >= '{START}' AND time < '{END}'"
_ONE_HOUR_ASKED = {"time__gte": START, "time__lt": HOUR}
_TWELVE_ASKED = {"time__gte": START, "time__lt": END}
SHAPES = (
    Shape(
        "single-groupby-1-1-1", "aggregates",
        {"measures": "max:value", "bucket": "minute", "device": "host_0007", "metric": "m0",
         **_ONE_HOUR_ASKED},
        f"SELECT {_MINUTE}, max(value) FROM r WHERE device = 'host_0007' AND metric = 'm0'"
        f" AND {_ONE_HOUR} GROUP BY 1",
    ),
    Shape(
        "single-groupby-5-8-1", "aggregates",
        {"measures": "max:value", "bucket": "minute", "group": "metric", "device__in": EIGHT,
         "metric__in": FIVE, **_ONE_HOUR_ASKED},
        f"SELECT metric, {_MINUTE}, max(value) FROM r WHERE device IN ({_in(EIGHT)})"
        f" AND metric IN ({_in(FIVE)}) AND {_ONE_HOUR} GROUP BY 1, 2",
    ),
    Shape(
        "double-groupby-1", "aggregates",
        {"measures": "avg:value", "bucket": "hour", "group": "device", "metric": "m0",
         **_TWELVE_ASKED},
        f"SELECT device, {_HOURLY}, avg(value) FROM r WHERE metric = 'm0' AND {_TWELVE}"
        " GROUP BY 1, 2",
    ),
    Shape(
        "double-groupby-all", "aggregates",
        {"measures": "avg:value", "bucket": "hour", "group": "device,metric", "limit": "100000",
         **_TWELVE_ASKED},
        f"SELECT device, metric, {_HOURLY}, avg(value) FROM r WHERE {_TWELVE} GROUP BY 1, 2, 3",
    ),
    Shape(
        "high-cpu-1", "records",
        {"fields": "device,time,value", "device": "host_0007", "metric": "m0", "value__gt": "90",
         "limit": "10000", **_TWELVE_ASKED},
        "SELECT device, time, value FROM r WHERE device = 'host_0007' AND metric = 'm0'"
        f" AND value > 90 AND {_TWELVE}",
    ),
    Shape(
        "lastpoint", "last", {},
        "SELECT DISTINCT ON (device, metric) device, metric, time, value FROM r"
        " ORDER BY device, metric, time DESC",
    ),
    Shape(
        "groupby-orderby-limit", "aggregates",
        {"measures": "max:value", "bucket": "minute", "metric": "m0", "order": "-bucket",
         "limit": "5", "time__lt": "2026-11-01T09:30:00Z"},
        f"SELECT {_MINUTE} AS b, max(value) FROM r WHERE metric = 'm0'"
        " AND time < '2026-11-01T09:30:00Z' GROUP BY 1 ORDER BY 1 DESC LIMIT 5",
        is_ordered=True,
    ),
)  # fmt: skip


def run() -> Iterator[Row]:
    """Measure every shape on one platform that nobody else uses."""
    with Platform() as platform:
        token, writer = _prepare(platform)
        client = Client(platform.port, token)
        client.warm()
        duck, postgres = Duck(), Postgres(platform)
        peers: list[Callable[[list[Point]], Any]] = [duck.write, postgres.write]
        ratios = []
        with Arriving(platform.port, SOURCE, writer, peers) as arriving:
            for shape in SHAPES:
                row = _measure(shape, client, duck.ask, postgres.ask)
                ratios.append(row.ratio or 1.0)
                yield row
            arrived = _arrived(client)
    if not arrived:
        raise RuntimeError(f"of {arriving.sent} points sent none arrived while queries ran")
    yield Row("points that became readable meanwhile", arrived, None, None, "points")
    mean = math.exp(statistics.fmean(math.log(ratio) for ratio in ratios))
    yield Row("geometric mean of the seven", mean, 1.0, mean, "times")


class Client:
    """A program that asks the API with a key, over one connection that stays open."""

    def __init__(self, port: int, token: str, dataset: str = DATASET) -> None:
        self._dataset = dataset
        self._wire = HTTPConnection("127.0.0.1", port, timeout=120)
        self._headers = {"Authorization": f"Token {token}"}
        self.from_blocks = False

    def ask(self, path: str, asked: dict[str, str]) -> dict[str, Any]:
        """Return a decoded answer; `from_blocks` tells then who gave it."""
        address = f"/api/v1/datasets/{self._dataset}/{path}?{urlencode(asked)}"
        self._wire.request("GET", address, headers=self._headers)
        answer = self._wire.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{address}: {answer.status} {body[:300]!r}")
        self.from_blocks = answer.headers.get("server-timing") == "blocks"
        return dict(orjson.loads(body))

    def warm(self, patience: float = 60.0) -> None:
        """Ask until blocks answer. Raises TimeoutError."""
        deadline = time.monotonic() + patience
        while not self.from_blocks:
            if time.monotonic() > deadline:
                raise TimeoutError("blocks do not answer")
            self.ask("last", {})
            time.sleep(0.1)


def _measure(
    shape: Shape, client: Client, duck: Callable[[str], Any], postgres: Callable[[str], Any]
) -> Row:
    from_blocks: list[bool] = []

    def ours(_: str) -> list[Any]:
        body = client.ask(shape.path, shape.asked)
        from_blocks.append(client.from_blocks)
        if "rows" in body:
            return list(body["rows"])
        names = ("device", "metric", "time", "value")
        return [[item[name] for name in names if name in item] for item in body["items"]]

    sides = {"ours": ours, "duckdb": duck, "postgres": postgres}
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(REPEATS + 1):
        found = {}
        for name, ask in sides.items():
            began = time.perf_counter()
            found[name] = ask(shape.sql)
            times[name].append((time.perf_counter() - began) * 1000)
        answers.must_be_equal(shape.name, {name: _kept(shape, one) for name, one in found.items()})
    medians = {name: statistics.median(found[1:]) for name, found in times.items()}
    best = min(medians["duckdb"], medians["postgres"])
    note = f"duckdb {medians['duckdb']:.1f}, postgres {medians['postgres']:.1f}"
    note += f", from blocks {sum(from_blocks)} of {len(from_blocks)}"
    return Row(shape.name, medians["ours"], best, best / medians["ours"], "ms", note)


def _kept(shape: Shape, rows: list[Any]) -> answers.Answer:
    """Return an answer to be compared, without the points that arrive meanwhile."""
    still = [row for row in rows if row[0] not in DEVICES]
    return answers.plain(still, is_ordered=shape.is_ordered)


def _arrived(client: Client) -> int:
    """Return how many of the points sent meanwhile are readable."""
    asked = {"measures": "count:*", "device__in": ",".join(DEVICES)}
    return int(client.ask("aggregates", asked)["rows"][0][0])


def _rows() -> Any:
    """Return the same random rows on every side."""
    import numpy as np
    import pyarrow as pa

    series, step = HOSTS * METRICS, np.timedelta64(60, "s")
    start = np.datetime64(START.rstrip("Z"), "us")
    moments = np.repeat(start + np.arange(MINUTES) * step, series)
    hosts = np.repeat([f"host_{n:04d}" for n in range(HOSTS)], METRICS)
    metrics = np.tile([f"m{n}" for n in range(METRICS)], HOSTS)
    values = np.random.default_rng(1).uniform(0, 100, series * MINUTES).round(1)
    return pa.table(
        {
            "device": np.tile(hosts, MINUTES),
            "metric": np.tile(metrics, MINUTES),
            "time": pa.array(moments).cast(pa.timestamp("us", "UTC")),
            "value": values,
        }
    )


class Duck:
    """DuckDB in this process, with the rows in a native table."""

    def __init__(self) -> None:
        import duckdb

        self._database = duckdb.connect(config={"threads": 2})
        rows = _rows()
        self._database.register("given", rows)
        self._database.execute("SET TimeZone = 'UTC'; CREATE TABLE r AS SELECT * FROM given")
        self._writing = self._database.cursor()

    def ask(self, query: str) -> list[Any]:
        return self._database.execute(query).fetchall()

    def write(self, points: list[Point]) -> None:
        self._writing.executemany(
            "INSERT INTO r VALUES (?, ?, make_timestamptz(?), ?)",
            [
                (device, metric, int(moment * 1_000_000), value)
                for device, metric, moment, value in points
            ],
        )


class Postgres:
    """The platform's own PostgreSQL, asked directly."""

    def __init__(self, platform: Platform) -> None:
        import psycopg

        url = (platform.folder / "d" / "run" / "database.url").read_text().strip()
        self._database = psycopg.connect(url, autocommit=True, options="-c timezone=UTC")
        self._writing = psycopg.connect(url, autocommit=True)
        self._database.execute(
            "CREATE UNLOGGED TABLE r (device text, metric text, time timestamptz, value float8)"
        )
        columns = [column.to_pylist() for column in _rows().columns]
        with self._database.cursor() as cursor, cursor.copy("COPY r FROM STDIN") as copy:
            for row in zip(*columns, strict=True):
                copy.write_row(row)
        self._database.execute("CREATE INDEX ON r (device, metric, time)")
        self._database.execute("CREATE INDEX ON r USING brin (time)")
        self._database.execute("VACUUM ANALYZE r")

    def ask(self, query: str) -> list[Any]:
        return self._database.execute(query).fetchall()

    def write(self, points: list[Point]) -> None:
        self._writing.execute(
            "INSERT INTO r SELECT device, metric, to_timestamp(moment), value FROM"
            " unnest(%s::text[], %s::text[], %s::float8[], %s::float8[])"
            " AS given(device, metric, moment, value)",
            [list(column) for column in zip(*points, strict=True)],
        )


def _prepare(platform: Platform) -> tuple[str, str]:
    """Load the rows through the commit door; return a reader's and a writer's key.

    In a child with the same settings.
    """
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        "HAIDANG_DATA_DIR": str(platform.folder / "d"),
        "DJANGO_SETTINGS_MODULE": "haidang.project.settings",
    }
    done = subprocess.run(
        [sys.executable, "-m", "bench.queries"], env=environment, cwd=ROOT, text=True,
        stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    reader, writer = done.stdout.split()[-2:]
    return reader, writer


def _child() -> tuple[str, str]:
    import django

    django.setup()
    from haidang.data.catalogue import api as catalogue
    from haidang.data.warehouse import api as warehouse
    from haidang.data.warehouse.engine import last
    from haidang.foundation.access import api as access
    from haidang.foundation.core.audit import SYSTEM
    from tests.world import build_world

    spec = catalogue.define(dataset=DATASET, title="Bench", kind="readings", by=SYSTEM)
    warehouse.ensure_table(spec)
    warehouse.commit([warehouse.Batch(warehouse.next_batch(), DATASET, "bench", _rows())])
    last.refresh(DATASET)
    world = build_world()
    _live_source(world.unit("25747"), world.accounts["quantri"], world.accounts["giamdoc.ioc"])
    access.grant(
        account=world.accounts["canbo.phucuong"], role="device", unit=world.unit("25747"), by=SYSTEM
    )
    reader, writer = (
        access.create_key(account=world.accounts[who], name="bench", by=SYSTEM).token
        for who in ("truc1", "canbo.phucuong")
    )
    return reader, writer


def _live_source(unit: int, proposer: int, approver: int) -> None:
    """Make the devices whose points arrive meanwhile, in the same dataset, as an approved source.

    Rows that wait for an approval would not be read.
    """
    from django.utils import timezone

    from haidang.data.ingest.models import Device, Source

    now = timezone.now()
    source = Source.objects.create(
        code=SOURCE, title="Bench", kind="mqtt", dataset=DATASET, supplier_id=unit,
        proposed_at=now, proposed_by_id=proposer, approved_at=now, approved_by_id=approver,
    )  # fmt: skip
    Device.objects.bulk_create(
        [
            Device(code=name, source=source, unit_id=unit, metrics=list(LIVE_METRICS))
            for name in DEVICES
        ]
    )


if __name__ == "__main__":
    assert Path.cwd() == ROOT, "run `make bench BENCH=queries`"
    print(*_child())
