"""The commit door: every batch exactly once, repeats and revisions told apart."""

import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from haidang.data.catalogue import api as catalogue
from haidang.data.warehouse import api as warehouse
from haidang.data.warehouse.engine import instances, store
from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.models import OutboxEvent

pytestmark = pytest.mark.django_db

FIELDS = (
    catalogue.FieldSpec("xa", "Xã", "unit", required=True, key=True),
    catalogue.FieldSpec("thang", "Tháng", "yearmonth", required=True, key=True),
    catalogue.FieldSpec("ho_ngheo", "Hộ nghèo", "integer"),
)


@pytest.fixture
def table() -> catalogue.ContractSpec:
    return a_table()


def a_table(**more: object) -> catalogue.ContractSpec:
    spec = catalogue.ContractSpec(
        dataset="ho-ngheo", version=1, title="Hộ nghèo", fields=FIELDS, sector=None,
        owner_unit_id=None, kind="table", unit_field="xa", time_field=None,
    )  # fmt: skip
    warehouse.ensure_table(spec)
    return spec


def a_batch(number: int, *rows: tuple[str, str, int | None]) -> warehouse.Batch:
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    data = pa.table(
        {
            "xa": pa.array(columns[0], pa.string()),
            "thang": pa.array(columns[1], pa.string()),
            "ho_ngheo": pa.array(columns[2], pa.int64()),
        }
    )
    return warehouse.Batch(number, "ho-ngheo", "tep", data)


def counts(landed: list[warehouse.Landed]) -> list[tuple[int, int, int]]:
    return [(one.accepted, one.duplicate, one.revised) for one in landed]


def held(table: str) -> int:
    with instances.reading() as cursor:
        return cursor.execute(f"SELECT count(*) FROM lake.{table}").fetchone()[0]


def test_new_rows_are_accepted(table):
    landed = warehouse.commit([a_batch(1, ("25747", "2026-01", 5), ("25750", "2026-01", 7))])

    assert counts(landed) == [(2, 0, 0)]
    assert held("ho_ngheo") == 2


def test_a_batch_lands_once(table):
    first = warehouse.commit([a_batch(1, ("25747", "2026-01", 5))])
    again = warehouse.commit([a_batch(1, ("25747", "2026-01", 5))])

    assert again == first
    assert held("ho_ngheo") == 1


def test_a_row_that_says_the_same_is_a_duplicate(table):
    warehouse.commit([a_batch(1, ("25747", "2026-01", 5))])

    landed = warehouse.commit([a_batch(2, ("25747", "2026-01", 5), ("25747", "2026-02", 5))])

    assert counts(landed) == [(1, 1, 0)]


def test_a_row_that_says_otherwise_is_a_revision(table):
    warehouse.commit([a_batch(1, ("25747", "2026-01", 5), ("25750", "2026-01", 1))])

    landed = warehouse.commit([a_batch(2, ("25747", "2026-01", 6))])

    assert counts(landed) == [(1, 0, 1)]
    assert held("ho_ngheo") == 2
    assert held("ho_ngheo__revisions") == 2


def test_duplicates_inside_one_batch_are_found(table):
    landed = warehouse.commit(
        [a_batch(1, ("25747", "2026-01", 5), ("25747", "2026-01", 5), ("25747", "2026-01", 6))]
    )

    assert counts(landed) == [(2, 1, 1)]


def test_many_batches_of_one_commit_see_one_another(table):
    landed = warehouse.commit(
        [a_batch(1, ("25747", "2026-01", 5)), a_batch(2, ("25747", "2026-01", 5))]
    )

    assert counts(landed) == [(1, 0, 0), (0, 1, 0)]


def test_a_batch_without_rows_lands(table):
    landed = warehouse.commit([a_batch(1)])

    assert counts(landed) == [(0, 0, 0)]
    assert list(warehouse.landed([1])) == [1]


def test_landing_publishes_one_event_in_the_same_transaction(table):
    warehouse.commit([a_batch(1, ("25747", "2026-01", 5))])
    warehouse.commit([a_batch(1, ("25747", "2026-01", 5))])

    events = OutboxEvent.objects.filter(name="warehouse.landed")
    assert [(event.aggregate, event.payload) for event in events] == [
        ("dataset:ho-ngheo", {"batch": 1, "dataset": "ho-ngheo", "source": "tep"})
    ]


def test_an_empty_key_is_refused_and_nothing_lands(table):
    with pytest.raises(warehouse.BadRowsError):
        warehouse.commit([a_batch(1, (None, "2026-01", 5))])  # type: ignore[arg-type]

    assert warehouse.landed([1]) == {}


def test_a_table_that_is_not_there_is_named(db):
    with pytest.raises(warehouse.UnknownTableError):
        warehouse.commit([a_batch(1, ("25747", "2026-01", 5))])


def test_readings_lie_in_months(db):
    warehouse.ensure_table(
        catalogue.ContractSpec(
            dataset="quan-trac", version=1, title="", fields=catalogue.READINGS_FIELDS, sector=None,
            owner_unit_id=None, kind="readings", unit_field="unit", time_field="time",
        )
    )  # fmt: skip
    times = [datetime.datetime(2026, month, 1, tzinfo=datetime.UTC) for month in (3, 1, 2, 1)]
    rows = pa.table(
        {"device": ["a", "b", "c", "d"], "metric": ["pm25"] * 4, "time": times, "value": [1.0] * 4}
    )

    warehouse.commit([warehouse.Batch(1, "quan-trac", "tram", rows)])

    months = sorted(p.name for p in Path(store.here().address).glob("main/quan_trac/*/month=*"))
    assert months == ["month=1", "month=2", "month=3"]
    with instances.reading() as cursor:
        assert cursor.execute("SELECT count(*) FROM lake.quan_trac").fetchone() == (4,)


def test_a_file_of_readings_keeps_each_series_together(db):
    spec = catalogue.define(dataset="quan-trac", title="Quan trắc", kind="readings", by=SYSTEM)
    warehouse.ensure_table(spec)
    start = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
    series = [(device, metric) for device in ("b", "a", "c") for metric in ("pm25", "pm10")]
    given = [
        (*one, start + datetime.timedelta(minutes=minute), float(minute))
        for minute in (2, 0, 1)
        for one in series
    ]
    columns = zip(("device", "metric", "time", "value"), zip(*given, strict=True), strict=True)

    warehouse.commit([warehouse.Batch(1, "quan-trac", "tram", pa.table(dict(columns)))])

    (file,) = Path(store.here().address).glob("main/quan_trac/*/month=3/*.parquet")
    stored = pq.ParquetFile(file).read().select(["device", "metric", "time", "value"])
    assert [tuple(row.values()) for row in stored.to_pylist()] == sorted(given)
    assert sorted(row - 1 for row in pq.ParquetFile(file).read()["_row"].to_pylist()) == list(
        range(len(given))
    )


@pytest.mark.parametrize("more", [0, 1, 500])
def test_one_of_a_list_however_long(table, more):
    warehouse.commit([a_batch(1, ("25747", "2026-01", 5), ("25942", "2026-01", 7))])
    wanted = ["25747", *(f"khong-co-{number}" for number in range(more))]

    found = [
        warehouse.rows(
            table.dataset, scope=access.EVERYTHING, columns=["xa"], where=[("xa", "in", asked)]
        ).rows
        for asked in (wanted, [])
    ]

    assert found == [[("25747",)], []]
