"""The lake on S3-compatible storage: a real server, away and back among other things."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from django.utils import timezone

from haidang.data.catalogue import api as catalogue
from haidang.data.warehouse import api as warehouse
from haidang.data.warehouse.engine import compaction, instances
from haidang.foundation.access.api import EVERYTHING
from tests import objects

pytestmark = [
    pytest.mark.skipif(bool(objects.missing()), reason=objects.missing()),
    pytest.mark.django_db(transaction=True),
]
NOON = dt.datetime(2026, 11, 23, 5, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[objects.ObjectStore]:
    with objects.ObjectStore(tmp_path_factory.mktemp("swift") / "s") as running:
        yield running


@pytest.fixture
def bucket(server: objects.ObjectStore, settings: Any, db: None) -> Iterator[objects.ObjectStore]:
    """The lake of this process in a bucket, and afterwards where it was."""
    local = settings.LAKE_URL
    warehouse.clear()
    for name, value in server.environment("ioc").items():
        setattr(settings, name.removeprefix("HAIDANG_"), value)
    yield server
    server.come_back()
    warehouse.clear()
    settings.LAKE_URL = local


@pytest.fixture
def readings(bucket: objects.ObjectStore) -> None:
    warehouse.ensure_table(
        catalogue.ContractSpec(
            "quan-trac", 1, "", catalogue.READINGS_FIELDS, None, None, "readings", "unit", "time"
        )
    )


def land(number: int, *rows: tuple[str, int, float]) -> None:
    data = pa.table(
        {
            "device": [row[0] for row in rows],
            "metric": ["pm25"] * len(rows),
            "time": [NOON + dt.timedelta(minutes=row[1]) for row in rows],
            "value": [row[2] for row in rows],
            "unit": ["25747"] * len(rows),
        }
    )
    warehouse.commit([warehouse.Batch(number, "quan-trac", "tram", data)])


def kept() -> list[tuple[Any, ...]]:
    columns = ("device", "time", "value")
    return warehouse.rows("quan-trac", scope=EVERYTHING, columns=columns, order=columns).rows


def test_rows_land_are_revised_merged_and_tidied(
    bucket: objects.ObjectStore, readings: None
) -> None:
    for number in range(1, 9):
        land(number, ("a", number, 1.0), ("a", 0, float(number)))
    before = kept()
    assert len(before) == 9 and before[0][2] == 8.0
    assert len(bucket.names("ioc/main/quan_trac")) == 8

    assert warehouse.compact("quan-trac") >= 7
    assert kept() == before and warehouse.faults() == []
    compaction.tidy(timezone.now(), dt.timedelta(0))

    named = instances.writer().cursor().execute("FROM ducklake_list_files('lake', 'quan_trac')")
    addresses = {f"s3://{name}" for name in bucket.names("ioc/main/quan_trac")}
    assert {row[0] for row in named.fetchall()} == addresses
    assert kept() == before and warehouse.faults() == []
