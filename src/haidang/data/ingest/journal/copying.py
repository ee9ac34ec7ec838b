"""Copying the journals of living processes, at a moment when nothing lands."""

import shutil
from pathlib import Path

PARKED = ".parked"  # beside the journals: what the lake would not take
_CHECKPOINT = "checkpoint"
_TRANSIENT = {"lock", "checkpoint.new"}


def copy(root: Path, target: Path) -> None:
    """Copy every journal below `root`; what was acknowledged before the call is in the copy.

    The caller keeps the lake still. A segment may grow, or go because it has landed, meanwhile;
    so the checkpoint is taken between two looks at the segments: whatever range it speaks of has
    been copied. A torn last record is cut off when the copy is opened.
    """
    if not root.exists():
        return
    for folder in sorted(path for path in root.iterdir() if (path / "lock").exists()):
        _copy_records(folder, target / folder.name)
        _copy_file(folder / _CHECKPOINT, target / folder.name / _CHECKPOINT)
        _copy_records(folder, target / folder.name)
        (target / folder.name / "lock").touch(mode=0o600)
    for path in sorted((root / PARKED).glob("*")):
        _copy_file(path, target / PARKED / path.name)


def _copy_records(folder: Path, target: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in _TRANSIENT | {_CHECKPOINT}:
            _copy_file(path, target / path.relative_to(folder))


def _copy_file(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(path, target)
    except FileNotFoundError:
        return
