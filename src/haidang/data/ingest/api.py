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
from haidang.data.ingest.evaluators import Evaluator, Readings
from haidang.data.ingest.evaluators import changed as evaluator_changed
from haidang.data.ingest.evaluators import register as register_evaluator
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
    "Evaluator",
    "IngestError",
    "Lineage",
    "Readings",
    "Receipt",
    "RunNotFoundError",
    "SamePersonError",
    "SourceNotFoundError",
    "SourceRef",
    "TooLargeError",
    "UnreadableFileError",
    "devices",
    "evaluator_changed",
    "lineage",
    "pending_batches",
    "receipt",
    "register_evaluator",
    "source",
    "source_for",
    "sources",
]
