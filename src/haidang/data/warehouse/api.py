"""The warehouse's door: bringing batches into the lake, and reading it within a scope."""

from haidang.data.warehouse.engine.clearing import clear
from haidang.data.warehouse.engine.control import prepare
from haidang.data.warehouse.engine.door import close, commit
from haidang.data.warehouse.engine.tables import ensure_table
from haidang.data.warehouse.errors import (
    BadQueryError,
    BadRowsError,
    IncompatibleContractError,
    LakeUnavailableError,
    UnknownTableError,
)
from haidang.data.warehouse.queries import landed, next_batch
from haidang.data.warehouse.rules import Batch, Landed

__all__ = [
    "BadQueryError",
    "BadRowsError",
    "Batch",
    "IncompatibleContractError",
    "LakeUnavailableError",
    "Landed",
    "UnknownTableError",
    "clear",
    "close",
    "commit",
    "ensure_table",
    "landed",
    "next_batch",
    "prepare",
]
