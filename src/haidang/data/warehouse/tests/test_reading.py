"""Reading the lake: newest values, within a scope, as known on a date."""

import datetime

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.conninfo import make_conninfo

from haidang.data.catalogue import api as catalogue
from haidang.data.warehouse import api as warehouse
from haidang.data.warehouse.engine import filters, instances, reading, tables
from haidang.data.warehouse.tests.test_door import a_batch, a_table
from haidang.foundation.access.api import EVERYTHING
from haidang.foundation.core import audit

pytestmark = pytest.mark.django_db


@pytest.fixture
def filled() -> catalogue.ContractSpec:
    spec = a_table()
    warehouse.commit(
        [a_batch(1, ("25747", "2026-01", 5), ("25750", "2026-01", 7), ("25750", "2026-02", 8))]
    )
    return spec


def read(**how: object) -> list[tuple[object, ...]]:
    return warehouse.rows("ho-ngheo", scope=EVERYTHING, order=["xa", "thang"], **how).rows  # type: ignore[arg-type]


def test_rows_are_filtered_ordered_and_paged(filled):
    found = warehouse.rows(
        "ho-ngheo", scope=EVERYTHING, columns=["xa", "ho_ngheo"],
        where=[("ho_ngheo", ">", 5), ("xa", "in", ["25750"])], order=["-ho_ngheo"], limit=1,
    )  # fmt: skip

    assert found.rows == [("25750", 8)]


def test_unknown_columns_are_named(filled):
    with pytest.raises(warehouse.BadQueryError, match="mat_khau"):
        warehouse.rows("ho-ngheo", scope=EVERYTHING, columns=["mat_khau"])


def test_values_never_become_sql(filled):
    assert read(where=[("xa", "=", "' OR 1=1 --")]) == []


def test_a_revision_takes_the_place_of_what_it_revises(filled):
    warehouse.commit([a_batch(2, ("25747", "2026-01", 6))])

    assert read(where=[("xa", "=", "25747")]) == [("25747", "2026-01", 6, 2, 1)]


def test_as_known_on_a_date(filled):
    before = timezone.now()
    warehouse.commit([a_batch(3, ("25747", "2026-01", 9), ("25750", "2026-01", 7))])
    warehouse.commit([a_batch(2, ("25747", "2026-01", 6))])

    known = read(columns=["ho_ngheo"], as_known_on=before)
    expression = warehouse.table("ho-ngheo", scope=EVERYTHING, as_known_on=before)

    assert known == [(5,), (7,), (8,)]
    assert sorted(warehouse.execute(expression).column("ho_ngheo").to_pylist()) == [5, 7, 8]
    assert read(columns=["ho_ngheo"]) == [(9,), (7,), (8,)]
    long_ago = before - datetime.timedelta(days=1)
    assert read(as_known_on=long_ago) == []


def test_rows_of_a_rejected_batch_come_back_with_the_batch_that_repeats_them(filled):
    warehouse.commit([a_batch(2, ("25747", "2026-01", 5), ("25750", "2026-01", 7))])

    found = read(columns=["xa", "ho_ngheo", "_batch"], without=frozenset({1}))

    assert found == [("25747", 5, 2), ("25750", 7, 2)]


def test_aggregates_by_column(filled):
    found = warehouse.aggregate(
        "ho-ngheo", scope=EVERYTHING, measures=[("sum", "ho_ngheo"), ("count", "*")],
        group=["xa"], order=["-sum_ho_ngheo"],
    )  # fmt: skip

    assert found.columns == ("xa", "sum_ho_ngheo", "count")
    assert found.rows == [("25750", 15, 2), ("25747", 5, 1)]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2150, 1, 1))))
def test_days_and_months_are_vietnam_s_however_quick(times: list[datetime.datetime]) -> None:
    fields = (catalogue.FieldSpec("luc", "Lúc", "datetime", key=True),)
    spec = catalogue.ContractSpec("b", 1, "", fields, None, None, "table", None, "luc")
    builder = filters.Builder(tables._info(spec))
    edges = [datetime.datetime(1980, 1, 31, hour, 59, 59, 999_999) for hour in (16, 23)]
    moments = [one.replace(tzinfo=datetime.UTC) for one in (*times, *edges)]
    for size in ("day", "month"):
        slow = filters.BUCKETS[size].format("luc")
        found = reading.fetch(
            f"SELECT {builder.bucket(size)}, {slow} FROM (SELECT unnest(?::TIMESTAMPTZ[]) AS luc)",
            [moments],
        )
        assert [row[0] for row in found.rows] == [row[1] for row in found.rows]


def test_a_wider_contract_adds_its_column(filled):
    wider = (*filled.fields, catalogue.FieldSpec("ghi_chu", "Ghi chú"))
    spec = catalogue.define(dataset="ho-ngheo", title="Hộ nghèo", fields=wider, by=audit.SYSTEM)

    warehouse.ensure_table(spec)

    assert read(columns=["ghi_chu"], limit=1) == [(None,)]


def test_a_key_is_never_changed(filled):
    other = (catalogue.FieldSpec("xa", "Xã", "unit", key=True), *filled.fields[1:])
    spec = catalogue.ContractSpec(
        "ho-ngheo", 2, "", (other[0], *[f for f in other[1:] if not f.key]), None, None, "table",
        "xa", None,
    )  # fmt: skip

    with pytest.raises(warehouse.IncompatibleContractError):
        warehouse.ensure_table(spec)


def test_readers_and_the_door_survive_a_lost_database(filled):
    before = read()
    with psycopg.connect(make_conninfo(**instances.database_parts()), autocommit=True) as raw:
        raw.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), %s)",
            [connection.connection.info.backend_pid],
        )

    assert read() == before
    assert warehouse.commit([a_batch(9, ("25942", "2026-01", 5))])[0].accepted == 1
