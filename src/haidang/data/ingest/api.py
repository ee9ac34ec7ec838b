"""The door of data intake for other domains."""

from haidang.data.ingest.errors import (
    AlreadyDecidedError,
    IngestError,
    RunNotFoundError,
    SamePersonError,
    SourceNotFoundError,
    TooLargeError,
    UnreadableFileError,
)
from haidang.data.ingest.queries import (
    devices,
    lineage,
    pending_batches,
    receipt,
    source,
    source_for,
    sources,
)
from haidang.data.ingest.rules.values import DeviceRef, Lineage, Receipt, SourceRef

__all__ = [
    "AlreadyDecidedError",
    "DeviceRef",
    "IngestError",
    "Lineage",
    "Receipt",
    "RunNotFoundError",
    "SamePersonError",
    "SourceNotFoundError",
    "SourceRef",
    "TooLargeError",
    "UnreadableFileError",
    "devices",
    "lineage",
    "pending_batches",
    "receipt",
    "source",
    "source_for",
    "sources",
]
