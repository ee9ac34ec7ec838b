"""Blocks answer as the lake does, whatever arrived in whatever order."""

import itertools
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haidang.data.catalogue import api as catalogue
from haidang.data.warehouse import api as warehouse
from haidang.data.warehouse import queries
from haidang.data.warehouse.engine.blocks import answers, listing, memory, questions
from haidang.foundation.core.audit import SYSTEM

START = datetime(2026, 10, 31, 16, 30, tzinfo=UTC)  # half an hour before a Vietnamese month ends
Reading = tuple[
    str, str, int, float, str | None
]  # device, metric, minutes after START, value, unit
readings = st.tuples(
    st.sampled_from(["tb-1", "tb-2", "tb-10"]),
    st.sampled_from(["pm10", "pm2.5"]),
    st.sampled_from([0, 1, 2, 29, 31, 90, 600, 4000]),
    st.sampled_from([0.5, 2.0, -1.25]),
    st.sampled_from(["25747", "25741", None]),
)
arrivals = st.lists(st.lists(readings, max_size=6), min_size=1, max_size=5)
conditions = st.fixed_dictionaries(
    {},
    optional={
        "device": st.sampled_from(["tb-1", "tb-2", "none"]),
        "metric__in": st.sampled_from(["pm10", "pm10,pm2.5"]),
        "time__gte": st.sampled_from([0, 1, 30, 90]).map(lambda one: moment(one).isoformat()),
        "time__lt": st.sampled_from([2, 30, 90, 4001]).map(lambda one: moment(one).isoformat()),
        "value__gt": st.sampled_from(["0", "0.5"]),
    },
)
measures = st.lists(
    st.sampled_from(["avg", "count", "max", "min", "sum"]), min_size=1, max_size=3, unique=True
)
groups = st.sampled_from([(), ("device",), ("metric",), ("metric", "device")])
buckets = st.sampled_from([None, *questions.BUCKETS])
_tables = itertools.count()


def moment(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def a_batch(dataset: str, number: int, given: Sequence[Reading]) -> warehouse.Batch:
    device, metric, minutes, value, unit = zip(*given, strict=True) if given else ((),) * 5
    rows = pa.table(
        {
            "device": pa.array(device, pa.string()),
            "metric": pa.array(metric, pa.string()),
            "time": pa.array([moment(one) for one in minutes], pa.timestamp("us", "UTC")),
            "value": pa.array(value, pa.float64()),
            "status": pa.array(["measuring"] * len(given), pa.string()),
            "unit": pa.array(unit, pa.string()),
        }
    )
    return warehouse.Batch(number, dataset, "s", rows)


def a_dataset() -> str:
    code = f"khoi-{next(_tables)}"
    spec = catalogue.define(dataset=code, title="Khối", kind="readings", by=SYSTEM)
    warehouse.ensure_table(spec)
    return code


def state(
    kept: memory.Memory, dataset: str, withheld: frozenset[int] = frozenset()
) -> memory.State | None:
    info = queries.info(dataset)
    with connection.cursor() as cursor:
        return kept.state(info, listing.listing(cursor, info), withheld)


def same(ours: list[tuple[Any, ...]], theirs: list[tuple[Any, ...]]) -> None:
    def plain(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        naive = [
            tuple(
                one.astimezone(UTC).replace(tzinfo=None)
                if isinstance(one, datetime) and one.tzinfo
                else one
                for one in row
            )
            for row in rows
        ]
        return sorted(naive, key=lambda row: [str(one) for one in row if type(one) is not float])

    ours, theirs = plain(ours), plain(theirs)
    assert len(ours) == len(theirs)
    for mine, its in zip(ours, theirs, strict=True):
        for a, b in zip(mine, its, strict=True):
            assert questions.is_near(a, b) if isinstance(b, float) else a == b


def must_agree(
    now: memory.State, dataset: str, units: frozenset[str] | None, asked: dict[str, str],
    measured: list[str], group: tuple[str, ...], bucket: str | None,
) -> None:  # fmt: skip
    from haidang.data.warehouse import forms
    from haidang.data.warehouse.engine import newest, reading

    where = forms.conditions(asked)
    wanted = questions.wanted(where)
    assert wanted is not None
    seen = reading.View(now.info, units, newest.Hidden(None, now.withheld))
    pairs = [(one, "value") for one in measured] + [("count", "*")]
    order = ["-bucket"] if bucket else []
    limits = [1000, *([2] if bucket and not group else [])]
    for limit in limits:
        theirs = reading.aggregate(
            seen, measures=pairs, group=group, bucket=bucket, where=where, order=order, limit=limit
        )
        ours = answers.aggregate(
            now, wanted, units=units, measures=pairs, group=group, bucket=bucket, order=order,
            limit=limit,
        )  # fmt: skip
        if ours is not None:
            assert tuple(ours[0]) == theirs.columns
            same(ours[1], theirs.rows)
    names = list(questions.FIELDS)
    rows = reading.rows(seen, columns=names, where=where, order=(), limit=1001, offset=0)
    found = answers.records(now, wanted, units=units, names=names, order=(), limit=1001)
    assert found is not None
    same(found, rows.rows)


@pytest.mark.django_db
@settings(
    max_examples=int(os.environ.get("HAIDANG_EXAMPLES", "12")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=arrivals, data=st.data())
def test_blocks_answer_as_the_lake_does(history: list[list[Reading]], data: st.DataObject) -> None:
    dataset, kept = a_dataset(), memory.Memory(room=10_000)
    numbers = [warehouse.next_batch() for _ in history]
    by_number = dict(zip(numbers, history, strict=True))
    for number in data.draw(st.permutations(numbers)):
        warehouse.commit([a_batch(dataset, number, by_number[number])])
        if data.draw(st.booleans()):
            state(kept, dataset)
        if data.draw(st.integers(0, 4)) == 0:
            warehouse.compact(dataset)
    for withheld in (frozenset[int](), frozenset(data.draw(st.sets(st.sampled_from(numbers))))):
        now = state(kept, dataset, withheld)
        if now is None:
            assert withheld and queries.info(dataset).repeated
            continue
        units = data.draw(st.sampled_from([None, frozenset({"25747"}), frozenset[str]()]))
        must_agree(
            now, dataset, units, data.draw(conditions), data.draw(measures), data.draw(groups),
            data.draw(buckets),
        )  # fmt: skip
        same(last_of(now), slow_last(by_number, withheld))


def last_of(now: memory.State) -> list[tuple[Any, ...]]:
    found = answers.last(now, questions.Wanted(), units=None)
    assert found is not None
    return [row[:4] for row in found]


def slow_last(
    by_number: dict[int, list[Reading]], withheld: frozenset[int]
) -> list[tuple[Any, ...]]:
    """The obvious way: the newest assertion of each key, then the latest key of each series."""
    newest = {
        reading[:3]: reading
        for number in sorted(set(by_number) - withheld)
        for reading in by_number[number]
    }
    found: dict[tuple[str, str], Reading] = {}
    for reading in newest.values():
        if reading[:2] not in found or found[reading[:2]][2] < reading[2]:
            found[reading[:2]] = reading
    return [
        (device, metric, moment(at).replace(tzinfo=None), value)
        for device, metric, at, value, _ in found.values()
    ]


HOUR = 3_600_000_000
NEWEST = 1_000 * 24 * HOUR


def a_file(number: int, rows: int, hours: int) -> listing.File:
    """A file of the hours that end at the newest moment."""
    return listing.File(number, "f", rows, NEWEST - hours * HOUR, NEWEST)


def test_what_does_not_fit_is_remembered_from_a_moment_on_that_stays_while_it_fits() -> None:
    files = [a_file(1, 1_000, 48), a_file(2, 100, 1)]
    assert listing.window(files, 2_000, listing.ALL) == listing.ALL
    since = listing.window(files, 820, listing.ALL)
    assert since == NEWEST - 24 * HOUR
    assert listing.window([*files, a_file(3, 100, 1)], 820, since) == since
    assert listing.window([*files, a_file(3, 300, 1)], 820, since) == NEWEST - 6 * HOUR
    assert listing.window(files, 50, since) == listing.NOTHING


@pytest.mark.django_db
def test_older_questions_than_what_is_remembered_are_the_lakes() -> None:
    dataset = a_dataset()
    rows = [("tb-1", "pm10", minutes, 0.5, "25747") for minutes in range(0, 6_000, 60)]
    warehouse.commit([a_batch(dataset, warehouse.next_batch(), rows)])
    now = state(memory.Memory(room=50), dataset)
    assert now is not None
    assert now.since > listing.ALL

    def counted(since: datetime) -> Any:
        wanted = questions.wanted([("time", ">=", since.isoformat())])
        assert wanted is not None
        return answers.aggregate(
            now, wanted, units=None, measures=[("count", "*")], group=(), bucket=None, order=(),
            limit=1,
        )  # fmt: skip

    assert counted(moment(0)) is None
    assert answers.last(now, questions.Wanted(), units=None) is None
    assert counted(moment(5_400)) == (["count"], [(10,)])
