"""A steward agrees on a source and declares its columns in a real browser."""

import pytest
from playwright.sync_api import Page

from haidang.data.ingest.models import Run, Source
from tests.functional.browser import DESKTOP, PHONE, overflow, picture, sign_in, violations
from tests.functional.test_sources import world
from tests.world import World

__all__ = ["world"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SAMPLE = (
    "BÁO CÁO SỐT XUẤT HUYẾT;;;\nDia ban;Ngay;So ca mac moi;Ghi chú\n"
    "25747;16/11/2026;12;\n25741;16/11/2026;3;đã xác minh\n25942;16/11/2026;không có;\n"
)


def looked_at(page: Page, name: str) -> None:
    """The page is accessible and fits, wide and narrow; its pictures are kept."""
    for suffix, window in (("", DESKTOP), ("-phone", PHONE)):
        page.set_viewport_size(window)
        picture(page, f"ingest-{name}{suffix}")
        assert violations(page) == []
        assert overflow(page) == 0
    page.set_viewport_size(DESKTOP)


def test_a_source_is_agreed_and_its_columns_declared(page, world: World, tmp_path):
    file = tmp_path / "mau-thang-10.csv"
    file.write_text(SAMPLE, encoding="utf-8")
    sign_in(page, world.account("thongke.stnmt"))

    page.goto("/console/sources/")
    page.get_by_role("link", name="Nguồn mới").click()
    looked_at(page, "source-new")
    page.get_by_label("Tên nguồn").fill("Sốt xuất huyết, báo cáo tháng")
    page.get_by_label("Mã nguồn").fill("sxh-thang")
    page.get_by_label("Bộ dữ liệu").select_option("ca-benh")
    page.get_by_label("Đơn vị cung cấp").select_option(str(world.unit("74.STNMT")))
    page.get_by_label("Chu kỳ cung cấp").select_option("month")
    page.get_by_label("Lý do").fill("Theo công văn số 12/STNMT")
    page.get_by_role("button", name="Thêm nguồn").click()

    page.get_by_role("link", name="Khai cột").click()
    looked_at(page, "mapping-sample")
    page.get_by_label("Chọn một tệp").set_input_files(file)
    page.get_by_role("button", name="Đọc tệp mẫu").click()
    looked_at(page, "mapping-match")
    page.get_by_label("Dia ban").select_option("xa")
    page.get_by_label("Chữ ghi khi không có số liệu").fill("không có")
    page.get_by_role("button", name="Chạy thử").focus()
    page.keyboard.press("Enter")
    page.get_by_text("3 dòng đầu: 2 nhận, 1 chờ xử lý").wait_for()
    looked_at(page, "mapping-tried")
    page.get_by_label("Lý do").fill("Mẫu tháng 10")
    page.get_by_role("button", name="Lưu bản khai cột").click()
    page.get_by_text("Đã lưu bản khai cột").wait_for()

    page.get_by_role("link", name="Sửa nguồn").click()
    looked_at(page, "source-edit")
    assert Source.objects.get(code="sxh-thang").mapping["columns"]["Dia ban"] == "xa"
    assert not Run.objects.exists()
