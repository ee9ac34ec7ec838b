"""Statements that persons write: what they may not reach, and what they return."""

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest

from haidang.data.warehouse import api as warehouse
from haidang.data.warehouse.engine import store
from haidang.data.warehouse.tests.test_door import a_batch, a_table

SPAN = (dt.date(2026, 1, 1), dt.date(2026, 2, 1))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM read_parquet('/etc/*')",
        "SELECT * FROM 'x.parquet'",
        "SELECT * FROM 'lake/main/a.csv'",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM query('SELECT 1')",
        "SELECT * FROM query_table('a')",
        "SELECT * FROM postgres_query('lake', 'select 1')",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM ducklake_snapshots('lake')",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM lake.main.ho_ngheo",
        "SELECT * FROM ho_ngheo AT (VERSION => 1)",
        "SELECT * FROM access_account",
        "SELECT * FROM (SHOW TABLES)",
        "SELECT * FROM (DESCRIBE ho_ngheo)",
        "SELECT current_setting('memory_limit')",
        "SELECT getvariable('a')",
        "SELECT now()",
        "SELECT current_date",
        "SELECT random()",
        "SELECT uuid()",
        "SELECT nextval('a')",
        "SELECT main.now()",
        "SELECT (SELECT max(xa) FROM read_csv('a'))",
        "WITH a AS (SELECT * FROM read_csv('a')) SELECT * FROM ho_ngheo",
        "WITH ho_ngheo AS (SELECT 1) SELECT * FROM ho_ngheo",
        "WITH khac AS (SELECT * FROM khac) SELECT * FROM khac",
        "WITH a AS (SELECT * FROM khac), khac AS (SELECT 1) SELECT * FROM a",
        "SELECT * FROM khac, (WITH khac AS (SELECT 1) SELECT * FROM khac) AS a",
        "WITH \"a/*.parquet\" AS (SELECT * FROM 'a/*.parquet') SELECT * FROM 'a/*.parquet'",
        "SELECT (WITH duckdb_views AS (SELECT * FROM duckdb_views) SELECT 1 FROM duckdb_views)",
        "WITH RECURSIVE a AS (SELECT 1 UNION ALL SELECT * FROM a) SELECT * FROM a",
        "SELECT 1; DROP TABLE ho_ngheo",
        "SELECT 1; SELECT 2",
        "CREATE TABLE a AS SELECT 1",
        "INSERT INTO ho_ngheo VALUES (1)",
        "COPY (SELECT 1) TO 'a.csv'",
        "ATTACH 'a.db'",
        "SET memory_limit = '1GB'",
        "PRAGMA version",
        "CALL pragma_version()",
        "SELECT $other FROM ho_ngheo",
        "SELECT ? FROM ho_ngheo",
        "SELECT FROM WHERE",
        "",
    ],
)
def test_what_is_not_one_select_over_the_inputs_is_refused(text):
    with pytest.raises(warehouse.BadQueryError):
        warehouse.check_select(text, ["ho_ngheo"])


def test_a_statement_says_what_it_reads():
    found = warehouse.check_select(
        "WITH a AS (SELECT xa, sum(ho_ngheo) AS n FROM ho_ngheo"
        " WHERE thang >= strftime(:from, '%Y') AND ghi <> ':to' GROUP BY xa)"
        " SELECT xa, n FROM a JOIN khac USING (xa)",
        ["ho_ngheo", "khac", "thua"],
    )
    assert found.tables == {"ho_ngheo", "khac"}
    assert found.columns >= {"xa", "n", "thang", "ho_ngheo"}
    assert found.has_period and "':to'" in found.text and "$from" in found.text
    assert not warehouse.check_select("SELECT 1 FROM khac -- :from", ["khac"]).has_period
    assert warehouse.check_select("SELECT trim(a) FROM khac", ["khac"]).functions == {"trim"}
    nested = "WITH a AS (SELECT 1 AS x), b AS (SELECT (SELECT max(x) FROM a) AS x) SELECT * FROM b"
    assert warehouse.check_select(f"{nested} UNION SELECT * FROM a", []).tables == frozenset()


@pytest.mark.django_db
def test_a_name_after_with_opens_no_file_of_the_lake(tmp_path):
    a_table()
    warehouse.commit([a_batch(1, ("25747", "2026-01", 5))])
    (path,) = list(Path(store.here().address).rglob("*.parquet"))[:1]
    with pytest.raises(warehouse.BadQueryError):
        said = warehouse.check_select(
            f"WITH \"{path}\" AS (SELECT * FROM '{path}') SELECT * FROM '{path}'", []
        )
        warehouse.write_select(said, [], None, tmp_path / "rows", seconds=20)
        pytest.fail("the file was read")


@pytest.mark.django_db
def test_rows_are_written_and_asserted_over(tmp_path):
    a_table()
    warehouse.commit(
        [a_batch(1, ("25747", "2026-01", 5), ("25750", "2026-01", 7), ("25750", "2026-02", 8))]
    )
    inputs = [warehouse.select_input("ho-ngheo")]
    said = warehouse.check_select(
        "SELECT xa, :from AS tu, (SELECT den_luc FROM ky) AS den, ho_ngheo * 2 AS doi FROM ho_ngheo"
        " WHERE thang = strftime(:from, '%Y-%m') ORDER BY xa",
        ["ho_ngheo"],
    )
    to = tmp_path / "rows"
    assert warehouse.write_select(said, inputs, SPAN, to, seconds=20) == 2
    result = pa.ipc.open_file(pa.memory_map(str(to))).read_all()
    assert result.column("doi").to_pylist() == [10, 14]
    assert result.column("tu").to_pylist() == [SPAN[0]] * 2
    assert result.column("den")[0].as_py() == dt.datetime(2026, 1, 31, 17, tzinfo=dt.UTC)

    names = ["ho_ngheo", warehouse.RESULT]
    high = warehouse.check_select("SELECT * FROM ket_qua WHERE doi > 12", names)
    bad = warehouse.select_rows(high, inputs, None, result=result, seconds=20, most=5)
    assert [row["xa"] for row in bad] == ["25750"]
    assert warehouse.count_inputs(inputs, 20) == {"ho_ngheo": 3}

    hidden = [warehouse.select_input("ho-ngheo", without=frozenset({1}))]
    assert warehouse.write_select(said, hidden, SPAN, to, seconds=20) == 0
    with pytest.raises(warehouse.BadQueryError, match="kỳ"):
        warehouse.write_select(said, inputs, None, to, seconds=20)
    wrong = warehouse.check_select("SELECT mat_khau FROM ho_ngheo", ["ho_ngheo"])
    with pytest.raises(warehouse.BadQueryError, match="mat_khau"):
        warehouse.write_select(wrong, inputs, None, to, seconds=20)


@pytest.mark.django_db
def test_what_takes_too_long_is_stopped(tmp_path):
    a_table()
    slow = warehouse.check_select(
        "SELECT count(*) FROM range(100000000) a, range(100000) b WHERE a.range * b.range % 7 = 3",
        [],
    )
    with pytest.raises(warehouse.TooSlowError):
        warehouse.write_select(slow, [], None, tmp_path / "rows", seconds=0.2)
