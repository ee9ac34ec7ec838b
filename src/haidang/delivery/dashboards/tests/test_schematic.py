"""The schematic map: every commune has one cell, its point lies in it, districts are unions."""

import functools
import math
import random

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from haidang.delivery.dashboards.rules import areas, official, schematic
from haidang.foundation.org import api as org


def points(count, seed=1):
    chance = random.Random(seed)
    return {n: (11 + chance.random() / 2, 106.5 + chance.random() / 2) for n in range(1, count + 1)}


def shape(path):
    rings = [ring for ring in path.replace("Z", "").split("M") if ring]
    corners = [[tuple(map(float, pair.split(","))) for pair in ring.split()] for ring in rings]
    # A ring inside another is a hole.
    return functools.reduce(shapely.symmetric_difference, map(shapely.Polygon, corners))


@given(st.integers(3, 60), st.integers(0, 99))
@settings(max_examples=15, deadline=None)
def test_cells_do_not_overlap_and_make_up_their_districts(count, seed):
    parents = {n: n % 3 for n in range(1, count + 1)}
    drawn = schematic.draw(points(count, seed), parents)
    cells = {unit: shape(area.path) for unit, area in drawn.cells.items()}
    whole = shapely.union_all(list(cells.values()))
    assert set(cells) == set(parents)
    assert sum(cell.area for cell in cells.values()) == pytest.approx(whole.area, rel=0.01)
    for district, area in drawn.districts.items():
        own = [cells[unit] for unit, parent in parents.items() if parent == district]
        assert shape(area.path).area == pytest.approx(shapely.union_all(own).area, rel=0.02)
        assert shape(area.path).buffer(1).contains(shapely.Point(area.x, area.y))


def test_the_neighbours_shape_the_border():
    ours = points(30)
    alone = schematic.draw(ours, dict.fromkeys(ours, 1))
    around = [(10.95, 106.45 + n / 50) for n in range(30)]
    shaped = schematic.draw(ours, dict.fromkeys(ours, 1), around)
    assert set(shaped.cells) == set(ours)
    assert shaped.border != alone.border


def test_points_that_coincide_have_a_cell_each():
    drawn = schematic.draw({1: (11, 106), 2: (11, 106), 3: (11.2, 106.2)}, {1: 1, 2: 1, 3: 1})
    assert all(shape(area.path).area > 1 for area in drawn.cells.values())


def test_a_drawing_is_the_same_after_its_file():
    drawn = schematic.draw(points(9), dict.fromkeys(range(1, 10), 7))
    assert areas.from_plain(areas.plain(drawn)) == drawn


def test_official_shapes_stay_neighbours_when_their_lines_are_made_simpler():
    rough = [(11 + math.sin(n) / 1e5, 106.5 + n / 1000) for n in range(200)]
    north = [(x, y) for y, x in rough] + [(106.7, 11.2), (106.5, 11.2)]
    south = [(x, y) for y, x in rough] + [(106.7, 10.9), (106.5, 10.9)]
    shapes = {n: shapely.geometry.mapping(shapely.Polygon(c)) for n, c in ((1, north), (2, south))}
    drawn = official.draw(shapes, {1: 7, 2: 7}, "Sở, 12/QĐ")
    one, two = (shape(drawn.cells[n].path) for n in (1, 2))

    assert drawn.source == "Sở, 12/QĐ"
    assert areas.from_plain(areas.plain(drawn)) == drawn
    assert one.intersection(two).area < 1
    whole = shape(drawn.border)
    assert whole.area == pytest.approx(one.area + two.area, rel=0.001)  # no gap between them
    assert one.centroid.y < two.centroid.y  # north is up
    assert drawn.cells[1].path.count(",") < 150


def test_a_map_of_the_nation_shows_both_archipelagos_and_a_province_none() -> None:
    cities = {1: (22.8, 104.98), 2: (21.03, 105.85), 3: (16.05, 108.2), 4: (9.18, 105.15)}
    nation = schematic.draw(cities, dict.fromkeys(cities, 9), afar_of=org.archipelagos)
    names = [one.label for one in nation.isles]
    assert names == ["Quần đảo Hoàng Sa (Đà Nẵng)", "Quần đảo Trường Sa (Khánh Hòa)"]
    assert all(0 < one.x < 1000 and 0 < one.y < nation.height for one in nation.isles)
    assert areas.from_plain(areas.plain(nation)) == nation

    near = {1: (11.0, 106.6), 2: (11.2, 106.7), 3: (11.1, 106.9)}
    assert schematic.draw(near, dict.fromkeys(near, 9), afar_of=org.archipelagos).isles == ()
