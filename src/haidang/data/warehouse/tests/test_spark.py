"""Spark over the lake's own files: its answers are DuckDB's, whatever has become of the rows."""

import datetime as dt
import importlib.util
import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from django.test import override_settings

from haidang.data.catalogue import api as catalogue
from haidang.data.catalogue.api import FieldSpec
from haidang.data.warehouse import api as warehouse
from haidang.data.warehouse.engine import checking, door
from haidang.data.warehouse.engine.spark import asking, translating
from tests.spark import needs_spark

pytestmark = pytest.mark.django_db
# Two worker processes with an executor each, as on a cluster of two machines.
CLUSTER = override_settings(
    SPARK_MASTER="local-cluster[2,1,1024]",
    SPARK_SETTINGS=[
        "spark.sql.shuffle.partitions=2",
        "spark.default.parallelism=2",
        "spark.sql.codegen.wholeStage=false",
        "spark.sql.adaptive.enabled=false",
        "spark.executor.extraJavaOptions=-XX:TieredStopAtLevel=1",
        "spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1",
    ],
)
FIELDS = (
    FieldSpec("xa", "Xã", "unit", required=True, key=True),
    FieldSpec("luc", "Lúc", "datetime", required=True, key=True),
    FieldSpec("ngay", "Ngày", "date"),
    FieldSpec("nam", "Năm", "year"),
    FieldSpec("so", "Số", "integer"),
    FieldSpec("gia", "Giá", "number"),
    FieldSpec("dung", "Đúng", "boolean"),
    FieldSpec("chu", "Chữ", "string"),
)
LATER = (*FIELDS[:4], FieldSpec("so", "Số", "number"), *FIELDS[5:], FieldSpec("them", "Thêm"))
SPAN = (dt.date(2026, 1, 1), dt.date(2026, 3, 1))


def contract(fields: tuple[FieldSpec, ...]) -> catalogue.ContractSpec:
    return catalogue.ContractSpec(
        dataset="do-dac", version=1, title="Đo đạc", fields=fields, sector=None,
        owner_unit_id=None, kind="table", unit_field="xa", time_field="luc",
    )  # fmt: skip


def bring(number: int, first: int, last: int, **changed: object) -> None:
    rows = []
    for at in range(first, last):
        hanoi = dt.datetime(2026, 1, 1, 23, 59, tzinfo=dt.timezone(dt.timedelta(hours=7)))
        day = dt.date(2026, 1, 1) + dt.timedelta(days=at % 70)
        row = {
            "xa": "25747" if at % 3 else "25750",
            "luc": hanoi + dt.timedelta(hours=7 * at, microseconds=at),
            "ngay": day if at % 11 else None,
            "nam": 2000 + at % 27,
            "so": at * 37 - 800 if at % 13 else None,
            "gia": at / 8 - 2 if at % 7 else None,
            "dung": [True, False, None][at % 3],
            "chu": ["Phường Đồng Hoà", "  xã Ngũ\thành 'A'", None, "ĐƯỜNG số 9\\b", ""][at % 5],
        }
        rows.append(row | changed)
    batch = warehouse.Batch(number, "do-dac", "thu", pa.Table.from_pylist(rows))
    warehouse.commit([batch])


def months() -> None:
    """Readings, which lie in folders by month; a late one revises another."""
    spec = catalogue.ContractSpec(
        "quan-trac", 1, "", catalogue.READINGS_FIELDS, None, None, "readings", "unit", "time"
    )
    warehouse.ensure_table(spec)
    for number, value in ((11, 1.5), (12, 2.5)):
        start = dt.datetime(2026, 1, 31, 20, tzinfo=dt.UTC)
        rows = [
            {"device": "may-1", "metric": "pm25", "time": start + dt.timedelta(hours=at * number),
             "value": value * at, "status": "measuring", "unit": "25747"}
            for at in range(12)
        ]  # fmt: skip
        table = pa.Table.from_pylist(rows)
        warehouse.commit([warehouse.Batch(number, "quan-trac", "thu", table)])


@pytest.fixture
def lake() -> None:
    """Files of two shapes, revisions, repeats, a merged file, single deleted rows."""
    warehouse.ensure_table(contract(FIELDS))
    bring(1, 0, 60)
    bring(2, 40, 90)
    warehouse.compact("do-dac")
    bring(3, 50, 70, gia=1.005, chu="Đã sửa")
    warehouse.ensure_table(contract(LATER))
    bring(4, 85, 140, so=2.5, them="mới")
    bring(5, 10, 20, gia=-9.0)
    bring(6, 130, 145, so=7.0)
    months()
    with door.transaction() as cursor:
        cursor.execute("DELETE FROM lake.do_dac WHERE so % 5 = 0")


SAMPLES = {
    "numbers": "SELECT xa, luc, so + 1, so - 2.5, so * gia, gia / 3, -so, so % 7, abs(so),"
    " ceil(gia), ceiling(gia), floor(gia), exp(gia / 10), ln(nam), sqrt(nam), power(gia, 2),"
    " pow(gia, 3), sign(gia), round(gia), round(gia, 1), round(gia * 0.335, 2), greatest(so, gia), "
    " least(so, gia, 3), CAST(gia AS DECIMAL(18, 3)), gia::DECIMAL(12, 2) * 3,"
    " (gia + 1.005)::DECIMAL(12, 2), so::DECIMAL(20, 2), round(avg(gia) OVER (), 2) FROM do_dac",
    "texts": "SELECT xa, luc, lower(chu), upper(chu), trim(chu), ltrim(chu), rtrim(chu),"
    " length(chu), left(chu, 6), right(chu, 4), substr(chu, 2, 5), substring(chu, 3),"
    " replace(chu, 'Đ', 'D'), chu || ' – ' || xa, concat(chu, xa), concat_ws('/', chu, xa),"
    " starts_with(chu, 'Phường'), contains(chu, 'số'), lpad(xa, 7, '0'), rpad(xa, 7, '*'),"
    " split_part(chu, ' ', 2), chu LIKE 'Ph%', chu NOT LIKE '%9_b', nullif(chu, ''),"
    " coalesce(chu, 'trống'), '\\' FROM do_dac",
    "times": "SELECT xa, luc, year(ngay), month(ngay), day(ngay), hour(luc), minute(luc),"
    " quarter(ngay), week(ngay), extract(year FROM luc), last_day(ngay),"
    " make_date(nam, 2, 3), date_trunc('month', ngay), date_trunc('hour', luc),"
    " strftime(ngay, '%Y-%m'), strftime(ngay, '%d/%m/%Y'), ngay + INTERVAL 1 DAY,"
    " ngay - INTERVAL 2 MONTH, luc + INTERVAL 3 HOUR, date_diff('day', ngay, DATE '2026-05-01'),"
    " luc AT TIME ZONE 'Asia/Ho_Chi_Minh', CAST(luc AT TIME ZONE 'Asia/Ho_Chi_Minh' AS DATE),"
    " TIMESTAMPTZ '2026-01-01 00:00:00+07', luc < TIMESTAMPTZ '2026-01-20 00:00:00+07'"
    " FROM do_dac",
    "sums": "SELECT xa, date_trunc('month', luc AT TIME ZONE 'Asia/Ho_Chi_Minh') AS thang,"
    " sum(so), sum(gia::DECIMAL(12, 2)), avg(so), avg(gia), min(chu), max(chu), min(luc),"
    " max(ngay), count(*), count(gia), count(DISTINCT chu), count(*) FILTER (WHERE dung),"
    " median(so), stddev_samp(nam), bool_and(dung), bool_or(dung), arg_max(chu, luc),"
    " arg_min(nam, luc) FROM do_dac GROUP BY ALL",
    "windows": "SELECT xa, luc, row_number() OVER w, rank() OVER (PARTITION BY xa ORDER BY nam),"
    " dense_rank() OVER (PARTITION BY xa ORDER BY nam), lag(so) OVER w, lead(so, 2) OVER w,"
    " first_value(so) OVER w, last_value(so) OVER w, sum(nam) OVER w FROM do_dac"
    " WINDOW w AS (PARTITION BY xa ORDER BY luc)",
    "whole": "SELECT * FROM do_dac",
    "period": "WITH a AS (SELECT * FROM do_dac WHERE luc >= :from_time AND luc < :to_time)"
    " SELECT xa, :from AS tu, max(luc) AS cuoi, (SELECT max(den_luc) FROM ky) AS den FROM a"
    " GROUP BY ALL -- :to",
    "last": "SELECT * FROM do_dac"
    " QUALIFY row_number() OVER (PARTITION BY xa, nam ORDER BY luc) = 1",
    "months": "SELECT time AS luc, value, month(time) AS thang, unit AS xa FROM quan_trac",
    "none": "SELECT xa, gia FROM do_dac WHERE false",
}  # fmt: skip


@needs_spark
@CLUSTER
def test_spark_on_two_workers_answers_as_duckdb_does(lake, tmp_path):
    inputs = [
        warehouse.select_input("do-dac", without=frozenset({4})),
        warehouse.select_input("quan-trac"),
    ]
    names = [one.name for one in inputs]
    said = {name: warehouse.check_select(text, names) for name, text in SAMPLES.items()}
    asked = [(one, tmp_path / f"{name}.spark") for name, one in said.items()]
    counted = asking.write_all(asked, inputs, SPAN, seconds=400)

    for (name, one), rows in zip(said.items(), counted, strict=True):
        own = tmp_path / f"{name}.duckdb"
        assert warehouse.write_select(one, inputs, SPAN, own, seconds=60) == rows
        assert rows or name == "none"
        compare(read(own), read(tmp_path / f"{name}.spark"), name)
    assert set().union(*(one.functions for one in said.values())) - INTERVALS == (
        translating.COMPARED
    ), "every function that Spark is given has been compared here"


INTERVALS = {"to_days", "to_months", "to_hours", "trunc"}


def read(path: Path) -> pa.Table:
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def compare(own: pa.Table, other: pa.Table, name: str) -> None:
    assert own.schema == other.schema, name
    key = [(one, "ascending") for one in own.column_names if one in {"xa", "luc", "thang", "nam"}]
    own, other = own.sort_by(key), other.sort_by(key)
    for column, left, right in zip(own.column_names, own.columns, other.columns, strict=True):
        assert left.null_count == right.null_count, f"{name}: {column}"
        expected = right.to_pylist()
        if pa.types.is_floating(left.type):
            left, expected = left.drop_null(), right.drop_null().to_pylist()
            expected = pytest.approx(expected, rel=1e-14, abs=0)
        assert left.to_pylist() == expected, f"{name}: {column}"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("SELECT regexp_matches(chu, 'a') FROM do_dac", "regexp_matches"),
        ("SELECT trunc(gia) FROM do_dac", "trunc"),
        ("SELECT CAST(gia AS BIGINT) FROM do_dac", "BIGINT"),
        ("SELECT luc::VARCHAR FROM do_dac", "TEXT"),
        ("SELECT round(gia, so) FROM do_dac", "làm tròn"),
    ],
)
def test_what_nobody_has_compared_is_refused(text, word):
    with pytest.raises(warehouse.BadQueryError, match=word):
        translating.spark_sql(checking.checked(text, ["do_dac"]), None)


def test_without_spark_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(warehouse.LakeUnavailableError, match="pip install"):
        asking.require()


def test_a_missing_java_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: True)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(warehouse.LakeUnavailableError, match="Java 17"):
        asking.require()
