"""A dataset made from a sample file in a real browser, on a desk and on a phone."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api as ingest
from tests.functional.browser import DESKTOP, PHONE, overflow, picture, sign_in, violations
from tests.world import World, build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SAMPLE = "Danh sách chợ\n\nMã chợ;Tên chợ;Phường, xã;Hạng;2023;2024;Prel. 2025\n" + "".join(
    f"C{at:02};Chợ {at};25747;{1 + at % 3};{at * 10};{at * 11};{at * 12}\n" for at in range(1, 31)
)


@pytest.fixture
def world(transactional_db: None) -> World:
    return build_world()


def looked_at(page, name: str) -> None:
    for size, how in ((DESKTOP, "1440"), (PHONE, "390")):
        page.set_viewport_size(size)
        picture(page, f"{name}-{how}")
        assert violations(page) == []
        assert overflow(page) == 0
    page.set_viewport_size(DESKTOP)


def test_a_dataset_is_made_from_a_sample(page, world, tmp_path):
    file = tmp_path / "cho-toan-tinh.csv"
    file.write_text(SAMPLE, encoding="utf-8")
    sign_in(page, world.account("thongke.stnmt"))
    page.goto(reverse("ingest:sources"))
    page.get_by_role("link", name="Tạo bộ dữ liệu từ tệp mẫu").click()
    looked_at(page, "sample-choose")
    page.get_by_label("Chọn một tệp mà đơn vị đang dùng").set_input_files(file)
    page.get_by_role("button", name="Đọc tệp mẫu").click()
    expect(page.get_by_text("3 cột của các năm 2023 đến 2025 được xoay")).to_be_visible()
    looked_at(page, "sample-proposed")

    page.get_by_label("Mã bộ dữ liệu").fill("cho")
    page.get_by_label("Mã nguồn").fill("cho-nam")
    page.get_by_label("Đơn vị chủ quản và cung cấp").select_option(str(world.unit("74.STNMT")))
    page.get_by_label("Lĩnh vực").select_option("moi-truong")
    page.get_by_role("button", name="Chạy thử").click()
    expect(page.get_by_text("30 dòng đầu: 30 nhận, 0 chờ xử lý")).to_be_visible()
    looked_at(page, "sample-tried")
    page.get_by_label("Lý do").fill("Biểu của ngành công thương")
    page.get_by_role("button", name="Tạo bộ dữ liệu và nguồn").click()
    expect(page.get_by_text("Đã tạo bộ dữ liệu và nguồn")).to_be_visible()

    assert catalogue.contract("cho").key_fields == ("ma_cho", "nam")
    assert ingest.source("cho-nam").dataset == "cho"
    for kind in ("ckan", "dcat", "cap", "ngsi"):
        page.goto(reverse("ingest:connect-new", args=["cho-nam", kind]))
        looked_at(page, f"connect-{kind}")
