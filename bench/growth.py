"""Cost as the lake grows: the same work over 1, 10 and 100 million readings.

Rows go through the commit door in batches of five million (a reading each minute of a thousand
devices with ten metrics, on and on). At each size: the bulk rate of the last batch, a commit of
5,000 new rows and one of revisions, the roll-ups, and questions of the API: newest and oldest
hour of one series, a day of one metric by hour, everything by day, both once more with a filter by
value that lets everything through, which only rows answer, and a count of everything.
`BENCH_MILLIONS` names other sizes.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.queries import Client
from bench.rows import Row
from tests.platform import Platform

MILLIONS = tuple(int(one) for one in os.environ.get("BENCH_MILLIONS", "1,10,100").split(","))
DATASET, REPEATS = "bench-lon-len", 5
DEVICES, METRICS = 1000, 10
START = datetime(2026, 1, 1, tzinfo=UTC)
_BATCH_MINUTES = 500  # of 10,000 rows each


def run() -> Iterator[Row]:
    """Fill the lake to each size and measure there."""
    with Platform() as platform:
        token = str(platform.call("prepare", module="bench.growth")["token"])
        filled = 0
        for millions in MILLIONS:
            until = millions * 100  # minutes of 10,000 rows
            filling = platform.call("fill", str(filled), str(until), module="bench.growth")
            filled = until
            yield from _at(platform, f"{millions} M rows", token, filled, filling)


def _at(
    platform: Platform, size: str, token: str, minutes: int, filling: dict[str, Any]
) -> Iterator[Row]:
    yield Row(f"{size}: bulk through the door", filling["rate"], None, None, "rows/s")
    yield Row(f"{size}: bytes on disk per row", filling["bytes"], None, None, "B")
    for name in ("new", "revised"):
        row = platform.call(name, str(minutes), module="bench.growth")
        yield Row(f"{size}: commit of 5,000 rows, {name}", row["ms"], None, None, "ms")
    rolled = platform.call("roll_up", module="bench.growth")
    yield Row(f"{size}: roll-ups that still waited", rolled["made"], None, None, "files")
    yield Row(f"{size}: rolling one of 5 M rows up", rolled["ms"], None, None, "ms")
    yield Row(f"{size}: a round with nothing to roll up", rolled["idle"], None, None, "ms")
    yield Row(
        f"{size}: bytes of roll-ups per row", rolled["bytes"] / rolled["rows"], None, None, "B"
    )
    yield from _questions(platform, size, token, minutes)


def _questions(platform: Platform, size: str, token: str, minutes: int) -> Iterator[Row]:
    client = Client(platform.port, token, DATASET)
    end = START + timedelta(minutes=minutes)
    one = {"device": "d0007", "metric": "m3", "measures": "max:value", "bucket": "minute"}
    hours = {"metric": "m3", "measures": "avg:value", "bucket": "hour", "group": "device"}
    by_day = {"measures": "avg:value,max:value,count:*", "bucket": "day"}
    rows = {"value__gte": "0"}
    whole = end.replace(minute=0)
    for name, asked in (
        ("newest hour of a series", one | _between(end - timedelta(hours=1), end)),
        ("oldest hour of a series", one | _between(START, START + timedelta(hours=1))),
        ("a day of a metric by hour", hours | _between(whole - timedelta(days=1), whole)),
        ("the same of rows", hours | rows | _between(whole - timedelta(days=1), whole)),
        ("everything by day", by_day),
        ("the same of rows", by_day | rows),
        ("count of everything", {"measures": "count:*"}),
    ):
        client.ask("aggregates", asked)
        time.sleep(3.0)  # what can be remembered is
        took = []
        for _ in range(REPEATS):
            began = time.perf_counter()
            client.ask("aggregates", asked)
            took.append((time.perf_counter() - began) * 1000)
        note = "from blocks" if client.from_blocks else "from the lake"
        yield Row(f"{size}: {name}", statistics.median(took), None, None, "ms", note)


def _between(start: datetime, end: datetime) -> dict[str, str]:
    return {
        f"time__{word}": f"{one:%Y-%m-%dT%H:%M:%SZ}" for word, one in (("gte", start), ("lt", end))
    }


def _table(first: int, last: int, shift: int = 0, devices: int = DEVICES) -> Any:
    """Return one reading per series and minute, `shift` seconds into each."""
    import numpy as np
    import pyarrow as pa

    series, minutes = devices * METRICS, last - first
    start = int(START.timestamp()) + first * 60 + shift
    moments = np.repeat(start + np.arange(minutes) * 60, series) * 1_000_000
    names = pa.array([f"d{n:04d}" for n in range(devices)])
    metrics = pa.array([f"m{n}" for n in range(METRICS)])
    device = np.tile(np.repeat(np.arange(devices, dtype=np.int32), METRICS), minutes)
    metric = np.tile(np.arange(METRICS, dtype=np.int32), devices * minutes)
    count = series * minutes
    return pa.table(
        {
            "device": pa.DictionaryArray.from_arrays(device, names).cast(pa.string()),
            "metric": pa.DictionaryArray.from_arrays(metric, metrics).cast(pa.string()),
            "time": pa.array(moments, pa.timestamp("us", "UTC")),
            "value": np.random.default_rng(first).uniform(0, 100, count).round(1),
            "status": pa.array(["measuring"]).take(pa.array(np.zeros(count, np.int32))),
            "unit": pa.array(["25747"]).take(pa.array(np.zeros(count, np.int32))),
        }
    )


def _commit(rows: Any) -> float:
    from haidang.data.warehouse import api as warehouse

    began = time.monotonic()
    warehouse.commit([warehouse.Batch(warehouse.next_batch(), DATASET, "bench", rows)])
    return time.monotonic() - began


def _prepare() -> dict[str, Any]:
    from haidang.data.catalogue import api as catalogue
    from haidang.data.warehouse import api as warehouse
    from haidang.foundation.access import api as access
    from haidang.foundation.core.audit import SYSTEM
    from tests.world import build_world

    spec = catalogue.define(dataset=DATASET, title="Bench", kind="readings", by=SYSTEM)
    warehouse.ensure_table(spec)
    account = build_world().accounts["truc1"]
    return {"token": access.create_key(account=account, name="bench", by=SYSTEM).token}


def _fill(first: int, last: int) -> dict[str, Any]:
    from django.conf import settings

    rate = 0.0
    for start in range(first, last, _BATCH_MINUTES):
        end = min(start + _BATCH_MINUTES, last)
        rows = _table(start, end)
        rate = rows.num_rows / _commit(rows)
    size = sum(one.stat().st_size for one in Path(settings.LAKE_URL).rglob("*.parquet"))
    return {"rate": rate, "bytes": size / (last * DEVICES * METRICS)}


def _roll_up() -> dict[str, Any]:
    """Roll up what waits, a second time for nothing, and one large file once more."""
    from haidang.data.warehouse import api as warehouse
    from haidang.data.warehouse.engine import reading
    from haidang.data.warehouse.engine.rollups import keeping

    made = 0
    while fresh := keeping.keep(DATASET):
        made += fresh
    began = time.monotonic()
    keeping.keep(DATASET)
    idle = time.monotonic() - began
    table = DATASET.replace("-", "_")
    sizes = "SELECT sum(data_file_size_bytes), max(data_file) FROM ducklake_list_files('lake', ?)"
    bytes_, name = reading.fetch(sizes, [f"{table}__hours"]).rows[0]
    cells = keeping._CELLS.format(table=f"lake.{table}")
    began = time.monotonic()
    reading.fetch_arrow(cells, [name.rsplit("/", 1)[-1]])
    took = time.monotonic() - began
    rows = reading.fetch(f"SELECT sum(readings) FROM lake.{table}__hours").rows[0][0]
    warehouse.close()
    return {
        "made": made, "idle": idle * 1000, "ms": took * 1000, "bytes": bytes_, "rows": int(rows),
    }  # fmt: skip


def _small(minutes: int, shift: int) -> dict[str, Any]:
    """Commit 5,000 rows of the newest minutes, some times."""
    took = []
    for turn in range(REPEATS):
        first = minutes - 10 * (turn + 1)
        took.append(_commit(_table(first, first + 10, shift=shift, devices=50)) * 1000)
    return {"ms": statistics.median(took)}


def _main(verb: str, *words: str) -> dict[str, Any]:
    if verb == "prepare":
        return _prepare()
    if verb == "fill":
        return _fill(*map(int, words))
    if verb == "roll_up":
        return _roll_up()
    return _small(int(words[0]), shift=7 if verb == "new" else 0)


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(_main(*sys.argv[1:])))
