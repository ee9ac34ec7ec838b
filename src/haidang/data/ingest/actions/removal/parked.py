"""Readings that neither lake nor quarantine took, and what a crash left half-written."""

import json
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from django.conf import settings

from haidang.data.ingest.intake import frames
from haidang.data.ingest.journal import PARKED
from haidang.data.ingest.models import Source
from haidang.data.protection import api as protection
from haidang.foundation.core.durable import sync_folder

_OLD = 3600.0  # seconds after which nobody is at work on a half-written file


class Parked:
    """Files beside the journals, and leftovers of loads that died."""

    title = "Dữ liệu tạm"

    def preview(self, target: protection.Target) -> protection.Found:
        count = sum(
            1 for path, dataset in _parked(target) if _remaining(path, target, dataset) >= 0
        )
        return protection.Found({"tệp tạm": count} if count else {})

    def erase(self, target: protection.Target, note_file: protection.NoteFile) -> protection.Found:
        count = 0
        for path, dataset in list(_parked(target)):
            count += _rewrite(path, target, dataset)
        count += _sweep()
        return protection.Found({"tệp tạm": count} if count else {})


def _parked(target: protection.Target) -> list[tuple[Path, str]]:
    folder = frames.journal_root() / PARKED
    if not folder.exists():
        return []
    sources = Source.objects.filter(dataset__in=target.datasets)
    datasets = dict(sources.values_list("code", "dataset"))
    found = []
    for path in sorted(folder.iterdir()):
        source, _, _ = path.stem.rpartition("-")
        if source in datasets:
            found.append((path, datasets[source]))
    return found


def _remaining(path: Path, target: protection.Target, dataset: str) -> int:
    """Return how many rows of a file stay; -1 where all do."""
    if int(path.stem.rpartition("-")[2]) in target.batches.get(dataset, frozenset()):
        return 0
    rows = _rows(path)
    stay = [row for row in rows if not target.matches_row(dataset, row)]
    return len(stay) if len(stay) < len(rows) else -1


def _rows(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".json":
        return [dict(row[1]) for row in json.loads(path.read_text(encoding="utf-8"))]
    import pyarrow as pa

    with pa.OSFile(str(path)) as opened:
        found: list[dict[str, Any]] = pa.ipc.open_file(opened).read_all().to_pylist()
    return found


def _rewrite(path: Path, target: protection.Target, dataset: str) -> int:
    left = _remaining(path, target, dataset)
    if left < 0:
        return 0
    if left:
        draft = path.with_name(f".{path.name}.new")
        _write_rest(path, draft, target, dataset)
        draft.rename(path)
    else:
        path.unlink()
    sync_folder(path.parent)
    return 1


def _write_rest(path: Path, draft: Path, target: protection.Target, dataset: str) -> None:
    with draft.open("wb") as opened:
        if path.suffix == ".json":
            rows = json.loads(path.read_text(encoding="utf-8"))
            stay = [row for row in rows if not target.matches_row(dataset, row[1])]
            opened.write(json.dumps(stay, ensure_ascii=False).encode())
        else:
            import pyarrow as pa

            with pa.OSFile(str(path)) as old:
                table = pa.ipc.open_file(old).read_all()
            wanted = [not target.matches_row(dataset, row) for row in table.to_pylist()]
            with pa.ipc.new_file(opened, table.schema) as writer:
                writer.write_table(table.filter(pa.array(wanted)))
        opened.flush()
        os.fsync(opened.fileno())


def _sweep() -> int:
    """Delete what loads and uploads that died have left half-written."""
    before = time.time() - _OLD
    left = [
        *Path(tempfile.gettempdir()).glob("haidang-load-*"),
        *Path(tempfile.gettempdir()).glob("haidang-sample-*"),
        *(Path(settings.DATA_DIR) / "files").glob("arriving-*"),
    ]
    old = [path for path in left if path.stat().st_mtime < before]
    for path in old:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(old)
