"""The gate: one sync for all who wait, and what it says when nothing can be written."""

import asyncio
import os
from pathlib import Path

import pytest

from haidang.data.ingest.intake import gate
from haidang.data.ingest.intake.gate import Gate
from haidang.data.ingest.journal import Journal


def tried(folder: Path, *, close_first: bool = False) -> tuple[list[bool], Journal]:
    """Put three requests in one turn of the loop; return who was told "durable"."""
    journal = Journal(folder)
    answers: list[bool] = []

    async def turn() -> None:
        door = Gate(journal, asyncio.get_running_loop(), lambda: None)
        if close_first:
            door.close()
        for number in range(3):
            door.put([(b"n", b"%d" % number)], lambda error, at: answers.append(error is None))
        assert answers == []
        await asyncio.sleep(0.01)

    asyncio.run(turn())
    return answers, journal


def test_one_sync_answers_all_of_a_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    syncs: list[int] = []
    real = os.fdatasync
    monkeypatch.setattr(os, "fdatasync", lambda fd: (syncs.append(fd), real(fd))[1])
    answers, journal = tried(tmp_path / "j")
    assert answers == [True, True, True]
    assert len(syncs) == 1
    assert len(journal.read(0, 1 << 20)) == 3
    journal.close()


def test_a_disk_at_its_reserve_refuses_all_and_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "RESERVE_BYTES", 1 << 60)
    answers, journal = tried(tmp_path / "j")
    assert answers == [False, False, False]
    assert journal.read(0, 1 << 20) == []
    journal.close()


def test_a_closed_gate_acknowledges_nothing(tmp_path: Path) -> None:
    answers, journal = tried(tmp_path / "j", close_first=True)
    assert answers == [False, False, False]
    assert journal.read(0, 1 << 20) == []
    journal.close()
