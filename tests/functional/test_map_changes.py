"""The map in a real browser: the country with its islands, a sheet and a set by two persons."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.org import api as org
from tests.functional.browser import (
    DESKTOP,
    PHONE,
    WALL,
    overflow,
    picture,
    sign_in,
    violations,
)
from tests.world import World, build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PREPARES, APPROVES = "quantri", "giamdoc.ioc"
TODAY = timezone.localdate()


@pytest.fixture
def world(transactional_db: None) -> World:
    return build_world()


def looked_at(page: Page, name: str) -> None:
    """The page is accessible and fits: on a desk, a phone, a wide screen."""
    for suffix, window in (("", DESKTOP), ("-phone", PHONE), ("-wide", WALL)):
        page.set_viewport_size(window)
        picture(page, f"map-{name}{suffix}")
        assert violations(page) == []
        assert overflow(page) == 0
    page.set_viewport_size(DESKTOP)


def test_boundaries_are_imported_by_one_and_approved_by_another(page: Page, world: World, tmp_path):
    file = tmp_path / "xa.geojson"
    file.write_text(json.dumps(communes()))
    sign_in(page, world.account(PREPARES))
    page.goto("/console/units/boundaries/")
    expect(page.get_by_text("Quần đảo Trường Sa", exact=True).last).to_be_visible()
    looked_at(page, "boundaries")
    page.get_by_role("link", name="Nhập ranh giới").click()
    looked_at(page, "boundaries-form")
    page.get_by_label("Tệp ranh giới").set_input_files(file)
    page.get_by_label("Nguồn").fill("Sở Tài nguyên và Môi trường")
    page.get_by_label("Số quyết định").fill("12/QĐ-UBND")
    page.get_by_label("Có hiệu lực từ ngày").fill("2024-01-01")
    page.get_by_role("button", name="Đọc tệp").click()
    expect(page.get_by_text("Người nhập không tự duyệt được")).to_be_visible()
    looked_at(page, "sheet-waits")
    address = page.url

    sign_in(page, world.account(APPROVES))
    page.goto(address)
    looked_at(page, "sheet-to-approve")
    page.get_by_role("button", name="Duyệt, đưa vào sử dụng").click()
    expect(page.get_by_text("Đã duyệt")).to_be_visible()


def communes() -> dict[str, object]:
    def square(at: int) -> list[list[float]]:
        west = 106.6 + at * 0.05
        return [[west, 11], [west + 0.05, 11], [west + 0.05, 11.05], [west, 11.05], [west, 11]]

    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"MA_XA": code},
                "geometry": {"type": "Polygon", "coordinates": [square(at)]},
            }
            for at, code in enumerate(("25741", "25747", "25942"))
        ],
    }


def test_a_set_that_is_depended_upon_shows_why_and_the_way_out(page: Page, world: World):
    plan = org.Plan(
        TODAY - timedelta(days=30),
        changes=(
            org.Change("25747", "merge", (org.PartRow("25747", Decimal(6000)),)),
            org.Change("25741", "merge", (org.PartRow("25747", Decimal(9000)),)),
        ),
        after=(
            org.UnitRow("25747", "Phường Thủ Dầu Một", "Thủ Dầu Một", "commune", "ubnd", "718"),
        ),
    )
    made = org.draft_changes(title="Sắp xếp hai phường", plan=plan, by=SYSTEM)
    org.approve_changes(change_set=made, by=SYSTEM)
    org.apply_changes(change_set=made, by=SYSTEM, now=timezone.now())
    org.rename(
        unit=world.unit("25747"), name="Phường Khác", short_name="Khác", by=SYSTEM,
        on=TODAY - timedelta(days=10),
    )  # fmt: skip
    sign_in(page, world.account(PREPARES))

    page.goto("/console/units/changes/new/")
    looked_at(page, "changes-form")
    page.goto(f"/console/units/changes/{made}/")
    expect(page.get_by_text("Không hoàn tác thẳng được nữa")).to_be_visible()
    looked_at(page, "set-depended-upon")
    page.get_by_role("button", name="Lập đợt trở lại").click()
    expect(
        page.get_by_role("heading", name="Trở lại như trước: Sắp xếp hai phường")
    ).to_be_visible()
    looked_at(page, "way-back")
