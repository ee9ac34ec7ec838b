"""Waiting readings as the quarantine keeps them: what is too long for a row lies in a file."""

from collections.abc import Mapping
from typing import Any

from haidang.foundation.core import files

_SHOWN = 16 * 1024  # letters of an original text that a row shows


def fitted(row: Mapping[str, Any], batch: int) -> dict[str, Any]:
    """Return a waiting row with its batch; a long original is kept whole as a stored file."""
    original = str(row.get("original", ""))
    if len(original) <= _SHOWN:
        return {**row, "batch": batch}
    stored = files.store(
        original.encode(), name=f"cho-xu-ly-{batch}.txt", media_type="text/plain",
        is_acknowledged=True,
    )  # fmt: skip
    return {**row, "batch": batch, "original": original[:_SHOWN], "file": stored.sha256}
