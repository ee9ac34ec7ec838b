"""Quality rules over columns, each against a slow and obvious reading row by row."""

import statistics
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haidang.data.catalogue.api import ContractSpec, FieldSpec
from haidang.data.ingest.errors import IngestError
from haidang.data.ingest.rules.judging import (
    Codes,
    Compare,
    Jump,
    Known,
    Reference,
    Sum,
    Total,
    judge,
    spec_of,
)

TITLES = {name: name.upper() for name in "abctsgk"}
whole = st.none() | st.integers(-3, 3)
words = st.none() | st.sampled_from(["x", "y", "z"])
OPERATORS = {
    "<=": lambda a, b: a <= b,
    "<": lambda a, b: a < b,
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">=": lambda a, b: a >= b,
    ">": lambda a, b: a > b,
}


def table(rows: list[dict[str, Any]], **types: pa.DataType) -> pa.Table:
    return pa.table({name: pa.array([row[name] for row in rows], to) for name, to in types.items()})


def failed(spec: Any, rows: pa.Table, **known: Any) -> list[int]:
    bad, says = judge(spec, rows, Known(**known), TITLES)
    assert bad.dtype == bool and len(bad) == rows.num_rows
    places = [int(place) for place in np.flatnonzero(bad)]
    assert all(says(place) for place in places)
    return places


def lists(**columns: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.fixed_dictionaries(columns), max_size=12)


@given(lists(a=whole, b=whole), st.sampled_from(sorted(OPERATORS)))
def test_comparing(rows, operator) -> None:
    slow = [
        place
        for place, row in enumerate(rows)
        if None not in row.values() and not OPERATORS[operator](row["a"], row["b"])
    ]
    given_ = table(rows, a=pa.int64(), b=pa.float64())
    assert failed(Compare("a", operator, "b"), given_) == slow


@given(lists(a=whole, b=whole, t=whole), st.integers(0, 2))
def test_adding(rows, tolerance) -> None:
    slow = [
        place
        for place, row in enumerate(rows)
        if row["t"] is not None
        and (row["a"], row["b"]) != (None, None)
        and abs((row["a"] or 0) + (row["b"] or 0) - row["t"]) > tolerance
    ]
    given_ = table(rows, a=pa.int64(), b=pa.float64(), t=pa.int64())
    assert failed(Sum(("a", "b"), "t", tolerance), given_) == slow


@given(lists(c=words), st.sets(st.sampled_from(["x", "y"])))
def test_code_lists_and_references(rows, allowed) -> None:
    slow = [at for at, row in enumerate(rows) if row["c"] is not None and row["c"] not in allowed]
    given_ = table(rows, c=pa.string())
    assert failed(Codes("c", tuple(allowed)), given_) == slow
    assert failed(Reference("c", "bo-khac", "c"), given_, values=frozenset(allowed)) == slow


@given(
    lists(c=words, k=whole, a=whole),
    st.dictionaries(st.tuples(words, whole), st.integers(-6, 6)),
    st.integers(0, 2),
)
def test_totals_of_another_dataset(rows, totals, tolerance) -> None:
    sums: dict[Any, int] = {}
    for row in rows:
        if row["a"] is not None:
            sums[row["c"], row["k"]] = sums.get((row["c"], row["k"]), 0) + row["a"]
    slow = [
        place
        for place, row in enumerate(rows)
        if row["a"] is not None
        and (row["c"], row["k"]) in totals
        and abs(sums[row["c"], row["k"]] - totals[row["c"], row["k"]]) > tolerance
    ]
    given_ = table(rows, c=pa.string(), k=pa.int64(), a=pa.int64())
    spec = Total("a", ("c", "k"), "bo-khac", "a", tolerance)
    assert failed(spec, given_, totals=totals) == slow


def slow_jumps(spec: Jump, rows: list[dict[str, Any]], before: list[dict[str, Any]]) -> list[int]:
    own = {(row["s"], row["t"]) for row in rows}
    seen = rows + [row for row in before if (row["s"], row["t"]) not in own]
    found = []
    for place, row in enumerate(rows):
        past = sorted(
            (
                (one["t"], at, one["a"])
                for at, one in enumerate(seen)
                if one["s"] == row["s"] and one["t"] < row["t"] and one["a"] is not None
            ),
        )
        values = [value for _, _, value in past][-spec.last :]
        if row["a"] is None or len(values) < spec.least:
            continue
        median = statistics.median(values)
        spread = statistics.median(abs(value - median) for value in values)
        limit = max(spec.times * spread, spec.percent / 100 * abs(median))
        if abs(row["a"] - median) > limit + 1e-9 * abs(median):
            found.append(place)
    return found


moments = st.integers(2000, 2015)
values = st.none() | st.integers(-50, 50)
series = st.lists(
    st.fixed_dictionaries({"s": words, "t": moments, "a": values}),
    max_size=40,
    unique_by=lambda row: (row["s"], row["t"]),
)


@given(series, series, st.integers(4, 8), st.sampled_from([0.0, 2.0]), st.sampled_from([0.0, 30.0]))
def test_jumps_against_history(rows, before, last, times, percent) -> None:
    spec = Jump("a", ("s",), "t", last, times, percent)
    types = {"s": pa.string(), "t": pa.int32(), "a": pa.int64()}
    history = table(before, **types)
    assert failed(spec, table(rows, **types), history=history) == slow_jumps(spec, rows, before)


def test_a_jump_is_said_in_words() -> None:
    rows = [{"s": "x", "t": 2000 + at, "a": 10 + at % 2} for at in range(8)]
    rows += [{"s": "x", "t": 2009, "a": 4000}]
    spec = Jump("a", ("s",), "t", 6, 5.0, 20.0)
    given_ = table(rows, s=pa.string(), t=pa.int32(), a=pa.int64())
    bad, says = judge(spec, given_, Known(), TITLES)
    assert list(np.flatnonzero(bad)) == [8]
    assert says(8) == "“A” là 4.000, lệch xa trung vị 10,5 của 6 giá trị gần nhất"


FIELDS = (
    FieldSpec("k", "K", "yearmonth", required=True, key=True),
    FieldSpec("s", "S", key=True),
    FieldSpec("a", "A", "integer"),
    FieldSpec("b", "B", "number"),
    FieldSpec("c", "C"),
)
CONTRACT = ContractSpec("bo", 1, "Bộ", FIELDS, None, None, "table", None, None)


def test_settings_become_rules() -> None:
    read = SimpleNamespace(contract=CONTRACT)
    told = {"field": "a", "times": "4,5"}
    assert spec_of("jump", told, read.contract) == Jump("a", ("s",), "k", 12, 4.5, 0.0)
    said = {"left": "a", "operator": "<=", "right": "b"}
    assert spec_of("compare", said, CONTRACT) == Compare("a", "<=", "b")
    total = {"field": "a", "by": ["k"], "dataset": "kia", "total": "b", "percent": "2"}
    assert spec_of("total", total, CONTRACT, CONTRACT) == Total("a", ("k",), "kia", "b", 0, 2)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("compare", {"left": "a", "operator": "<=", "right": "c"}),
        ("compare", {"left": "a", "operator": "like", "right": "b"}),
        ("compare", {"left": "a", "operator": "=", "right": "a"}),
        ("sum", {"parts": ["a"], "total": "b"}),
        ("sum", {"parts": ["a", "b"], "total": "a"}),
        ("codes", {"field": "c", "codes": []}),
        ("reference", {"field": "c", "dataset": "kia", "to": "k"}),
        ("total", {"field": "a", "by": [], "dataset": "kia", "total": "b"}),
        ("jump", {"field": "c"}),
        ("jump", {"field": "a", "last": 2}),
        ("jump", {"field": "a", "times": 0}),
        ("jump", {"field": "a", "times": "nhiều"}),
        ("lạ", {}),
    ],
)
def test_settings_that_do_not_fit_are_refused_in_words(kind, settings) -> None:
    with pytest.raises(IngestError):
        spec_of(kind, settings, CONTRACT, CONTRACT)
