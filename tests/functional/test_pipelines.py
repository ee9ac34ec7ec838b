"""A pipeline in a real browser: written, tried, approved by a second person, run, looked at."""

import datetime as dt

import pyarrow as pa
import pytest
from playwright.sync_api import Page, expect

from haidang.data.catalogue import api as catalogue
from haidang.data.catalogue.api import FieldSpec
from haidang.data.pipelines import api as pipelines
from haidang.data.pipelines.models import PipelineRun
from haidang.data.warehouse import api as warehouse
from haidang.foundation.core.audit import SYSTEM
from tests.functional.browser import PHONE, overflow, picture, sign_in, violations
from tests.world import World, build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CASES = (
    FieldSpec("xa", "Phường, xã", "unit", required=True, key=True),
    FieldSpec("ngay", "Ngày", "date", required=True, key=True),
    FieldSpec("so_ca", "Số ca", "integer", "ca", required=True),
)
SUMS = (
    FieldSpec("xa", "Phường, xã", "unit", required=True, key=True),
    FieldSpec("thang", "Tháng", "yearmonth", required=True, key=True),
    FieldSpec("so_ca", "Số ca", "integer", "ca", required=True, maximum=100),
)
SQL = """SELECT xa, strftime(ngay, '%Y-%m') AS thang, sum(so_ca) AS so_ca
FROM ca_benh
WHERE ngay >= :from AND ngay < :to
GROUP BY ALL"""


@pytest.fixture
def world(transactional_db: None) -> World:
    made = build_world()
    shared = {"sector": "moi-truong", "owner_unit_id": made.unit("74.STNMT"), "by": SYSTEM}
    catalogue.define(dataset="ca-benh", title="Ca bệnh theo ngày", fields=CASES, **shared)
    catalogue.define(dataset="tong-thang", title="Ca bệnh theo tháng", fields=SUMS, **shared)
    warehouse.ensure_table(catalogue.contract("ca-benh"))
    days = [dt.date(2026, 9, 1) + dt.timedelta(days=at) for at in range(60)]
    rows = [(xa, day) for xa in ("25747", "25741", "25942") for day in days]
    table = pa.table(
        {
            "xa": [xa for xa, _ in rows],
            "ngay": [day for _, day in rows],
            "so_ca": [day.day % 5 for _, day in rows],
        }
    )
    counts = {"read": len(rows), "quarantined": 0, "repeated": 0}
    batch = warehouse.next_batch()
    warehouse.commit([warehouse.Batch(batch, "ca-benh", "thu", table, None, counts, None)])
    return made


def looked_at(page: Page, name: str) -> None:
    """The page is accessible and no wider than its window, wide and narrow."""
    picture(page, f"pipelines-{name}")
    assert violations(page) == []
    assert overflow(page) == 0
    page.set_viewport_size(PHONE)
    picture(page, f"pipelines-{name}-390")
    assert overflow(page) == 0
    page.set_viewport_size({"width": 1440, "height": 900})


def test_a_pipeline_is_written_tried_approved_and_run(page: Page, world: World) -> None:
    sign_in(page, world.account("thongke.stnmt"))
    page.goto("/console/pipelines/new/")
    page.get_by_label("Tên luồng xử lý").fill("Ca bệnh theo tháng")
    page.get_by_label("Mã", exact=True).fill("ca-benh-thang")
    page.get_by_label("Bộ dữ liệu đầu ra").select_option("tong-thang")
    page.get_by_label("Bộ dữ liệu đầu vào").select_option(["ca-benh"])
    page.get_by_label("Câu lệnh SELECT").fill(SQL)
    page.get_by_label("Phép kiểm tra 1: tên").fill("Không có số âm")
    page.get_by_label("Câu lệnh tìm dòng sai").first.fill("SELECT * FROM ket_qua WHERE so_ca < 0")
    page.get_by_label("Khi nào chạy").select_option("landed")
    page.get_by_label("Lý do, căn cứ").fill("Theo kế hoạch 12/KH-STNMT")
    looked_at(page, "form")
    page.get_by_role("button", name="Lưu bản nháp").click()
    page.get_by_label("Từ ngày").first.fill("2026-09-01")
    page.get_by_label("Đến hết ngày").first.fill("2026-10-31")
    page.get_by_role("button", name="Chạy thử bản nháp").click()
    expect(page.get_by_text("Chạy thử đạt.")).to_be_visible()
    looked_at(page, "tried")

    sign_in(page, world.account("giamdoc.ioc"))
    page.goto("/console/pipelines/ca-benh-thang/")
    page.locator("#approve-reason").fill("Đã xem kết quả chạy thử")
    page.get_by_role("button", name="Đưa vào dùng").click()
    expect(page.get_by_text("Đã đưa phiên bản vào dùng.")).to_be_visible()
    page.get_by_label("Từ ngày").first.fill("2026-09-01")
    page.get_by_label("Đến hết ngày").first.fill("2026-10-31")
    page.get_by_role("button", name="Chạy ngay").click()
    expect(page.get_by_text("Chờ chạy").first).to_be_visible()
    run = pipelines.run(PipelineRun.objects.get().pk)
    assert (run.state, run.accepted) == ("landed", 6), run.failure
    page.reload()
    expect(page.get_by_text("Đã ghi kết quả").first).to_be_visible()
    looked_at(page, "run")
    page.goto("/console/pipelines/ca-benh-thang/")
    looked_at(page, "page")
    page.goto("/console/pipelines/")
    looked_at(page, "list")
    page.goto("/console/pipelines/graph/")
    expect(page.locator(".flow svg")).to_be_visible()
    looked_at(page, "graph")
    page.goto("/console/datasets/ca-benh/")
    page.get_by_role("link", name="Ảnh hưởng").click()
    expect(page.get_by_role("rowheader", name="Ca bệnh theo tháng").first).to_be_visible()
    looked_at(page, "impact")
