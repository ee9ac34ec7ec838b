"""Intake's part in removals: journals, waiting rows, originals, and what may not come again."""

from haidang.data.ingest.actions.removal.expanding import batches_of
from haidang.data.ingest.actions.removal.journals import Journals
from haidang.data.ingest.actions.removal.originals import Originals
from haidang.data.ingest.actions.removal.parked import Parked
from haidang.data.ingest.actions.removal.waiting import WaitingRows
from haidang.data.protection import api as protection


def register() -> None:
    """Tell protection which stores intake has; the journals first, for they flow into the rest."""
    protection.expand_runs(batches_of)
    protection.register("journals", Journals(), order=10)
    protection.register("parked", Parked(), order=20)
    protection.register("originals", Originals(), order=30)
    protection.register("waiting", WaitingRows(), order=40)


__all__ = ["register"]
