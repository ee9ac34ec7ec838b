"""Reconciling live values with the lake: readings that the fast path missed are judged the same."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api as ingest
from haidang.data.warehouse import api as warehouse
from haidang.insight.indicators.actions import computing
from haidang.insight.indicators.evaluators.live import LiveEvaluator
from haidang.insight.indicators.models import Indicator

if TYPE_CHECKING:
    import pyarrow as pa

NAME = "indicators"
_BACK = timedelta(days=1)
_STATUSES = ("measuring", "calibrating", "fault")


def reconcile(*, dataset: str, batches: Collection[int] | None, now: datetime) -> int:
    """Judge the readings of some batches (None: of the last day) as the fast path does.

    What it has seen is older than its memory and changes nothing. Return how many units changed.
    """
    live = Indicator.objects.filter(method="live", spec__dataset=dataset)
    metrics = sorted({str(spec["metric"]) for spec in live.values_list("spec", flat=True)})
    if not metrics or catalogue.contract(dataset).kind != "readings":
        return 0
    table = computing.approved_table(dataset)
    table = table.filter(table["metric"].isin(metrics), table["time"] > now - _BACK)
    if batches is not None:
        table = table.filter(table["_batch"].isin(list(batches)))
    found = warehouse.execute(table.select("device", "metric", "unit", "time", "value", "status"))
    evaluator = LiveEvaluator()
    evaluator.load()
    changes = evaluator.evaluate(_readings(found))
    if changes is None:
        return 0
    evaluator.apply(changes)
    ingest.evaluator_changed(NAME)
    return len(changes.units)


def _readings(table: "pa.Table") -> ingest.Readings:
    import pyarrow as pa

    device, devices = _encoded(table, "device")
    metric, metrics = _encoded(table, "metric")
    unit, units = _encoded(table, "unit")
    status = [_STATUSES.index(one or _STATUSES[0]) for one in table["status"].to_pylist()]
    return ingest.Readings(
        devices=devices,
        metrics=metrics,
        units=units,
        device=device,
        metric=metric,
        unit=unit,
        time=table["time"].cast(pa.timestamp("us", "UTC")).cast("int64").to_numpy(),
        value=table["value"].cast("float64").to_numpy(),
        status=np.array(status, dtype=np.uint8),
    )


def _encoded(table: "pa.Table", name: str) -> tuple[Any, list[str]]:
    """Return a column of text as numbers, and the words that they stand for."""
    column = table[name].fill_null("").combine_chunks().dictionary_encode()
    numbers = column.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    return numbers, column.dictionary.to_pylist()
