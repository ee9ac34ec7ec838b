"""The pages of units: who may enter, what they show, how many queries they cost."""

from datetime import date

import pytest
from django.urls import reverse

from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.org import api as org
from tests.world import World, build_world

pytestmark = pytest.mark.django_db

READING = [
    ("org:list", {}),
    ("org:export", {}),
    ("org:legal_bases", {}),
    ("org:unit", {"code": "25747"}),
]
CHANGING = [
    ("org:rename", {"code": "25747"}),
    ("org:move", {"code": "25747"}),
    ("org:dissolve", {"code": "25747"}),
]


@pytest.fixture
def world() -> World:
    return build_world()


@pytest.mark.parametrize(("page", "about"), READING + CHANGING)
def test_a_visitor_is_sent_to_sign_in(client, world: World, page: str, about: dict) -> None:
    answer = client.get(reverse(page, kwargs=about))

    assert answer.status_code == 302
    assert "login" in answer["Location"]


@pytest.mark.parametrize(("page", "about"), READING + CHANGING)
def test_a_stranger_may_not_enter(world: World, page: str, about: dict) -> None:
    assert world.client("nguoila").get(reverse(page, kwargs=about)).status_code == 403


@pytest.mark.parametrize(("page", "about"), CHANGING)
@pytest.mark.parametrize("who", ["chutich", "canbo.phucuong", "truc1"])
def test_only_administrators_change_units(world: World, who: str, page: str, about: dict) -> None:
    assert world.client(who).post(reverse(page, kwargs=about)).status_code == 403


def test_an_administrator_of_a_district_moves_no_unit_out_of_his_reach(world: World) -> None:
    world.grant("nguoila", "administrator", "724")
    client = world.client("nguoila")
    asked = {"parent": world.unit("718"), "on": "2026-12-01", "reason": "Thử"}

    page = client.post(reverse("org:move", kwargs={"code": "25942"}), asked)
    routed = client.post(
        "/api/v1/units/25942/move",
        {"parent": "718", "on": "2026-12-01", "reason": "Thử"},
        content_type="application/json",
    )

    assert (page.status_code, routed.status_code) == (403, 403)
    assert org.unit("25942", date(2026, 12, 2)).parent_id == world.unit("724")


def test_a_commune_officer_does_not_see_another_commune(world: World) -> None:
    client = world.client("canbo.phucuong")

    assert client.get(reverse("org:unit", kwargs={"code": "25942"})).status_code == 403
    assert client.get(reverse("org:unit", kwargs={"code": "25747"})).status_code == 200
    shown = client.get(reverse("org:list")).content.decode()
    assert "Phường Phú Cường" in shown
    assert "Phường Dĩ An" not in shown


def test_the_export_holds_the_scope_and_no_formula(world: World) -> None:
    org.rename(
        unit=world.unit("25747"), name="=1+1", short_name="@x", on=date(2024, 1, 1), by=SYSTEM
    )

    answer = world.client("canbo.phucuong").get(reverse("org:export"))
    lines = answer.getvalue().decode("utf-8-sig").splitlines()

    assert len(lines) == 2
    assert "'=1+1,'@x" in lines[1]


def test_search_without_accents_finds_the_unit_and_says_how_many(world: World) -> None:
    shown = world.client("chutich").get(reverse("org:list"), {"q": "phu cuong"}).content.decode()

    assert "Phường Phú Cường" in shown
    assert "Hiển thị 1–1 trong 1 đơn vị" in shown


def test_the_tree_is_that_of_the_day_asked_for(world: World) -> None:
    org.dissolve(unit=world.unit("25741"), on=date(2025, 7, 1), by=SYSTEM)
    client = world.client("chutich")

    before = client.get(reverse("org:list"), {"on": "2025-06-30"}).content.decode()
    after = client.get(reverse("org:list"), {"on": "2025-07-01"}).content.decode()

    assert "Phường Hiệp Thành" in before
    assert "Phường Hiệp Thành" not in after


def test_the_page_of_a_unit_tells_its_story(world: World) -> None:
    basis = org.record_legal_basis(
        number="NQ 1012", title="Thành lập", issued_by="UBTVQH", issued_date=date(2024, 3, 19),
        start=date(2024, 5, 1), by=SYSTEM,
    )  # fmt: skip
    org.rename(
        unit=world.unit("25747"), name="Phường Mới", short_name="Mới", on=date(2024, 5, 1),
        basis=basis.id, by=SYSTEM,
    )  # fmt: skip

    shown = world.client("chutich").get(reverse("org:unit", kwargs={"code": "25747"}))

    page = shown.content.decode()
    for words in ("Phường Mới", "Phường Phú Cường", "NQ 1012", "Bùi Đức Thắng", "01/05/2024"):
        assert words in page


def test_an_administrator_renames_a_unit_from_a_day_on(world: World) -> None:
    answer = world.client("quantri").post(
        reverse("org:rename", kwargs={"code": "25747"}),
        {"name": "Phường Mới", "short_name": "Mới", "on": "2026-12-01", "reason": "Nghị quyết"},
        follow=True,
    )

    assert "Đã ghi tên mới." in answer.content.decode()
    assert org.unit("25747", on=date(2026, 12, 1)).name == "Phường Mới"
    assert org.unit("25747", on=date(2026, 11, 30)).name == "Phường Phú Cường"


def test_an_impossible_change_says_why(world: World) -> None:
    answer = world.client("quantri").post(
        reverse("org:dissolve", kwargs={"code": "718"}), {"on": "2026-12-01", "reason": "thử"}
    )

    assert answer.status_code == 422
    assert "Đơn vị còn đơn vị trực thuộc" in answer.content.decode()


def test_an_administrator_records_a_legal_text_once(world: World) -> None:
    client, said = world.client("quantri"), {
        "number": "1012/NQ-UBTVQH15", "title": "Nghị quyết", "issued_by": "UBTVQH",
        "issued_date": "2024-03-19", "start": "2024-05-01",
    }  # fmt: skip

    first = client.post(reverse("org:record_legal_basis"), said, follow=True)
    second = client.post(reverse("org:record_legal_basis"), said)

    assert "1012/NQ-UBTVQH15" in first.content.decode()
    assert second.status_code == 422
    assert "Văn bản này đã có" in second.content.decode()


def test_the_list_costs_the_same_queries_whatever_the_number_of_units(
    world: World, django_assert_max_num_queries
) -> None:
    client = world.client("chutich")
    rows = [
        org.UnitRow(f"x{number}", f"Xã {number}", f"{number}", "commune", "ubnd", "718")
        for number in range(60)
    ]
    org.import_units(rows, on=date(2020, 1, 1), by=SYSTEM)
    client.get(reverse("org:list"))

    with django_assert_max_num_queries(20):
        client.get(reverse("org:list"))
    with django_assert_max_num_queries(20):
        client.get(reverse("org:list"), {"q": "xa"})
