"""Tombstones outside the database, so that an older backup of it cannot forget them.

`removals/removals.jsonl` in the data folder has one line per removal that was carried out. Copies
lie in every backup that can be reached, and in the folder that HAIDANG_REMOVALS_COPY names.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings

from haidang.data.protection.models import Removal
from haidang.foundation.core.durable import sync_folder

NAME = "removals.jsonl"
_BACKUPS = "backups.json"
_FIELDS = (
    "uuid", "kind", "datasets", "reason", "legal_basis", "document", "shown", "groups", "hashes",
    "batches", "expired", "files", "key", "refuses", "preview", "progress", "asked_at",
    "asked_label", "decided_at", "decided_label", "decision_reason", "sector",
)  # fmt: skip
Entry = dict[str, Any]


def folder() -> Path:
    return Path(settings.DATA_DIR) / "removals"


def write(removal: Removal) -> None:
    """Add a removal to the ledger and its copies within reach, durably; again changes nothing."""
    entry = {name: _plain(getattr(removal, name)) for name in _FIELDS}
    merge(folder(), [entry])
    every = read(folder())
    for place in copies():
        merge(place, every)


def _plain(value: Any) -> Any:
    return value if isinstance(value, dict | list | bool) else str(value)


def copies() -> list[Path]:
    """Return the folders within reach that keep a copy: known backups, and the one of settings."""
    found = [Path(one) for one in _known_backups()]
    if settings.REMOVALS_COPY:
        found.append(Path(settings.REMOVALS_COPY))
    return [one for one in found if one.is_dir()]


def remember_backup(target: Path) -> None:
    """Note where a backup lies, and give it the tombstones there are."""
    known = sorted({*_known_backups(), str(target)})
    _replace(folder() / _BACKUPS, json.dumps(known))
    merge(target, read(folder()))


def read(place: Path) -> list[Entry]:
    """Return the entries of a folder's ledger, in order; none where it has no ledger."""
    path = place / NAME
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def merge(place: Path, entries: Iterable[Entry]) -> None:
    """Add entries to a folder's ledger; what it has of the same removal is replaced."""
    before = {one["uuid"]: one for one in read(place)}
    after = before | {one["uuid"]: one for one in entries}
    if after != before or not (place / NAME).exists():
        lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in after.values())
        _replace(place / NAME, lines)


def _known_backups() -> list[str]:
    path = folder() / _BACKUPS
    return list(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else []


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.new")
    with draft.open("w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    draft.chmod(0o600)
    draft.rename(path)
    sync_folder(path.parent)
