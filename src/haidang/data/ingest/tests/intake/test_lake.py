"""The way to the lake: readings that disk or database cannot take yet are never given up."""

import errno
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError

from haidang.data.ingest.intake.lake import Lake
from haidang.data.ingest.journal import PARKED, Journal
from haidang.data.warehouse import api as warehouse

from .test_fast import a_registry

A_BATCH = warehouse.Batch(1, "quan-trac", "aq", warehouse.Rows)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "failure",
    [
        OSError(errno.ENOSPC, "full"),
        OSError(errno.EROFS, "read-only"),
        psycopg.OperationalError("the server is away"),
        OperationalError("the server is away"),
        warehouse.LakeUnavailableError(),
    ],
)
def test_a_batch_is_not_parked_while_disk_or_database_are_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fails(batches: object) -> None:
        raise failure

    monkeypatch.setattr(warehouse, "commit", fails)
    lake = Lake(Journal(tmp_path / "main"), a_registry())

    with pytest.raises(type(failure)):
        lake._alone("aq", A_BATCH)
    assert not (tmp_path / PARKED).exists()
