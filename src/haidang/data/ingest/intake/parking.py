"""Where readings go that neither lake nor quarantine will take: a file that a person must see."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from haidang.data.ingest.journal import PARKED, Reader
from haidang.data.warehouse import api as warehouse


def park(journal: Reader, batch: warehouse.Batch) -> None:
    """Keep the rows of a batch that the lake refuses again and again."""
    import pyarrow as pa

    rows = pa.concat_tables(part for part, _ in batch.parts())
    with _file(journal, f"{batch.source}-{batch.id}.arrow").open("wb") as opened:
        with pa.ipc.new_file(opened, rows.schema) as writer:
            writer.write_table(rows)
        opened.flush()
        os.fsync(opened.fileno())


def park_waiting(journal: Reader, source: str, batch: int, waiting: Sequence[Any]) -> None:
    """Keep the readings that the quarantine refuses, or whose source is gone."""
    with _file(journal, f"{source}-{batch}.json").open("w", encoding="utf-8") as opened:
        json.dump(waiting, opened, ensure_ascii=False)
        opened.flush()
        os.fsync(opened.fileno())


def park_body(journal: Reader, name: str, body: bytes) -> None:
    """Keep a notification that no source takes."""
    with _file(journal, name).open("wb") as opened:
        opened.write(body)
        opened.flush()
        os.fsync(opened.fileno())


def parked(journal: Reader) -> int:
    """Return how many files are parked."""
    folder = journal.folder.parent / PARKED
    return len(list(folder.iterdir())) if folder.exists() else 0


def _file(journal: Reader, name: str) -> Path:
    folder = journal.folder.parent / PARKED
    folder.mkdir(exist_ok=True)
    return folder / name
