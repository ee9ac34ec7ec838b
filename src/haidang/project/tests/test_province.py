"""The province of the demo against the numbers of 2024."""

from collections import Counter

import pytest

from haidang.foundation.org import api as org
from haidang.project.demo import province


def test_nine_districts_of_which_five_are_cities() -> None:
    rows = list(province.districts())

    assert Counter(row.designation for row in rows) == {"Thành phố": 5, "Huyện": 4}
    assert next(row.name for row in rows if row.code == "721") == "Thành phố Bến Cát"


def test_ninety_one_communes() -> None:
    rows = list(province.communes())

    assert Counter(row.designation for row in rows) == {"Phường": 47, "Xã": 39, "Thị trấn": 5}
    per_district = Counter(row.parent for row in rows)
    codes = ["718", "725", "724", "723", "721", "719", "726", "720", "722"]
    assert [per_district[code] for code in codes] == [14, 10, 7, 12, 8, 7, 10, 12, 11]


def test_eighteen_departments_and_unique_codes() -> None:
    rows = list(province.units())

    assert len(province.DEPARTMENTS) == 18
    assert len({row.code for row in rows}) == len(rows)
    assert {row.parent for row in rows} <= {row.code for row in rows} | {None}


def test_points_lie_on_both_sides_of_the_border() -> None:
    outside = province.neighbour_points()

    assert len(province.commune_points()) == 91
    assert len(outside) > 150
    assert not {point.code for point in outside} & set(province.commune_points())


@pytest.mark.django_db
def test_loading_twice_changes_nothing() -> None:
    province.load()
    count = len(org.all_units())
    province.load()

    assert len(org.all_units()) == count == 1 + 9 + 91 + 18 + 10 + 6 + 3 + 2 + 1 + 3
    assert org.root().code == "74"
    assert len(org.subtree(org.unit("718").id)) == 15
    assert [ref.code for ref in org.path(org.unit("25747").id)] == ["74", "718", "25747"]


@pytest.mark.django_db
def test_every_sector_has_a_competent_unit() -> None:
    province.load()
    commune = org.unit("25747").id

    for sector in org.sectors():
        assert org.competent_unit(commune, sector.code).code.startswith("74.")
    assert org.competent_unit(commune, "moi-truong").code == "74.STNMT"


@pytest.mark.django_db
def test_communes_that_touch_are_neighbours() -> None:
    province.load()
    phu_cuong = org.unit("25747").id

    near = {ref.short_name for ref in org.units(org.neighbours(phu_cuong)).values()}

    assert {"Hiệp Thành", "Chánh Nghĩa"} <= near
    assert "Phước Vĩnh" not in near
