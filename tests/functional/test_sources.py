"""A file on its way in a real browser: sent, received, mended, approved."""

import pytest
from playwright.sync_api import Page, expect

from haidang.data.catalogue import api as catalogue
from haidang.data.catalogue.api import FieldSpec
from haidang.data.ingest import api as ingest
from haidang.foundation.core.audit import SYSTEM
from tests.functional.browser import PHONE, overflow, picture, sign_in, violations
from tests.world import World, build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FIELDS = (
    FieldSpec("xa", "Phường, xã", "unit", required=True, key=True),
    FieldSpec("ngay", "Ngày", "date", required=True, key=True),
    FieldSpec("so_ca", "Số ca", "integer", "ca", required=True, minimum=0),
    FieldSpec("ghi_chu", "Ghi chú"),
)
FILE = """Phường, xã;Ngày;Số ca;Ghi chú
25747;16/11/2026;12;
25741;16/11/2026;3;đã xác minh
25942;16/11/2026;8;
25747;17/11/2026;12a;
Phường Không Có;17/11/2026;1;
25942;17/11/2099;4;
"""


@pytest.fixture
def world(transactional_db: None) -> World:
    made = build_world()
    catalogue.define(
        dataset="ca-benh", title="Ca sốt xuất huyết", fields=FIELDS, sector="moi-truong", by=SYSTEM
    )
    ingest.create_source(
        code="sxh",
        title="Sốt xuất huyết, báo cáo ngày",
        kind="file",
        dataset="ca-benh",
        supplier_unit_id=made.unit("74.STNMT"),
        cycle="day",
        by=SYSTEM,
    )
    return made


def looked_at(page: Page, name: str) -> None:
    """The page is accessible and no wider than its window; its picture is kept."""
    picture(page, f"ingest-{name}")
    assert violations(page) == []
    assert overflow(page) == 0


def test_a_file_is_sent_mended_and_approved(page, world, tmp_path):
    file = tmp_path / "sxh-tuan-47.csv"
    file.write_text(FILE, encoding="utf-8")
    sign_in(page, world.account("thongke.stnmt"))

    page.goto("/console/sources/sxh/upload/")
    looked_at(page, "upload")
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name="Nạp tệp").click()
    expect(page.get_by_role("heading", name="Đối chiếu")).to_be_visible(timeout=90_000)
    looked_at(page, "receipt")

    page.get_by_role("link", name="Xử lý 3 dòng chờ").click()
    expect(page.get_by_role("checkbox")).to_have_count(3)
    looked_at(page, "quarantine")
    page.get_by_role("link", name="Dòng 5").click()
    page.get_by_label("Số ca").fill("mười hai")
    page.get_by_role("button", name="Sửa và nạp lại").click()
    expect(page.get_by_role("alert")).to_contain_text("không phải số nguyên")
    looked_at(page, "mend")
    page.get_by_label("Số ca").fill("12")
    page.get_by_role("button", name="Sửa và nạp lại").click()
    expect(page.get_by_text("Chờ người có thẩm quyền khác")).to_be_visible(timeout=90_000)

    sign_in(page, world.account("giamdoc.stnmt"))
    page.goto("/console/sources/approvals/")
    looked_at(page, "approvals")
    page.get_by_role("link", name="sxh-tuan-47.csv").click()
    page.get_by_role("button", name="Duyệt", exact=True).click()
    expect(page.get_by_text("Đã duyệt lượt nạp")).to_be_visible()
    page.goto("/console/sources/")
    looked_at(page, "sources")
    page.set_viewport_size(PHONE)
    looked_at(page, "sources-phone")
    page.goto("/console/sources/quarantine/")
    looked_at(page, "quarantine-phone")
