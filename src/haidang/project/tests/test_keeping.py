"""Secrets are synced before anything relies on them."""

import os
from pathlib import Path

import pytest

from haidang.project import keeping


def test_a_secret_and_its_names_are_synced_and_never_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    real = os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda number: (synced.append(os.fstat(number).st_ino), real(number))
    )
    file = tmp_path / "secret"

    keeping.keep(file, "word")

    wanted = [one.stat().st_ino for one in (file, tmp_path, tmp_path.parent)]
    assert synced == wanted
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("word", 0o600)
    with pytest.raises(FileExistsError):
        keeping.keep(file, "another")
