"""What may be asked about sources, devices, runs and waiting rows."""

from haidang.data.ingest.queries.origins import origins
from haidang.data.ingest.queries.runs import (
    awaits_approval,
    has_typed,
    lineage,
    pending_batches,
    receipt,
    receipt_of,
    waiting_rows,
)
from haidang.data.ingest.queries.sources import (
    device_ref,
    devices,
    source,
    source_for,
    source_ref,
    sources,
)

__all__ = [
    "awaits_approval",
    "device_ref",
    "devices",
    "has_typed",
    "lineage",
    "origins",
    "pending_batches",
    "receipt",
    "receipt_of",
    "source",
    "source_for",
    "source_ref",
    "sources",
    "waiting_rows",
]
