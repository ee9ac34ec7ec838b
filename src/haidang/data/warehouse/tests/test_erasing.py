"""Rows that the law removes are gone from tables, files, statistics and every date of the past."""

import datetime
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haidang.data.catalogue import api as catalogue
from haidang.data.warehouse import api as warehouse
from haidang.data.warehouse.engine import (
    consistency,
    control,
    erasing,
    files,
    last,
    purging,
    reading,
    store,
)
from haidang.data.warehouse.engine.store import folder as store_folder
from haidang.data.warehouse.tests.test_order import FIELDS, a_batch, histories, newest, state
from haidang.foundation.access.api import EVERYTHING

REMOVAL = "0b9f7c1e-0000-4000-8000-000000000001"
PERSON = (
    catalogue.FieldSpec("ho", "Hộ", required=True, key=True),
    catalogue.FieldSpec("ten", "Họ tên", personal_data="name"),
    catalogue.FieldSpec("cccd", "Căn cước", personal_data="identity"),
)
_numbers = iter(range(10_000))


def a_table(code: str, fields: Any = PERSON) -> None:
    spec = catalogue.ContractSpec(code, 1, "", fields, None, None, "table", None, None)
    warehouse.ensure_table(spec)


def land(code: str, number: int, *rows: tuple[str, str, str]) -> None:
    columns = {name: [row[at] for row in rows] for at, name in enumerate(("ho", "ten", "cccd"))}
    warehouse.commit([warehouse.Batch(number, code, "tep", pa.table(columns))])


def of(person: str) -> warehouse.Doomed:
    return warehouse.Doomed(groups=(("cccd",),), matches=lambda values: list(values) == [person])


def bytes_left(word: str) -> list[str]:
    """Every place of the lake's folder and catalogue that still holds a word."""
    folder = Path(store.here().address)
    found = [str(path) for path in folder.rglob("*.parquet") if _holds(path, word)]
    with control.session() as held:
        tables = held.raw.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'lake'"
        ).fetchall()
        for (table,) in tables:
            rows = held.raw.execute(f"SELECT t::text FROM lake.{table} t").fetchall()
            found += [f"{table}: {row}" for (row,) in rows if word in row]
    return found


def _holds(path: Path, word: str) -> bool:
    opened = pq.ParquetFile(path)
    text = str(opened.metadata.to_dict()) + str(opened.read().to_pylist())
    return word in text or word.encode() in path.read_bytes()


@pytest.mark.django_db
def test_a_person_s_rows_leave_tables_files_statistics_and_the_past() -> None:
    a_table("ho-so")
    land("ho-so", 1, ("a", "An Zz", "079000000001"), ("b", "Bình", "079000000002"))
    land("ho-so", 2, ("a", "An Zz sửa", "079000000001"))
    land("ho-so", 3, ("b", "Bình", "079000000002"), ("a", "An Zz sửa", "079000000001"))
    assert bytes_left("079000000001")

    assert warehouse.count_doomed("ho-so", of("079000000001")).batches == (1, 2, 3)
    assert warehouse.erase("ho-so", of("079000000001"), REMOVAL) == 2

    assert warehouse.rows("ho-so", scope=EVERYTHING, columns=["ten"]).rows == [("Bình",)]
    assert bytes_left("079000000001") == bytes_left("An Zz") == []
    past = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    known = warehouse.rows("ho-so", scope=EVERYTHING, columns=["ten"], as_known_on=past)
    assert known.rows == [("Bình",)]
    assert [(one.batch, one.rows, one.lines) for one in warehouse.erased_rows([1, 2, 3])] == [
        (1, 1, [1]), (2, 1, [1]),
    ]  # fmt: skip
    assert consistency.faults() == []
    assert warehouse.erase("ho-so", of("079000000001"), REMOVAL) == 0
    land("ho-so", 4, ("c", "Cúc", "079000000003"))
    found = warehouse.rows("ho-so", scope=EVERYTHING, where=[("cccd", ">", "0")], order=["ho"])
    assert [row[1] for row in found.rows] == ["Bình", "Cúc"]


@pytest.mark.django_db
def test_a_reader_beside_a_removal_sees_all_of_the_rows_or_none() -> None:
    a_table("doc")
    for number in range(1, 7):
        land("doc", number, (f"a{number}", "An", "1"), (f"b{number}", "Bình", "2"))
    seen: list[list[int]] = [[], []]
    stop = threading.Event()

    def read(into: list[int]) -> None:
        while not stop.is_set():
            try:
                into.append(len(reading.fetch("SELECT ho, ten FROM lake.doc").rows))
            except Exception:  # noqa: BLE001 - told by the number
                into.append(-1)

    readers = [threading.Thread(target=read, args=[one]) for one in seen]
    for reader in readers:
        reader.start()
    while not all(seen):
        time.sleep(0.01)
    warehouse.erase("doc", of("1"), "hồ sơ")
    counts = [len(one) for one in seen]
    while any(len(one) < before + 2 for one, before in zip(seen, counts, strict=True)):
        time.sleep(0.01)
    stop.set()
    for reader in readers:
        reader.join()
    for one in seen:
        assert set(one) == {12, 6} and one == sorted(one, reverse=True), one


@pytest.mark.django_db
def test_who_reads_a_file_that_a_removal_took_asks_again(monkeypatch: Any) -> None:
    a_table("doc")
    land("doc", 1, ("a", "An", "1"))
    once, asked = reading._once, []

    def taken(*given: Any) -> Any:
        asked.append(given)
        if len(asked) == 1:
            raise duckdb.IOException("IO Error: Cannot open file: No such file or directory")
        return once(*given)

    monkeypatch.setattr(reading, "_once", taken)
    assert reading.fetch("SELECT ho FROM lake.doc").rows == [("a",)] and len(asked) == 2


@pytest.mark.django_db
def test_readings_of_a_batch_leave_their_months_and_the_last_values() -> None:
    spec = catalogue.ContractSpec(
        "quan-trac", 1, "", catalogue.READINGS_FIELDS, None, None, "readings", "unit", "time"
    )
    warehouse.ensure_table(spec)
    moments = [datetime.datetime(2026, month, 3, tzinfo=datetime.UTC) for month in (9, 10, 11)]
    for number, value in ((1, 1.0), (2, 2.0)):
        data = pa.table({"device": ["d"] * 3, "metric": ["m"] * 3, "time": [
            moment + datetime.timedelta(hours=number) for moment in moments
        ], "value": [value] * 3})  # fmt: skip
        warehouse.commit([warehouse.Batch(number, "quan-trac", "tram", data)])
    last.refresh("quan-trac")
    assert warehouse.last_values("quan-trac", scope=EVERYTHING)[0].value == 2.0

    assert warehouse.erase("quan-trac", warehouse.Doomed(batches=frozenset({2})), REMOVAL) == 3

    last.refresh("quan-trac")
    assert [one.value for one in warehouse.last_values("quan-trac", scope=EVERYTHING)] == [1.0]
    assert warehouse.count("quan-trac", scope=EVERYTHING) == 3
    assert consistency.faults() == []


@pytest.mark.django_db
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(histories, st.sets(st.integers(1, 5)), st.sampled_from([None, 1, 2]), st.data())
def test_what_is_left_is_as_if_the_rest_had_never_come(
    history: Any, batches: set[int], value: int | None, data: Any
) -> None:
    dataset = f"xoa-{next(_numbers)}"
    a_table(dataset, FIELDS)
    landed = dict(enumerate(history, start=1))
    base = 1000 * next(_numbers)
    for number, rows in landed.items():
        warehouse.commit([a_batch(dataset, base + number, rows)])
    doomed = warehouse.Doomed(
        groups=(("v",),), batches=frozenset(base + one for one in batches),
        matches=lambda values: value is not None and list(values) == [value],
    )  # fmt: skip

    warehouse.erase(dataset, doomed, "x")

    hidden = data.draw(st.sets(st.integers(1, 5)))
    left = {
        number: [row for row in rows if value is None or row[1] != value]
        for number, rows in landed.items()
        if number not in batches
    }
    assert state(dataset) == newest(left, frozenset())
    without = frozenset(base + one for one in hidden)
    assert state(dataset, without=without) == newest(left, frozenset(hidden))


class Killed(BaseException):
    """The process dies here."""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("where", "name"),
    [
        (files, "write"),
        (erasing._Work, "_commit"),
        (erasing, "_forget"),
        (purging, "purge"),
        (purging, "_sweep"),
        (purging, "_narrow"),
        (store_folder, "sync_folder"),
    ],
)
def test_killed_at_any_step_a_repeat_ends_the_same(monkeypatch: Any, where: Any, name: str) -> None:
    a_table("ho-so")
    land("ho-so", 1, ("a", "An Zz", "079000000001"), ("b", "Bình", "079000000002"))
    land("ho-so", 2, ("a", "An Zz sửa", "079000000001"))
    real, calls = getattr(where, name), []

    def dies(*given: Sequence[Any], **more: Any) -> Any:
        calls.append(name)
        if len(calls) == 1:
            raise Killed
        return real(*given, **more)

    # A killed process cleans nothing up behind itself.
    monkeypatch.setattr(files, "discard", lambda written: None)
    monkeypatch.setattr(where, name, dies)
    with pytest.raises(Killed):
        warehouse.erase("ho-so", of("079000000001"), REMOVAL)
    warehouse.erase("ho-so", of("079000000001"), REMOVAL)

    assert bytes_left("079000000001") == bytes_left("An Zz") == []
    assert warehouse.rows("ho-so", scope=EVERYTHING, columns=["ten"]).rows == [("Bình",)]
    assert sum(one.rows for one in warehouse.erased_rows([1, 2])) == 2
    assert consistency.faults() == []
