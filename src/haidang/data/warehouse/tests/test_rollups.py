"""Answers with roll-ups are those of the rows, whatever landed, was revised, merged or removed."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haidang.data.warehouse import api as warehouse
from haidang.data.warehouse import jobs, queries
from haidang.data.warehouse.engine import consistency, control, instances, newest, reading
from haidang.data.warehouse.engine.rollups import asking, keeping, listing
from haidang.data.warehouse.tests.test_blocks import Reading, a_batch, a_dataset, moment, same
from haidang.data.warehouse.tests.test_erasing import REMOVAL, bytes_left
from haidang.foundation.access.api import EVERYTHING

pytestmark = pytest.mark.django_db
readings = st.tuples(
    st.sampled_from(["tb-1", "tb-2"]),
    st.sampled_from(["pm10", "pm2.5"]),
    st.sampled_from([0, 1, 29, 30, 31, 89, 90, 150, 600, 4000]),
    st.sampled_from([0.5, 2.0, -1.25, None]),
    st.sampled_from(["25747", "25741", None]),
)
batches = st.lists(readings, max_size=8)
times = st.sampled_from([-30, 0, 30, 31, 90, 91, 150, 700, 4010]).map(moment)
conditions = st.lists(
    st.one_of(
        st.tuples(st.just("device"), st.just("="), st.sampled_from(["tb-1", "none"])),
        st.tuples(st.just("metric"), st.just("in"), st.just(["pm10", "pm2.5"])),
        st.tuples(st.just("unit"), st.sampled_from(["=", "!="]), st.just("25747")),
        st.tuples(st.just("unit"), st.just("empty"), st.booleans()),
        st.tuples(st.just("status"), st.just("contains"), st.just("MEAS")),
        st.tuples(st.just("time"), st.sampled_from([">", ">="]), times),
        st.tuples(st.just("time"), st.sampled_from(["<", "<="]), times),
    ),
    max_size=3,
)
measures = st.lists(
    st.sampled_from([("count", "*"), *((one, "value") for one in ("avg", "count", "max", "sum"))]),
    min_size=1, unique=True,
)  # fmt: skip
groups = st.sampled_from([(), ("device",), ("unit", "metric"), ("metric", "device", "status")])
buckets = st.sampled_from([None, "hour", "day", "month"])


@pytest.fixture(autouse=True)
def small_files_count(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Roll up any file and ask any roll-up, whatever it gains, so that a test needs few rows."""
    monkeypatch.setattr(keeping, "_WORTH", 0)
    monkeypatch.setattr(asking, "_GAIN", 0)
    yield


def ask(dataset: str, units: frozenset[str] | None, **how: Any) -> tuple[Any, Any]:
    """Return an answer as it is given, and that of the rows alone."""
    seen = reading.View(queries.info(dataset), units, newest.Hidden())
    question = {"group": (), "bucket": None, "where": (), "order": (), "limit": None} | how
    given = reading.aggregate(seen, **question)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "span", lambda question: None)
        slow = reading.aggregate(seen, **question)
    return given, slow


def must_agree(dataset: str, units: frozenset[str] | None = None, **how: Any) -> None:
    given, slow = ask(dataset, units, **how)
    assert given.columns == slow.columns
    same(given.rows, slow.rows)


@settings(
    max_examples=int(os.environ.get("HAIDANG_EXAMPLES", "5")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=st.lists(batches, min_size=1, max_size=5), data=st.data())
def test_answers_are_those_of_the_rows(history: list[list[Reading]], data: st.DataObject) -> None:
    dataset = a_dataset()
    numbers = [warehouse.next_batch() for _ in history]
    for number in data.draw(st.permutations(numbers)):
        warehouse.commit([a_batch(dataset, number, history[numbers.index(number)])])
        if data.draw(st.booleans()):
            keeping.keep(dataset, least=data.draw(st.integers(1, 4)))
        if data.draw(st.integers(0, 3)) == 0:
            warehouse.compact(dataset)
        if data.draw(st.integers(0, 5)) == 0:
            batch = frozenset([data.draw(st.sampled_from(numbers))])
            warehouse.erase(dataset, warehouse.Doomed(batches=batch), REMOVAL)
    units = data.draw(st.sampled_from([None, frozenset({"25747"}), frozenset[str]()]))
    for _ in range(3):
        must_agree(
            dataset, units, measures=data.draw(measures), group=data.draw(groups),
            bucket=data.draw(buckets), where=data.draw(conditions),
        )  # fmt: skip
    assert consistency.faults() == []


def rolled(dataset: str) -> int:
    """Return how many cells there are in all roll-ups."""
    found = reading.fetch(f"SELECT count(*) FROM lake.{queries.info(dataset).hours}")
    return int(found.rows[0][0])


def land(dataset: str, *rows: Reading) -> int:
    number = warehouse.next_batch()
    warehouse.commit([a_batch(dataset, number, rows)])
    return number


HOURLY = {"measures": [("sum", "value")], "group": ("device",), "bucket": "hour"}


def test_cells_are_read_and_rows_only_where_they_do_not_serve() -> None:
    dataset = a_dataset()
    land(dataset, *(("tb-1", "pm10", minute, 1.0, "25747") for minute in range(30, 330)))
    land(dataset, ("tb-1", "pm10", 331, 1.0, "25747"))
    assert keeping.keep(dataset, least=100) == 1
    assert keeping.keep(dataset, least=100) == 0
    assert rolled(dataset) == 5
    info = queries.info(dataset)

    def plan(start: int, end: int) -> str:
        where = [("time", ">=", moment(start)), ("time", "<", moment(end))]
        question = asking.span(asking.aggregates.Question([("count", "*")], where=where))
        assert question is not None
        with connection.cursor() as cursor:
            return asking.cells(info, question, listing.listing(cursor, info), None) or ""

    assert f'"{info.table}"' not in plan(30, 330)
    assert f'"{info.table}"' in plan(31, 330)
    assert f'"{info.table}"' in plan(30, 400)
    must_agree(dataset, **HOURLY)


def test_a_revision_puts_one_series_hour_back_to_rows() -> None:
    dataset = a_dataset()
    rows = [(tb, "pm10", at, 1.0, "25747") for tb in ("tb-1", "tb-2") for at in range(30, 150)]
    land(dataset, *rows)
    keeping.keep(dataset, least=1)
    land(dataset, ("tb-1", "pm10", 40, 9.0, "25741"))

    given, slow = ask(dataset, None, **HOURLY)

    same(given.rows, slow.rows)
    assert sorted(row[2] for row in given.rows) == [60.0, 60.0, 60.0, 68.0]


def test_withheld_batches_and_what_no_cell_knows_are_read_from_rows() -> None:
    dataset = a_dataset()
    land(dataset, *(("tb-1", "pm10", minute, 1.0, None) for minute in range(30, 150)))
    number = land(dataset, *(("tb-2", "pm10", minute, 1.0, None) for minute in range(30, 150)))
    keeping.keep(dataset, least=1)

    found = warehouse.aggregate(
        dataset, scope=EVERYTHING, measures=[("count", "*")], bucket="day", without={number}
    )
    assert found.rows[0][1] == 120
    for how in (
        {"bucket": "minute5"}, {"where": [("value", ">", 0)]}, {"group": ("_batch",)},
        {"measures": [("last", "value")]}, {"where": [("time", "=", moment(40))]},
        {"where": [("time", ">=", "hôm qua")]}, {"where": [("time", "empty", False)]},
    ):  # fmt: skip
        question = asking.aggregates.Question(**({"measures": [("count", "*")]} | how))
        assert asking.span(question) is None


def test_removed_values_leave_the_roll_ups_too() -> None:
    dataset = a_dataset()
    land(dataset, *(("zz-kin", "pm10", minute, 7.25, None) for minute in range(30, 150)))
    land(dataset, *(("tb-1", "pm10", minute, 1.0, None) for minute in range(30, 150)))
    keeping.keep(dataset, least=1)
    warehouse.compact(dataset)  # the roll-ups that were made are of files that went
    assert [one for one in bytes_left("zz-kin") if queries.info(dataset).hours in one]
    person = warehouse.Doomed(groups=(("device",),), matches=lambda values: values[0] == "zz-kin")

    assert warehouse.erase(dataset, person, REMOVAL) == 120

    assert bytes_left("zz-kin") == []
    assert keeping.keep(dataset, least=1) == 1
    must_agree(dataset, **HOURLY)


def test_a_file_that_goes_while_it_is_rolled_up_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = a_dataset()
    land(dataset, *(("zz-kin", "pm10", minute, 7.25, None) for minute in range(30, 150)))
    person = warehouse.Doomed(groups=(("device",),), matches=lambda values: values[0] == "zz-kin")
    fetch = reading.fetch_arrow

    def fetch_before_a_removal(query: str, values: Any = ()) -> Any:
        cells = fetch(query, values)
        warehouse.erase(dataset, person, REMOVAL)
        return cells

    monkeypatch.setattr(reading, "fetch_arrow", fetch_before_a_removal)

    assert keeping.keep(dataset, least=1) == 0
    assert bytes_left("zz-kin") == []


def test_a_round_that_was_killed_before_it_named_its_file_is_made_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dataset = a_dataset()
    land(dataset, *(("tb-1", "pm10", minute, 1.0, None) for minute in range(30, 150)))
    with monkeypatch.context() as patch:
        patch.setattr(keeping, "_make_table", lambda held, info: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            keeping.keep(dataset, least=1)
    must_agree(dataset, **HOURLY)

    assert keeping.keep(dataset, least=1) == 1
    assert rolled(dataset) == 2
    must_agree(dataset, **HOURLY)
    assert consistency.faults() == []


def test_two_rounds_at_once_name_a_file_once(monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = a_dataset()
    land(dataset, *(("tb-1", "pm10", minute, 1.0, None) for minute in range(30, 150)))
    fetch, made = reading.fetch_arrow, []

    def fetch_beside_another(query: str, values: Any = ()) -> Any:
        monkeypatch.setattr(reading, "fetch_arrow", fetch)
        made.append(keeping.keep(dataset, least=1))
        return fetch(query, values)

    monkeypatch.setattr(reading, "fetch_arrow", fetch_beside_another)

    assert (keeping.keep(dataset, least=1), made) == (0, [1])
    assert rolled(dataset) == 2
    must_agree(dataset, **HOURLY)


def test_the_nightly_round_leaves_merged_files_rolled_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "LEAST", 1)
    dataset = a_dataset()
    for start in (30, 90, 150):
        land(dataset, *(("tb-1", "pm10", start + n, 1.0, None) for n in range(60)))
    jobs.compact()
    assert rolled(dataset) == 3

    jobs.tidy()
    jobs.compact()

    assert rolled(dataset) == 3
    files = reading.fetch(f"FROM ducklake_list_files('lake', '{queries.info(dataset).hours}')")
    assert len(files.rows) == 1
    assert instances.is_open()
    must_agree(dataset, **HOURLY)


def test_a_roll_up_that_does_not_count_its_file_s_rows_is_a_fault() -> None:
    dataset = a_dataset()
    land(dataset, *(("tb-1", "pm10", minute, 1.0, None) for minute in range(30, 150)))
    with control.session() as held:
        info = held.table(dataset)
        (name,) = keeping._listed(held, info).files
        query = keeping._CELLS.format(table=f"lake.{info.table}")
        keeping._name(held, info, reading.fetch_arrow(query, [name]).slice(1), name)

    assert len(consistency.faults()) == 1


def test_spans_hold_whole_hours_only() -> None:
    def whole(start: str, end: str) -> tuple[datetime, datetime] | None:
        where = [("time", ">=", start), ("time", "<", end)]
        found = asking.span(asking.aggregates.Question([("count", "*")], where=where))
        return (found.first, found.last) if found else None

    hour = timedelta(hours=1)
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert whole("2026-11-23T12:00:00Z", "2026-11-23T14:00:00Z") == (noon, noon + 2 * hour)
    assert whole("2026-11-23T11:00:00.000001Z", "2026-11-23T14:59:59Z") == (noon, noon + 2 * hour)
    assert whole("2026-11-23T12:01:00Z", "2026-11-23T13:59:00Z") is None
    assert whole("2026-11-23T12:00:00+07:30", "2026-11-23T12:40:00+07:30") is None


def test_a_question_that_cuts_every_file_is_answered_from_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asking, "_GAIN", 2)
    files = [listing.File(str(n), 100, moment(60 * n), moment(60 * n + 59)) for n in range(9)]
    now = listing.Listing({one.name: one for one in files}, {one.name: one for one in files})
    info = queries.info(a_dataset())

    def serves(start: int, end: int) -> bool:
        where = [("time", ">=", moment(start)), ("time", "<", moment(end))]
        span = asking.span(asking.aggregates.Question([("count", "*")], where=where))
        return span is not None and asking.cells(info, span, now, None) is not None

    assert serves(30, 150)
    assert not serves(1, 119)
    assert serves(1, 500)
