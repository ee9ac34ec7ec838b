"""The catalogue's pages and routes."""

import pytest
from django.template import Context, Template

from haidang.data.catalogue import api as catalogue
from haidang.foundation.core.audit import SYSTEM
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
FIELDS = (
    catalogue.FieldSpec("xa", "Xã", "unit", required=True, key=True),
    catalogue.FieldSpec("so", "Số", "integer", unit_of_measure="hộ"),
)


@pytest.fixture
def world() -> World:
    world = build_world()
    for number in range(3):
        catalogue.define(
            dataset=f"bo-{number}", title=f"Bộ dữ liệu {number}", fields=FIELDS,
            sector="moi-truong" if number else None, owner_unit_id=world.unit("74.STNMT"),
            by=SYSTEM,
        )  # fmt: skip
    return world


PAGES = ["/console/datasets/", "/console/datasets/?format=csv", "/console/datasets/bo-1/",
         "/api/v1/datasets", "/api/v1/datasets/bo-1"]  # fmt: skip


def test_a_stranger_is_kept_out_and_an_officer_enters(world, client):
    stranger, officer = world.client("nguoila"), world.client("truc1")

    assert {stranger.get(address).status_code for address in PAGES} == {403}
    assert {officer.get(address).status_code for address in PAGES} == {200}
    assert {client.get(address).status_code for address in PAGES} == {302, 401}


def test_the_list_is_searched_without_accents(world):
    page = world.client("truc1").get("/console/datasets/?q=bo du lieu 2").content.decode()

    assert "Bộ dữ liệu 2" in page
    assert "Bộ dữ liệu 1" not in page


def test_the_list_costs_the_same_for_any_number(world, django_assert_max_num_queries):
    client = world.client("truc1")
    client.get("/console/datasets/")
    with django_assert_max_num_queries(16):
        client.get("/console/datasets/")


def test_routes_tell_the_contract(world):
    answer = world.client("truc1").get("/api/v1/datasets/bo-1").json()

    assert [(field["name"], field["type"]) for field in answer["fields"]] == [
        ("xa", "unit"),
        ("so", "integer"),
    ]
    assert world.client("truc1").get("/api/v1/datasets").json()["total"] == 3


def test_codes_of_readings_are_said_in_words_and_understood_in_words() -> None:
    page = Template("{% load catalogue %}{{ a|metric_words }}|{{ b|code_words:'status' }}")
    said = page.render(Context({"a": ["pm25", "flow", "xyz"], "b": ["fault", "lạ"]}))
    assert said == "bụi PM2.5, lưu lượng, xyz|fault (hỏng), lạ"
    assert catalogue.code_of("metric", " Bụi PM2.5") == "pm25"
    assert catalogue.code_of("metric", "pm25") == "pm25"
    assert catalogue.code_of("xa", "hỏng") == "hỏng"
