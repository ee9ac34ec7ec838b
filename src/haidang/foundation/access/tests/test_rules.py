from hypothesis import given
from hypothesis import strategies as st

from haidang.foundation.access import rules
from haidang.foundation.access.rules import Coverage

UNITS, SECTORS = range(4), ("a", "b", "c")
coverages = st.lists(
    st.builds(
        Coverage,
        st.none() | st.frozensets(st.sampled_from(UNITS)),
        st.none() | st.frozensets(st.sampled_from(SECTORS)),
    ),
    max_size=6,
)


def _pairs(found: list[Coverage] | tuple[Coverage, ...]) -> set[tuple[int, str]]:
    """The slow way: every pair, one by one; -1 and "z" stand for those not yet heard of."""
    return {
        (unit, sector)
        for unit in (*UNITS, -1)
        for sector in (*SECTORS, "z")
        for one in found
        if (one.units is None or unit in one.units)
        and (one.sectors is None or sector in one.sectors)
    }


@given(coverages)
def test_merging_says_the_same_with_no_more_pairs(given_: list[Coverage]) -> None:
    merged = rules.merge(given_)
    assert _pairs(merged) == _pairs(given_)
    assert len(merged) <= max(1, len(given_))


@given(coverages, coverages)
def test_what_is_included_lies_inside(inner: list[Coverage], outer: list[Coverage]) -> None:
    for one in inner:
        if rules.included(one, outer):
            assert _pairs([one]) <= _pairs(outer)


def test_nothing_covers_nothing() -> None:
    assert rules.merge([]) == ()
    assert not rules.included(Coverage(frozenset({1}), None), [])
