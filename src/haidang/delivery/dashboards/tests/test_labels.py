"""The names of a map can be read: they stay near, and clear of signs and of each other."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from haidang.delivery.dashboards.rules.labels import Box, Name, place

ALL = Box(0, 0, 1000, 1000)
SIZE = 40.0


def test_a_name_with_room_stays_where_it_is() -> None:
    name = Name("Dầu Tiếng", 300, 300)
    assert place([name], size=SIZE, signs=[], within=ALL) == [name]


def test_a_name_gives_way_to_a_sign() -> None:
    sign = Box(290, 280, 310, 300)
    (moved,) = place([Name("Dĩ An", 300, 300)], size=SIZE, signs=[sign], within=ALL)
    assert moved.box(SIZE).shared(sign) == 0


def test_a_name_at_the_edge_is_not_cut() -> None:
    (moved,) = place([Name("Thuận An", 990, 500)], size=SIZE, signs=[], within=ALL)
    assert moved.box(SIZE).shared(ALL) == moved.box(SIZE).area


@given(
    st.lists(
        st.tuples(st.floats(300, 700), st.floats(300, 700)), min_size=2, max_size=3, unique=True
    )
)
def test_three_short_names_never_lie_on_each_other(points: list[tuple[float, float]]) -> None:
    names = [Name("Dĩ An", x, y) for x, y in points]
    placed = place(names, size=SIZE, signs=[], within=ALL)
    for one, other in combinations(placed, 2):
        assert one.box(SIZE).shared(other.box(SIZE)) < 0.05 * SIZE * SIZE


@given(
    st.lists(
        st.tuples(st.floats(450, 550), st.floats(450, 550)), min_size=9, max_size=25, unique=True
    )
)
@settings(max_examples=20, deadline=None)
def test_in_a_crowd_some_names_are_left_out_and_what_comes_first_stays(points) -> None:
    names = [Name(f"Xã {at}", x, y, is_first=not at) for at, (x, y) in enumerate(points)]
    placed = place(names, size=SIZE, signs=[], within=ALL)

    assert placed and placed[0].text == "Xã 0"
    for one, other in combinations(placed, 2):
        assert one.box(SIZE).shared(other.box(SIZE)) <= 0.04 * max(
            one.box(SIZE).area, other.box(SIZE).area
        )
