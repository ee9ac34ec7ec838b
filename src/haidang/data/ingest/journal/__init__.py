"""The journal: what intake has acknowledged and the lake does not hold yet.

A folder of segment files with one owner at a time. Records are appended in groups with one
`fdatasync` per group; a position counts bytes of records since the folder began, so it only
grows. Large requests lie in files of their own beside the segments; a record names each.
The checkpoint says how far the lake has come, and under which batch numbers the next range goes.
"""

from haidang.data.ingest.journal.checkpoint import Checkpoint, Intent
from haidang.data.ingest.journal.copying import PARKED, copy
from haidang.data.ingest.journal.folder import Journal
from haidang.data.ingest.journal.lock import JournalBusyError, abandoned
from haidang.data.ingest.journal.reading import Reader
from haidang.data.ingest.journal.records import LargeFile, Record

__all__ = [
    "PARKED",
    "Checkpoint",
    "Intent",
    "Journal",
    "JournalBusyError",
    "LargeFile",
    "Reader",
    "Record",
    "abandoned",
    "copy",
]
