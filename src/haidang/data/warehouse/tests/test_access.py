"""Who sees which rows of the lake, by page and by API."""

import pytest

from haidang.data.catalogue import api as catalogue
from haidang.data.warehouse import api as warehouse
from haidang.data.warehouse.tests.test_door import FIELDS, a_batch
from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM
from tests.world import World, build_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = build_world()
    spec = catalogue.define(
        dataset="ho-ngheo", title="Hộ nghèo", fields=FIELDS,
        owner_unit_id=world.unit("74.SKHDT"), by=SYSTEM,
    )  # fmt: skip
    warehouse.ensure_table(spec)
    warehouse.commit(
        [a_batch(1, ("25747", "2026-01", 5), ("25942", "2026-01", 7), ("25747", "2026-02", 6))]
    )
    role = "auditor"  # sees rows; given here for one district alone
    access.grant(
        account=world.accounts["canbo.phucuong"], role=role, unit=world.unit("718"), by=SYSTEM
    )
    return world


PAGES = [
    "/console/datasets/ho-ngheo/rows/",
    "/console/datasets/ho-ngheo/rows/export.csv",
    "/console/datasets/ho-ngheo/batches/",
    "/console/datasets/ho-ngheo/batches/1/",
    "/api/v1/datasets/ho-ngheo/records",
    "/api/v1/datasets/ho-ngheo/aggregates?measures=count:*",
    "/api/v1/datasets/ho-ngheo/last",
]


def test_who_may_not_query_is_kept_out(world):
    for username in ("nguoila", "canbo.dian", "quantri"):
        client = world.client(username)
        assert {address: client.get(address).status_code for address in PAGES} == dict.fromkeys(
            PAGES, 403
        )


def test_who_may_query_enters(world, client):
    member = world.client("truc1")

    assert {member.get(address).status_code for address in PAGES} == {200}
    assert {client.get(address).status_code for address in PAGES} == {302, 401}


def test_records_hold_the_scopes_units_alone(world):
    def seen(username: str) -> set[str]:
        answer = world.client(username).get("/api/v1/datasets/ho-ngheo/records")
        return {row["xa"] for row in answer.json()["items"]}

    assert seen("truc1") == {"25747", "25942"}
    assert seen("canbo.phucuong") == {"25747"}


def test_aggregates_exports_and_pages_hold_the_scopes_units_alone(world):
    client = world.client("canbo.phucuong")

    counted = client.get(
        "/api/v1/datasets/ho-ngheo/aggregates?measures=count:*,sum:ho_ngheo&group=xa"
    ).json()
    exported = client.get("/console/datasets/ho-ngheo/rows/export.csv").getvalue().decode()
    page = client.get("/console/datasets/ho-ngheo/rows/").content.decode()

    assert counted["columns"] == ["xa", "count", "sum_ho_ngheo"]
    assert counted["rows"] == [["25747", 2, 11]]
    assert "25942" not in exported
    assert "25942" not in page
    assert "25747" in page


def test_conditions_orders_and_pages(world):
    client = world.client("truc1")

    answer = client.get(
        "/api/v1/datasets/ho-ngheo/records?ho_ngheo__gte=6&order=-ho_ngheo&limit=1&count=1"
        "&fields=xa,ho_ngheo"
    ).json()

    assert answer["total"] == 2
    assert answer["items"] == [{"xa": "25942", "ho_ngheo": 7}]


def test_bad_questions_get_a_clear_answer(world):
    client = world.client("truc1")
    for query in (
        "khong_co=1", "ho_ngheo__la=1", "order=khong_co", "ho_ngheo=nam", "fields=khong_co"
    ):  # fmt: skip
        answer = client.get(f"/api/v1/datasets/ho-ngheo/records?{query}")

        assert answer.status_code == 422, query
        assert answer["Content-Type"].startswith("application/problem+json")


def test_unknown_datasets_are_not_found(world):
    assert world.client("truc1").get("/api/v1/datasets/khong-co/records").status_code == 404
    assert world.client("truc1").get("/console/datasets/khong-co/rows/").status_code == 404


def test_a_page_costs_few_queries(world, django_assert_max_num_queries):
    client = world.client("truc1")
    client.get("/console/datasets/ho-ngheo/rows/")
    with django_assert_max_num_queries(16):
        client.get("/console/datasets/ho-ngheo/rows/?sort=-ho_ngheo&column=xa&value=25747")
