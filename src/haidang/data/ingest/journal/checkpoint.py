"""The checkpoint: a small file that says how far the lake has come.

Before a range goes to the lake its end and batch numbers are fixed here (the intent). A crash
repeats the same range under the same numbers, and the commit door knows what it has landed.
"""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from haidang.foundation.core.durable import sync_folder


@dataclass(frozen=True)
class Intent:
    """The range from the flushed position to `end`, and the batch number of each stream in it."""

    end: int
    batches: dict[str, int]


@dataclass(frozen=True)
class Checkpoint:
    """Everything before `flushed` is in the lake; `intent` is on its way."""

    flushed: int = 0
    intent: Intent | None = field(default=None)

    @classmethod
    def read(cls, folder: Path) -> "Checkpoint":
        try:
            stored = json.loads((folder / "checkpoint").read_bytes())
        except FileNotFoundError:
            return cls()
        intent = stored["intent"]
        return cls(stored["flushed"], Intent(**intent) if intent else None)

    def write(self, folder: Path) -> None:
        """Replace the stored checkpoint; durable when this returns."""
        draft = folder / "checkpoint.new"
        with draft.open("wb") as opened:
            opened.write(json.dumps(asdict(self)).encode())
            opened.flush()
            os.fsync(opened.fileno())
        draft.rename(folder / "checkpoint")
        sync_folder(folder)
