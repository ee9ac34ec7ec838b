"""A sheet of national extent shows Hoàng Sa and Trường Sa; a province's keeps its own."""

import pytest
from django.urls import reverse

from haidang.foundation.org.rules import country, sketch
from tests.world import build_world

NAMES = ["Quần đảo Hoàng Sa (Đà Nẵng)", "Quần đảo Trường Sa (Khánh Hòa)"]


def square(south: float, west: float, side: float = 0.5) -> dict[str, object]:
    ring = [[west, south], [west + side, south], [west + side, south + side], [west, south]]
    return {"type": "MultiPolygon", "coordinates": [[ring]]}


def test_a_sheet_of_the_nation_has_both_archipelagos_whatever_its_file_says() -> None:
    drawn = sketch.draw([("Hà Giang", square(22.5, 105)), ("Cà Mau", square(8.6, 104.8))])

    assert drawn is not None
    assert [mark.label for mark in drawn.marks] == NAMES
    for mark in drawn.marks:
        assert 0 < mark.x < sketch.WIDTH and 0 < mark.y <= drawn.height + 2 * mark.size
        assert mark.data.count("M") >= 14


def test_a_province_keeps_its_own_extent() -> None:
    for shapes in ([("a", square(11, 106.5))], [("a", square(20.5, 105)), ("b", square(22, 105))]):
        drawn = sketch.draw(shapes)
        assert drawn is not None and drawn.marks == []


def test_the_national_sheet_is_the_country_and_nothing_else() -> None:
    inside = ((21.03, 105.85), (16.05, 108.2), (10.78, 106.7), (9.18, 105.15), (10.2, 103.95))
    outside = ((11.55, 104.9), (17.97, 102.6), (22.8, 108.3), (15.1, 105.8))
    assert {country.cell_of(*one) for one in inside} <= country.cells()
    assert not {country.cell_of(*one) for one in outside} & country.cells()
    for one in country.ARCHIPELAGOS:
        for latitude, longitude in one.islands.values():
            assert 7 < latitude < 17.2 and 111 < longitude < 117.4

    drawn = sketch.whole_country([(10.98, 106.65), (0.0, 0.0)])
    assert [mark.label for mark in drawn.marks] == NAMES
    assert drawn.paths[1].data.count("M") == 1, "what lies elsewhere is not set off"


@pytest.mark.django_db
def test_the_page_of_boundaries_shows_where_the_province_lies() -> None:
    page = build_world().client("truc1").get(reverse("org:boundaries")).content.decode()

    assert all(f"<title>{name}</title>" in page for name in NAMES)
    assert "Không phải đường địa giới" in page and 'class="border"' in page
