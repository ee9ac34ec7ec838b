"""The lake on S3-compatible storage: a real server, away and back among other things."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import connection
from django.utils import timezone

from haidang.data.catalogue import api as catalogue
from haidang.data.catalogue.api import FieldSpec
from haidang.data.ingest import api as ingest
from haidang.data.ingest.actions import runs
from haidang.data.ingest.models import Run
from haidang.data.warehouse import api as warehouse
from haidang.data.warehouse import queries
from haidang.data.warehouse.engine import (
    compaction,
    door,
    instances,
    last,
    purging,
    snapshots,
    store,
)
from haidang.data.warehouse.engine.blocks import listing, memory
from haidang.data.warehouse.engine.rollups import keeping
from haidang.data.warehouse.engine.spark import asking
from haidang.data.warehouse.tests.readings import land, make_table
from haidang.foundation.access import api as access
from haidang.foundation.access.api import EVERYTHING
from haidang.foundation.core.audit import SYSTEM
from tests import objects
from tests.world import World, build_world

pytestmark = [
    pytest.mark.skipif(bool(objects.missing()), reason=objects.missing()),
    pytest.mark.django_db(transaction=True),
]


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
    store._store.cache_clear()
    yield server
    warehouse.clear()
    settings.LAKE_URL = local


@pytest.fixture
def readings(bucket: objects.ObjectStore) -> None:
    make_table()


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
    assert not warehouse.is_unused()  # a restore would refuse to write here
    with instances.reading() as cursor, pytest.raises(duckdb.PermissionException):
        cursor.execute("FROM read_parquet('s3://kho/cua-nguoi-khac/x.parquet')")
    assert kept() == before and warehouse.faults() == []


def test_roll_ups_lie_in_the_bucket_and_answer_from_there(
    bucket: objects.ObjectStore, readings: None
) -> None:
    land(1, *(("a", minute, 1.0) for minute in range(120)))
    assert keeping.keep("quan-trac", least=1) == 1
    (rolled,) = bucket.names("ioc/main/quan_trac__hours")
    (rows,) = bucket.names("ioc/main/quan_trac/")
    assert rolled.rsplit("/", 1)[-1] == rows.rsplit("/", 1)[-1]
    assert warehouse.faults() == []
    store.here().delete([rows.split("/ioc/")[1]])
    assert not bucket.names("ioc/main/quan_trac/")

    found = warehouse.aggregate(
        "quan-trac", scope=EVERYTHING, measures=[("sum", "value")], bucket="hour", order=["bucket"]
    )

    assert [row[1] for row in found.rows] == [60.0, 60.0]


def test_every_way_of_reading_answers_from_the_bucket(
    bucket: objects.ObjectStore, readings: None, tmp_path: Path
) -> None:
    land(1, *((device, minute, float(minute)) for device in "ab" for minute in range(100)))
    land(2, ("a", 0, 7.0))
    total = 7.0 + 2 * sum(range(100))

    table = warehouse.execute(warehouse.table("quan-trac", scope=EVERYTHING))
    assert sum(table["value"].to_pylist()) == total

    asked = warehouse.check_select("SELECT sum(value) AS tong FROM quan_trac", ["quan_trac"])
    inputs = [warehouse.select_input("quan-trac")]
    to = tmp_path / "rows"
    assert warehouse.write_select(asked, inputs, None, to, seconds=60) == 1
    assert pa.ipc.open_file(pa.memory_map(str(to))).read_all()["tong"].to_pylist() == [total]

    with connection.cursor() as cursor:
        found = listing.listing(cursor, queries.info("quan-trac"))
    state = memory.Memory(1_000).state(queries.info("quan-trac"), found, frozenset())
    assert state is not None and state.rows == 200

    named = snapshots.tables(["quan_trac"])[0]
    fetched = asking._at_hand(named, tmp_path)
    assert sum(pq.read_metadata(path).num_rows for path in fetched.data) == 200

    last.refresh("quan-trac")
    assert {one.device for one in warehouse.last_values("quan-trac", scope=EVERYTHING)} == {*"ab"}


@pytest.fixture
def cases(bucket: objects.ObjectStore) -> World:
    """A dataset of cases and the source of its files."""
    world = build_world()
    fields = (
        FieldSpec("xa", "Phường, xã", "unit", required=True, key=True),
        FieldSpec("so_ca", "Số ca", "integer", required=True),
        FieldSpec("ten", "Họ tên"),
    )
    access.grant(
        account=world.accounts["thongke.stnmt"], role="data_steward", unit=world.unit("74"),
        by=SYSTEM,
    )  # fmt: skip
    catalogue.define(dataset="ca-benh", title="Ca bệnh", fields=fields, by=SYSTEM)
    ingest.create_source(
        code="tep-xa", title="Tệp của xã", kind="file", dataset="ca-benh",
        supplier_unit_id=world.unit("74.STNMT"), by=SYSTEM,
    )  # fmt: skip
    return world


def load(*lines: str) -> ingest.Receipt:
    text = "\n".join(("Phường, xã;Số ca;Họ tên", *lines, ""))
    return ingest.load(source="tep-xa", file=text.encode(), name="ca.csv", by=SYSTEM)


def asked(world: World) -> Any:
    client = world.client("thongke.stnmt")
    return client.get("/api/v1/datasets/ca-benh/records?unapproved=true&order=xa")


def test_an_absent_server_loses_nothing_and_is_named(
    bucket: objects.ObjectStore, cases: World
) -> None:
    assert load("25747;3;An").accepted == 1
    with bucket.away():
        with pytest.raises(warehouse.LakeUnavailableError, match="S3"):
            load("25741;5;Bình", "25942;1;Chi")
        waits = Run.objects.get(finished_at=None)
        assert not warehouse.landed([waits.pk])
        answer = asked(cases)
        assert answer.status_code == 503, answer.content
        assert "Kho tệp S3 chưa trả lời" in json.loads(answer.content)["title"]

    assert [row["so_ca"] for row in asked(cases).json()["items"]] == [3]
    receipt = runs.process(run_id=waits.pk)

    assert (receipt.accepted, receipt.duplicate) == (2, 0)
    assert [row["so_ca"] for row in asked(cases).json()["items"]] == [5, 3, 1]
    assert warehouse.faults() == []


def test_a_server_that_ends_between_file_and_name_leaves_nothing_to_see(
    bucket: objects.ObjectStore, readings: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(1, ("a", 1, 1.0))
    named = door._register

    def ends_before(*given: Any) -> None:
        with bucket.away():
            named(*given)

    monkeypatch.setattr(door, "_register", ends_before)
    with pytest.raises(warehouse.LakeUnavailableError, match="S3"):
        land(2, ("a", 1, 5.0), ("b", 1, 2.0))
    monkeypatch.undo()

    assert not warehouse.landed([2]) and [row[2] for row in kept()] == [1.0]
    land(2, ("a", 1, 5.0), ("b", 1, 2.0))
    assert [row[2] for row in kept()] == [5.0, 2.0]
    assert warehouse.faults() == []


def test_a_removal_deletes_the_objects_that_held_the_rows(
    bucket: objects.ObjectStore, cases: World
) -> None:
    load("25747;3;Trần Zũng", "25741;5;Bình")
    load("25747;4;Trần Zũng")
    before = bucket.names("ioc")
    assert holding(bucket, "Zũng") and warehouse.faults() == []

    doomed = warehouse.Doomed(groups=(("ten",),), matches=lambda values: "Zũng" in values[0])
    assert warehouse.erase("ca-benh", doomed, "00000000-0000-0000-0000-000000000012") == 2

    assert holding(bucket, "Zũng") == [] and not before & bucket.names("ioc")
    assert [row["ten"] for row in asked(cases).json()["items"]] == ["Bình"]
    assert warehouse.faults() == []


def holding(bucket: objects.ObjectStore, word: str) -> list[str]:
    """Return the objects of whatever kind that hold a word."""
    files, found = bucket.files(), []
    for name in bucket.names("ioc"):
        with files.open_input_file(name) as opened:
            if word in str(pq.read_table(opened).to_pylist()):
                found.append(name)
    return found


def test_an_object_too_many_and_one_too_few_are_found(
    bucket: objects.ObjectStore, readings: None, settings: Any
) -> None:
    land(1, ("a", 1, 1.0))
    files = bucket.files()
    (own,) = bucket.names("ioc/main/quan_trac")
    strange = own.rpartition("/")[0] + "/la.parquet"
    files.copy_file(own, strange)
    assert warehouse.faults() == []  # it may be waiting to be named

    settings.LAKE_KEEP_HOURS = -1  # so that what was written just now is old
    (said,) = warehouse.faults()
    assert "1 tệp không thuộc bảng nào" in said and said.count("la.parquet") == 1
    files.delete_file(own)
    missing, foreign = warehouse.faults()
    assert missing == f"Thiếu tệp {own.removeprefix('kho/ioc/')}." and "la.parquet" in foreign


def test_a_bucket_that_keeps_old_versions_lets_no_removal_end(
    bucket: objects.ObjectStore, settings: Any
) -> None:
    bucket.make_bucket("phien-ban", versions=True)
    settings.LAKE_URL = "s3://phien-ban/ioc"
    make_table()
    land(1, ("a", 1, 1.0), ("b", 1, 2.0))
    assert warehouse.faults() == [purging.VERSIONS]
    doomed = warehouse.Doomed(groups=(("device",),), matches=lambda values: values[0] == "a")
    with pytest.raises(warehouse.LakeUnavailableError, match="phiên bản"):
        warehouse.erase("quan-trac", doomed, "00000000-0000-0000-0000-000000000013")
    assert [row[0] for row in kept()] == ["b"]


def test_settings_that_cannot_work_are_named(bucket: objects.ObjectStore, settings: Any) -> None:
    for name, value, said in (
        ("S3_SECRET", "sai", "HAIDANG_S3_SECRET"),
        ("S3_SECRET", "", "HAIDANG_S3_SECRET"),
        ("LAKE_URL", "s3://khong-co/ioc", "HAIDANG_LAKE_URL"),
        ("LAKE_URL", "ftp://kho/ioc", "HAIDANG_LAKE_URL"),
    ):
        right = getattr(settings, name)
        setattr(settings, name, value)
        store._store.cache_clear()
        with pytest.raises(warehouse.LakeUnavailableError, match=said):
            warehouse.prepare()
        setattr(settings, name, right)
    store._store.cache_clear()
