"""A table of readings for tests, and rows landed in it."""

import datetime as dt

import pyarrow as pa

from haidang.data.catalogue import api as catalogue
from haidang.data.warehouse import api as warehouse

NOON = dt.datetime(2026, 11, 23, 5, tzinfo=dt.UTC)


def make_table() -> None:
    """Make the table of `quan-trac`."""
    warehouse.ensure_table(
        catalogue.ContractSpec(
            "quan-trac", 1, "", catalogue.READINGS_FIELDS, None, None, "readings", "unit", "time"
        )
    )


def land(number: int, *rows: tuple[str, int, float]) -> None:
    """Land rows of (device, minutes after NOON, value) as a batch."""
    data = pa.table(
        {
            "device": [row[0] for row in rows],
            "metric": ["pm25"] * len(rows),
            "time": [NOON + dt.timedelta(minutes=row[1]) for row in rows],
            "value": [row[2] for row in rows],
            "unit": ["25747"] * len(rows),
        }
    )
    warehouse.commit([warehouse.Batch(number, "quan-trac", "tram", data)])
