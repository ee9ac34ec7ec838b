"""Readings straight into the lake, with the last values brought up to them."""

import datetime as dt
from collections.abc import Sequence

import pyarrow as pa

from haidang.data.catalogue import api as catalogue
from haidang.data.warehouse import api as warehouse
from haidang.data.warehouse.engine import last

Row = tuple[str, str, dt.datetime, float, str]
"""Device, metric, time, value, status."""


def read(rows: Sequence[Row], unit: str = "25747", dataset: str = "quan-trac") -> int:
    """Land readings of one unit as one batch; return its number."""
    warehouse.ensure_table(catalogue.contract(dataset))
    device, metric, time, value, status = zip(*rows, strict=True)
    table = pa.table(
        {
            "device": list(device),
            "metric": list(metric),
            "time": pa.array(time, pa.timestamp("us", "UTC")),
            "value": list(map(float, value)),
            "status": list(status),
            "unit": [unit] * len(rows),
        }
    )
    batch = warehouse.Batch(warehouse.next_batch(), dataset, "thu", table)
    warehouse.commit([batch])
    last.refresh(dataset)
    return batch.id
