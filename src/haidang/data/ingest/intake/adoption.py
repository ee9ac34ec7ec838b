"""Journals whose owner is dead: their readings go to the lake from here."""

import logging
import shutil
import threading
import time
from pathlib import Path

from django.db import close_old_connections, connection

from haidang.data.ingest import journal as journals
from haidang.data.ingest.intake import frames
from haidang.data.ingest.intake.fast import Fast
from haidang.data.ingest.intake.lake import Lake
from haidang.data.ingest.intake.limits import limits_of
from haidang.data.ingest.intake.refine import Refiner
from haidang.data.ingest.intake.registry import Registry
from haidang.data.ingest.journal import Journal, JournalBusyError

log = logging.getLogger(__name__)

_EVERY = 60.0
_SPOOL_KEPT = 3600.0  # seconds that a body may lie in the spool before its writer counts as dead


class Adoption(threading.Thread):
    """Looks for abandoned journals and spooled bodies from time to time."""

    def __init__(self, root: Path) -> None:
        super().__init__(name="adoption", daemon=True)
        self._root = root
        self._stop_asked = threading.Event()

    def stop(self) -> None:
        self._stop_asked.set()

    def run(self) -> None:
        while not self._stop_asked.wait(_EVERY):
            try:
                sweep_spool(time.time())
                for folder in journals.abandoned(self._root):
                    adopt(folder)
            except Exception:
                log.exception("adoption: will try again")
                close_old_connections()
        connection.close()


def adopt(folder: Path) -> None:
    """Bring an abandoned journal to the lake and remove it. Does nothing if its owner is back."""
    try:
        journal = Journal(folder)
    except JournalBusyError:
        return
    log.warning("journal %s has lost its owner; its readings go to the lake", folder)
    refiner = Refiner(Registry(), limits_of())
    lake = Lake(journal, refiner.registry)
    fast = Fast(journal, refiner, lake)
    lake.start()
    fast.start()
    fast.stop()
    fast.join()
    lake.stop()
    lake.join()
    finished = lake.flushed >= journal.durable
    journal.close()
    if finished:
        shutil.rmtree(folder)


def sweep_spool(now: float) -> None:
    """Delete spooled bodies whose web process died before handing them in."""
    for path in frames.spool_folder().iterdir():
        if now - path.stat().st_mtime > _SPOOL_KEPT:
            path.unlink(missing_ok=True)
