"""Late, repeated and reordered batches end in the same state as ordered ones."""

import os
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haidang.data.catalogue import api as catalogue
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access.api import EVERYTHING

FIELDS = (
    catalogue.FieldSpec("k", "k", required=True, key=True),
    catalogue.FieldSpec("v", "v", "integer"),
    catalogue.FieldSpec("w", "w", "number"),
)
Row = tuple[str, int | None, float | None]
rows = st.tuples(st.sampled_from("ab"), st.sampled_from([1, 2, None]), st.sampled_from([0.5, None]))
histories = st.lists(st.lists(rows, min_size=0, max_size=4), min_size=1, max_size=5)


def newest(history: dict[int, list[Row]], without: frozenset[int]) -> dict[str, Row]:
    """The obvious way: the last row of the highest batch that names the key."""
    state: dict[str, Row] = {}
    for number in sorted(set(history) - without):
        for row in history[number]:
            state[row[0]] = row
    return state


def a_batch(dataset: str, number: int, rows: list[Row]) -> warehouse.Batch:
    k, v, w = zip(*rows, strict=True) if rows else ((), (), ())
    data = pa.table(
        {
            "k": pa.array(k, pa.string()),
            "v": pa.array(v, pa.int64()),
            "w": pa.array(w, pa.float64()),
        }
    )
    return warehouse.Batch(number, dataset, "s", data)


def state(dataset: str, **how: Any) -> dict[str, Row]:
    found = warehouse.rows(dataset, scope=EVERYTHING, columns=["k", "v", "w"], **how).rows
    assert len({row[0] for row in found}) == len(found), "two rows of one key"
    return {row[0]: row for row in found}


def state_by_ibis(dataset: str, **how: Any) -> dict[str, Row]:
    found = warehouse.execute(warehouse.table(dataset, scope=EVERYTHING, **how)).to_pylist()
    return {row["k"]: (row["k"], row["v"], row["w"]) for row in found}


_tables = iter(range(10_000))


@pytest.mark.django_db
@settings(
    max_examples=int(os.environ.get("HAIDANG_EXAMPLES", "10")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories, data=st.data())
def test_any_order_of_arrival_ends_the_same(history: list[list[Row]], data: st.DataObject) -> None:
    dataset = f"thu-{next(_tables)}"
    warehouse.ensure_table(
        catalogue.ContractSpec(
            dataset, 1, "", FIELDS, sector=None, owner_unit_id=None, kind="table", unit_field=None,
            time_field=None,
        )
    )  # fmt: skip
    numbers = [warehouse.next_batch() for _ in history]
    by_number = dict(zip(numbers, history, strict=True))
    arrival = data.draw(st.permutations([*numbers, *data.draw(st.lists(st.sampled_from(numbers)))]))
    cuts = data.draw(st.lists(st.booleans(), min_size=len(arrival), max_size=len(arrival)))

    group: list[warehouse.Batch] = []
    for number, is_cut in zip(arrival, cuts, strict=True):
        if number not in [one.id for one in group]:
            group.append(a_batch(dataset, number, by_number[number]))
        if is_cut:
            warehouse.commit(group)
            group = []
    warehouse.commit(group)

    for landed in warehouse.landed(numbers).values():
        assert landed.accepted + landed.duplicate == len(by_number[landed.batch])
    assert state(dataset) == newest(by_number, frozenset())
    assert warehouse.count(dataset, scope=EVERYTHING) == len(newest(by_number, frozenset()))
    without = frozenset(data.draw(st.sets(st.sampled_from(numbers))))
    assert state(dataset, without=without) == newest(by_number, without)
    assert state_by_ibis(dataset, without=without) == newest(by_number, without)
