"""The pages of boards: who enters, what each sees, and at what cost in queries."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from haidang.action.operations import api as operations
from haidang.delivery.dashboards import api as dashboards
from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.org import api as org
from haidang.insight.indicators import api as indicators
from tests.world import build_world

pytestmark = pytest.mark.django_db
BOARD, WALL = "/console/", "/wall/"
PARTS = ("sentence", "alerts", "map", "tickets", "owing", "rankings")


@pytest.fixture
def world():
    built = build_world()
    indicators.install_starter(by=SYSTEM)
    dashboards.install_starter(by=SYSTEM)
    return built


def shown(client, address):
    answer = client.get(address)
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize("address", [BOARD, WALL, *(f"/console/parts/{p}/" for p in PARTS)])
def test_a_visitor_and_a_stranger_do_not_enter(client, world, address):
    assert client.get(address)["Location"].startswith("/accounts/")
    assert world.client("nguoila").get(address).status_code == 403


def test_a_commune_officer_sees_the_own_commune_alone(world):
    client = world.client("canbo.phucuong")
    status, page = shown(client, BOARD)
    assert status == 200
    assert "<h1>Phường Phú Cường</h1>" in page
    for unit in ("74", "724", "25942"):
        assert client.get(BOARD, {"unit": unit}).status_code == 403
        assert client.get("/console/parts/map/", {"unit": unit}).status_code == 403
        assert client.get("/console/parts/figure/aqi/", {"unit": unit}).status_code == 403


def test_a_commune_officer_has_no_wall(world):
    assert world.client("canbo.phucuong").get(WALL).status_code == 403
    assert world.client("truc1").get(WALL).status_code == 200


def test_a_department_sees_its_sector_of_the_province(world):
    status, page = shown(world.client("thongke.stnmt"), f"{BOARD}?unit=74")
    assert status == 200
    assert "Chất lượng không khí" in page
    assert "Ca sốt xuất huyết" not in page
    assert world.client("thongke.stnmt").get(BOARD, {"sector": "y-te"}).status_code == 403


def test_a_leader_sees_any_unit_and_any_sector(world):
    client = world.client("chutich")
    assert "hiển thị 12/" in shown(client, BOARD)[1]
    assert "<h1>Thành phố Thủ Dầu Một</h1>" in shown(client, f"{BOARD}?unit=718")[1]
    assert "Ca sốt xuất huyết" in shown(client, f"{BOARD}?sector=y-te")[1]


def test_a_sector_s_board_shows_the_tickets_of_that_sector_alone(world):
    for sector in ("y-te", "moi-truong"):
        operations.open_ticket(
            kind="indicator", title=f"Việc của {sector}", severity=2, sector=sector,
            unit_id=world.unit("718"), lead_unit_id=world.unit("74.STNMT"),
            authority="de_nghi_phoi_hop", by=access.EVERYTHING, now=timezone.now(),
        )  # fmt: skip
    client = world.client("chutich")
    for address in (BOARD, "/console/parts/tickets/"):
        assert "Việc của moi-truong" in shown(client, address)[1]
        narrowed = shown(client, f"{address}?sector=y-te")[1]
        assert "Việc của y-te" in narrowed
        assert "Việc của moi-truong" not in narrowed


@pytest.mark.parametrize(
    ("query", "status"),
    [("unit=xyz", 404), ("sector=xyz", 404), ("unit=718%27--", 404), ("map=xyz", 200)],
)
def test_what_does_not_exist_is_not_found(world, query, status):
    assert world.client("chutich").get(f"{BOARD}?{query}").status_code == status


def test_parts_are_the_parts_of_the_page(world):
    client = world.client("chutich")
    for part in PARTS:
        status, fragment = shown(client, f"/console/parts/{part}/?unit=74")
        assert (status, "<html" in fragment) == (200, False)
    assert client.get("/console/parts/nothing/").status_code == 404
    status, tile = shown(client, "/console/parts/figure/aqi/?unit=74")
    assert 'id="figure-aqi"' in tile
    assert client.get("/console/parts/figure/nothing/").status_code == 404


def test_the_map_of_the_province_opens_districts_and_that_of_a_district_communes(world):
    client = world.client("chutich")
    assert "?unit=718&amp;map=" in shown(client, BOARD)[1]
    page = shown(client, f"{BOARD}?unit=718")[1]
    assert "?unit=25747&amp;map=" in page
    assert "Sơ đồ, không phải địa giới" in page


def test_a_board_costs_the_same_queries_whatever_it_shows(world):
    client = world.client("chutich")
    with_little = _queries(client)
    by = access.EVERYTHING
    for code in ("vneid", "tiem-chung", "truong-chuan"):
        for unit in ("74", "718", "724"):
            dashboards.pin(
                indicator=code,
                unit_id=world.unit(unit),
                sector="cds",
                text="Rà soát",
                now=timezone.now() - timedelta(days=1),
                by=by,
            )
    assert _queries(client) == with_little <= 22


def _queries(client) -> int:
    """Count what a board asks, but for what a second's memory answers: the units, who asks."""
    client.get(BOARD)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(BOARD).status_code == 200
    remembered = ("org_registerstamp", 'FROM "access_')
    return sum(not any(name in query["sql"] for name in remembered) for query in seen)


def test_a_pinned_instruction_is_on_the_tile(world):
    dashboards.pin(
        indicator="aqi",
        unit_id=world.unit("74"),
        sector="moi-truong",
        text="Kiểm tra trạm Becamex",
        now=timezone.now(),
        by=access.EVERYTHING,
    )
    assert "“Kiểm tra trạm Becamex”" in shown(world.client("chutich"), BOARD)[1]


def test_visitors_of_the_wall_see_neither_tickets_nor_laggards(world):
    client = world.client("truc1")
    page = shown(client, f"{WALL}?visitors=1")[1]
    assert "Phiếu đang xử lý" not in page
    assert 'class="rank"' not in page
    assert "Chỉ tiêu" in page


def test_a_province_without_districts_is_drawn_and_ranked_by_its_communes(world):
    """As since 01/07/2025: the map has a link for every commune, and lists offer communes."""
    for code in ("25741", "25747", "25942"):
        unit = org.unit(code)
        org.move(unit=unit.id, parent=world.unit("74"), on=date(2025, 7, 1), by=SYSTEM)
    for code in ("718", "724"):
        org.dissolve(unit=world.unit(code), on=date(2025, 7, 1), by=SYSTEM)
    assert org.level_below("province") == "commune" and org.level_below("commune") is None
    assert org.level_below("province", on=date(2025, 6, 30)) == "district"

    client = world.client("truc1")
    _, page = shown(client, "/console/parts/map/?unit=74")
    for code in ("25741", "25747", "25942"):
        assert f"?unit={code}" in page
    assert "?unit=724" not in shown(client, BOARD)[1]
    assert "Phường Phú Cường" in shown(client, "/console/alerts/")[1]
