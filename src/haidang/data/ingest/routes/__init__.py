"""The typed API of data intake: sources, connections, batches in, receipts and waiting rows out."""

from haidang.data.ingest.routes import (
    cameras,
    connections,
    describing,
    devices,
    judging,
    ngsi,
    quality,
    quarantine,
    runs,
    sources,
    structures,
)
from haidang.data.ingest.routes.common import router

__all__ = [
    "cameras",
    "connections",
    "describing",
    "devices",
    "judging",
    "ngsi",
    "quality",
    "quarantine",
    "router",
    "runs",
    "sources",
    "structures",
]
