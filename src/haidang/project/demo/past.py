"""Write the invented past of the demo province as files and streams, and compute it in bulk."""

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.utils import timezone
from pyarrow import csv

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api as ingest
from haidang.data.warehouse import api as warehouse
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.org import api as org
from haidang.insight.indicators import api as indicators
from haidang.insight.indicators.starter.datasets import DATASETS
from haidang.insight.indicators.starter.shapes import DISTRICT_SHARES, DatasetData
from haidang.project.demo import acting, devices, history, signals

READINGS = "quan-trac"
TABLES: tuple[DatasetData, ...] = tuple(d for d in DATASETS if d.kind == "table")
# Systems that deliver by themselves; the others are typed or uploaded, and approved each time.
AUTOMATIC = {
    "ho-so", "phan-anh", "thu-ngan-sach", "dat-dai", "nhiem-vu", "an-toan-thong-tin",
    "tai-nan-giao-thong",
}  # fmt: skip
# One supplier has fallen silent, so that the board shows how it treats old figures.
SILENT_DAYS = {"tai-nan-giao-thong": 4}
# A ward that sends a file of its own each week; its last week waits for whoever follows the tour.
WARD, WARD_DATASET, WARD_SOURCE = "25747", "dich-benh", "dich-benh-phu-cuong"
HOURS_DAYS = 14  # hourly figures that PostgreSQL keeps; older hours are read from the readings
FINE_DAYS = 60  # readings every five minutes; hourly before
# Inhabitants of the districts (thousands, 2024), the weights of what happens where.
PEOPLE = {
    "718": 331.7, "719": 95.6, "720": 116.0, "721": 312.2, "722": 92.5,
    "723": 382.1, "724": 489.5, "725": 614.9, "726": 67.9,
}  # fmt: skip


def agree_source(dataset: DatasetData) -> None:
    """Agree on the source of a dataset."""
    ingest.create_source(
        code=dataset.code,
        title=dataset.title,
        kind="http" if dataset.code in AUTOMATIC else "file",
        dataset=dataset.code,
        supplier_unit_id=org.unit(dataset.owner).id,
        cycle=_cycle(dataset),
        is_simulated=True,
        by=SYSTEM,
    )
    if dataset.code in AUTOMATIC:
        _make_automatic(dataset.code)


def agree_ward() -> None:
    """Agree on the ward's own weekly file; each load of it is approved by the ward's head."""
    ingest.create_source(
        code=WARD_SOURCE,
        title="Bệnh truyền nhiễm theo tuần, phường Phú Cường",
        kind="file",
        dataset=WARD_DATASET,
        supplier_unit_id=org.unit(WARD).id,
        cycle="week",
        is_simulated=True,
        by=SYSTEM,
    )


def agree_network(network: devices.Network) -> None:
    """Agree on the source of a network of devices."""
    ingest.create_source(
        code=network.source,
        title=network.title,
        kind="mqtt",
        dataset=READINGS,
        supplier_unit_id=org.unit(network.supplier).id,
        sector=network.sector,
        is_life_safety=network.source in {"qt-thuy-van", "qt-ngap"},
        is_simulated=True,
        by=SYSTEM,
    )
    _make_automatic(network.source)


def _make_automatic(source: str) -> None:
    ingest.propose_automatic(source=source, by=acting.steward())
    ingest.approve_automatic(source=source, by=acting.director())


def _cycle(dataset: DatasetData) -> str:
    return {"ngay": "day", "tuan": "week", "ky": "month"}[dataset.time_field]


def write_tables(first: date, today: date) -> None:
    """Write the datasets that come as tables, from `first` to yesterday."""
    for dataset in TABLES:
        warehouse.ensure_table(catalogue.contract(dataset.code))
        last = today - timedelta(days=1 + SILENT_DAYS.get(dataset.code, 0))
        table = _table(dataset, first, last)
        if dataset.code in AUTOMATIC:
            _land(dataset.code, {dataset.code: table}, at=_last_seen(dataset))
        else:
            _deliver(dataset, table, f"{dataset.code}-{first:%Y-%m}-{last:%Y-%m}.csv")


def _deliver(dataset: DatasetData, table: pa.Table, name: str) -> None:
    """Load a table as the file that the supplier sends, and have it approved."""
    contract = catalogue.contract(dataset.code)
    titles = {field.name: field.title for field in contract.fields}
    content = io.BytesIO()
    csv.write_csv(table.rename_columns([titles[one] for one in table.column_names]), content)
    receipt = ingest.load(
        source=dataset.code, file=content.getvalue(), name=name, by=acting.steward()
    )
    if receipt.accepted != table.num_rows:
        raise RuntimeError(f"{name}: {receipt.accepted} of {table.num_rows} rows were accepted")
    ingest.approve_run(run=receipt.run_id, by=acting.director())


def write_readings(first: date) -> None:
    """Write the readings of every network from `first` up to now."""
    warehouse.ensure_table(catalogue.contract(READINGS))
    for rows in _readings(first, timezone.now()):
        _land(READINGS, rows)


def _last_seen(dataset: DatasetData) -> datetime:
    return timezone.now() - timedelta(days=SILENT_DAYS.get(dataset.code, 0))


def fall_silent() -> None:
    """Have the silent suppliers found late, as the timers of a running system would."""
    for source, days in SILENT_DAYS.items():
        now = timezone.now()
        due = now - timedelta(days=days - 1)
        ingest.look_for_delivery(source=source, due_at=due, now=now)


def _land(dataset: str, rows: Mapping[str, pa.Table], at: datetime | None = None) -> None:
    """Land the rows of several sources in one commit."""
    batches = [
        warehouse.Batch(warehouse.next_batch(), dataset, source, table)
        for source, table in rows.items()
    ]
    for landed in warehouse.commit(batches):
        ingest.record_stream(
            batch=landed.batch,
            source=landed.source,
            dataset=dataset,
            counts={
                "read": landed.accepted + landed.duplicate,
                "accepted": landed.accepted,
                "quarantined": 0,
                "duplicate": landed.duplicate,
                "revised": landed.revised,
            },
            at=at,
        )


def _table(dataset: DatasetData, first: date, last: date) -> pa.Table:
    units = _units(dataset.level)
    grid = history.Grid(_periods(dataset, first, last), units, _weights(dataset, units))
    made = history.columns(dataset.code, grid)
    found: dict[str, Any] = {
        dataset.time_field: np.repeat(_times(dataset, grid.days), len(units)),
        dataset.unit_field: pa.array(list(units) * len(grid.days)),
    }
    for field in catalogue.contract(dataset.code).fields:
        if field.name in made:
            flat = np.broadcast_to(made[field.name], grid.shape).ravel()
            found[field.name] = flat.astype(np.int64) if field.type == "integer" else flat
    table = pa.table(found)
    return _without_last_of_ward(table) if dataset.code == WARD_DATASET else table


def _without_last_of_ward(table: pa.Table) -> pa.Table:
    last = pc.equal(table["tuan"], pc.max(table["tuan"]))
    return table.filter(pc.invert(pc.and_(last, pc.equal(table["don_vi"], WARD))))


def _periods(dataset: DatasetData, first: date, last: date) -> list[date]:
    of = {"day": history.days, "week": history.weeks, "month": history.months}
    return of[_cycle(dataset)](first, last)


def _times(dataset: DatasetData, days: Sequence[date]) -> Any:
    if dataset.time_field == "ky":
        return np.array([f"{day:%Y-%m}" for day in days])
    return np.array(days, dtype="datetime64[D]")


def _units(level: str) -> list[str]:
    return sorted(unit.code for unit in org.all_units(level=level) if unit.kind == "ubnd")


def _weights(dataset: DatasetData, units: Sequence[str]) -> history.Array:
    """Return each unit's share: of the plan where one is handed on, else of the inhabitants."""
    if dataset.code in {"giai-ngan", "thu-ngan-sach"}:
        return np.array([[DISTRICT_SHARES[code] / 1000 for code in units]])
    parents = {u.code: u.parent_id for u in org.all_units(level="commune")}
    if units[0] not in parents:
        raw = np.array([PEOPLE.get(code, 1.0) for code in units])
    else:
        districts = {u.id: u.code for u in org.all_units(level="district")}
        siblings = [districts[parents[code] or 0] for code in units]
        spread = np.random.default_rng(74).uniform(0.6, 1.5, len(units))
        raw = spread * [PEOPLE[code] / siblings.count(code) for code in siblings]
    shares: history.Array = (raw / raw.sum())[None, :]
    return shares


def _readings(first: date, now: datetime) -> Iterator[dict[str, pa.Table]]:
    """Yield all readings by source in stretches of time: hourly long ago, then five-minute.

    Stretches do not overlap, so that the door finds nothing in the lake to compare with.
    """
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    fine = (now - timedelta(days=FINE_DAYS)).replace(minute=0, second=0, microsecond=0)
    fleet = list(devices.stations(_units("commune")))
    networks = {
        network.source: [station for station in fleet if station.source == network.source]
        for network in devices.NETWORKS
    }
    for times in (*_stretches(start, fine, 3600, 60), *_stretches(fine, now, 300, 10)):
        yield {source: _measured(stations, times) for source, stations in networks.items()}


def _stretches(start: datetime, end: datetime, seconds: int, days: int) -> Iterator[signals.Times]:
    """Yield the moments between two times, every so many seconds, a few days at a time."""
    moments = np.arange(start.timestamp(), end.timestamp(), seconds)
    length = days * 86400 // seconds
    for begin in range(0, len(moments), length):
        yield moments[begin : begin + length]


def _measured(stations: Sequence[devices.Station], times: signals.Times) -> pa.Table:
    """Return all readings of the stations at the times, in the readings shape and by time."""
    pairs = [(station, metric) for station in stations for metric in station.metrics]
    moments = np.repeat((times * 1e6).astype("datetime64[us]"), len(pairs))

    def column(names: list[str]) -> pa.Array:
        words = sorted(set(names))
        places = np.array([words.index(name) for name in names], dtype=np.int32)
        return pa.DictionaryArray.from_arrays(np.tile(places, len(times)), pa.array(words))

    values = [
        signals.measure(metric, devices.seed_of(station.code, signals.kin(metric)), times)
        for station, metric in pairs
    ]
    return pa.table(
        {
            "device": column([station.code for station, _ in pairs]),
            "metric": column([metric for _, metric in pairs]),
            "time": pa.array(moments).cast(pa.timestamp("us", tz="UTC")),
            "value": np.stack(values, axis=1).ravel(),
            "status": column(["measuring"] * len(pairs)),
            "unit": column([station.unit for station, _ in pairs]),
        }
    )


def compute_tables() -> None:
    """Compute every indicator of the tables over the whole history."""
    for dataset in TABLES:
        indicators.recompute(dataset=dataset.code, now=timezone.now())


def compute_readings() -> None:
    """Compute the hours of readings as far back as PostgreSQL keeps them at hand."""
    now = timezone.now()
    indicators.recompute(dataset=READINGS, now=now, since=now - timedelta(days=HOURS_DAYS))
