"""Crosswalks against a slow, obvious implementation: every inhabitant walks by himself."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haidang.foundation.org.rules import crosswalk
from haidang.foundation.org.rules.crosswalk import Part, Step

FIRST = date(2025, 1, 1)
units = st.integers(1, 8)
amounts = st.decimals(1, 5000, places=2)
divisions = st.dictionaries(units, st.dictionaries(units, amounts, min_size=1, max_size=3))
merges = st.dictionaries(units, units)
decimals = st.decimals(-10_000, 10_000, places=3)


def parts_of(division: dict[int, dict[int, Decimal]]) -> tuple[Part, ...]:
    return tuple(
        Part(source, target, amount)
        for source, targets in division.items()
        for target, amount in targets.items()
    )


def obviously(total: int, weights: list[Fraction]) -> list[int]:
    """Hand out one unit after the other to who lacks most."""
    parts = [0] * len(weights)
    for _ in range(total):
        lacking = [total * weight - part for weight, part in zip(weights, parts, strict=True)]
        parts[lacking.index(max(lacking))] += 1
    return parts


@given(st.integers(0, 60), st.lists(st.integers(1, 9), min_size=1, max_size=2))
def test_apportioning_agrees_with_handing_out_one_by_one(total: int, sizes: list[int]) -> None:
    weights = [Fraction(size, sum(sizes)) for size in sizes]

    assert crosswalk.apportion(total, weights) == obviously(total, weights)


@given(st.integers(-(10**15), 10**15), st.lists(st.integers(0, 10**9), min_size=1, max_size=9))
def test_no_part_is_a_unit_away_from_its_share(total: int, sizes: list[int]) -> None:
    weights = [Fraction(size + 1, sum(sizes) + len(sizes)) for size in sizes]
    parts = crosswalk.apportion(total, weights)

    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - total * weight) < 1


@given(st.lists(divisions, max_size=4), st.dictionaries(units, decimals))
def test_sums_are_preserved_to_the_last_digit(changes, values: dict[int, Decimal]) -> None:
    steps = [Step(FIRST + timedelta(days=day), parts_of(one)) for day, one in enumerate(changes, 1)]
    walk = crosswalk.between(steps, FIRST, FIRST + timedelta(days=9))

    assert all(sum(targets.values()) == 1 for targets in walk.values())
    found = crosswalk.convert(values, walk)
    assert sum(one.value for one in found.values()) == sum(values.values())


@given(st.lists(merges, max_size=4), st.dictionaries(units, st.integers(0, 30)))
def test_through_merges_every_inhabitant_arrives_and_nothing_is_estimated(
    changes: list[dict[int, int]], people: dict[int, int]
) -> None:
    steps = [
        Step(FIRST + timedelta(days=day), tuple(Part(*pair) for pair in one.items()))
        for day, one in enumerate(changes, 1)
    ]
    homes: Counter[int] = Counter()
    for home, count in people.items():
        for one in changes:
            home = one.get(home, home)
        homes[home] += count

    walk = crosswalk.between(steps, FIRST, FIRST + timedelta(days=9))
    found = crosswalk.convert({unit: Decimal(n) for unit, n in people.items()}, walk)

    assert {unit: one.value for unit, one in found.items()} == homes
    assert not any(one.is_estimate for one in found.values())


@given(divisions, divisions, divisions)
def test_composing_does_not_depend_on_the_grouping(one, two, three) -> None:
    a, b, c = (crosswalk.forward(parts_of(each)) for each in (one, two, three))

    left = crosswalk.compose(crosswalk.compose(a, b), c)
    right = crosswalk.compose(a, crosswalk.compose(b, c))

    assert {unit: crosswalk.shares(left, unit) for unit in range(9)} == {
        unit: crosswalk.shares(right, unit) for unit in range(9)
    }


def test_only_what_was_divided_is_an_estimate() -> None:
    walk = crosswalk.forward([Part(1, 10, Decimal(3)), Part(1, 11, Decimal(1)), Part(2, 11)])

    found = crosswalk.convert({1: Decimal(7), 2: Decimal(5), 3: Decimal(2)}, walk)

    assert {unit: (one.value, one.is_estimate) for unit, one in found.items()} == {
        10: (5, True),
        11: (7, True),
        3: (2, False),
    }


def test_the_way_back_divides_by_what_each_brought() -> None:
    step = Step(FIRST, (Part(1, 10, Decimal(30)), Part(2, 10, Decimal(10))))
    later, sooner = FIRST, FIRST - timedelta(days=1)

    assert crosswalk.between([step], later, sooner) == {10: {1: Fraction(3, 4), 2: Fraction(1, 4)}}
    assert crosswalk.between([step], later, later) == {}


def test_the_way_back_is_refused_where_nobody_said_how_much_each_brought() -> None:
    step = Step(FIRST, (Part(1, 10), Part(2, 10)))

    with pytest.raises(ValueError, match="amount"):
        crosswalk.between([step], FIRST, FIRST - timedelta(days=1))


def test_ground_is_the_same_only_where_nothing_left_and_nothing_came() -> None:
    walk = crosswalk.forward([Part(1, 10), Part(2, 10), Part(3, 11, Decimal(1)),
                              Part(3, 12, Decimal(1))])  # fmt: skip

    def same(before: set[int], after: set[int]) -> bool:
        standing = frozenset({1, 2, 3, 4, 5})
        return crosswalk.is_same_ground(walk, standing, frozenset(before), frozenset(after))

    assert same({1, 2}, {10})
    assert not same({1}, {10})
    assert not same({3}, {11})
    assert same({4}, {4})
    assert not same({4}, {4, 5})
