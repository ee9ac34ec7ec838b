"""Alerts and tickets in a real browser: accessible, fitting, worked with the keyboard."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.utils import timezone
from playwright.sync_api import Page, expect

from haidang.action.alerts import api as alerts
from haidang.action.operations import api as operations
from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.testing import run_jobs
from haidang.insight.indicators import api as indicators
from tests.functional.browser import DESKTOP, PHONE, overflow, picture, sign_in, violations
from tests.world import World, build_world

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """A world in which one typed value is critical and one source is silent."""
    from haidang.data.warehouse import api as warehouse

    monkeypatch.setattr(warehouse, "commit", lambda batches: [])
    built = build_world()
    now = timezone.now()
    indicators.install_starter()
    alerts.install_starter(by=access.EVERYTHING, now=now)
    operations.install_starter(by=SYSTEM, now=now)
    pending = indicators.report_value(
        indicator="tiem-chung",
        unit_id=built.unit("25747"),
        period=now.replace(day=1) - timedelta(days=3),
        value=20,
        by=built.scope("canbo.phucuong"),
    )
    indicators.approve_values([pending], by=built.scope("chutich.phucuong"))
    run_jobs()
    _silent_source(built)
    return built


def _silent_source(world: World) -> None:
    model = apps.get_model("alerts", "Alert")
    first = model.objects.order_by("pk").first()
    now = timezone.now()
    model.objects.create(
        year=now.year, serial=900, version=first.version, dedup_key="silence:qt-thuy-van:1",
        subject="qt-thuy-van", subject_name="Trạm thủy văn và mưa", severity=3, cause="data",
        unit_id=world.unit("74.STNMT"), sector_id="thuy-van", owner_id=world.unit("74.STNMT"),
        explanation="Nguồn “Trạm thủy văn và mưa” chậm gửi số liệu.", first_seen_at=now,
        last_seen_at=now,
    )  # fmt: skip


def check(page: Page, name: str) -> None:
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)
        picture(page, f"{name}-{size['width']}")
        assert overflow(page) == 0, (name, size)
    assert violations(page) == []


def test_from_the_list_of_alerts_to_a_closed_ticket(page: Page, world: World) -> None:
    sign_in(page, world.account("truongca"))
    page.goto("/console/alerts/rules/")
    check(page, "rules")
    page.goto("/console/alerts/")
    expect(page.get_by_text("Không có số liệu từ 1 nguồn")).to_be_visible()
    check(page, "alerts")

    page.get_by_role("link", name="tiêm chủng").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Vì sao có cảnh báo")).to_be_visible()
    check(page, "alert")
    page.get_by_role("link", name="Mở phiếu điều hành").click()
    check(page, "ticket-new")
    page.get_by_role("button", name="Mở phiếu").click()

    expect(page.get_by_text("còn 29 phút").first).to_be_visible()
    check(page, "ticket")
    page.get_by_label("Số liệu sai").check()
    page.get_by_role("button", name="Xong bước này").click()
    page.get_by_role("button", name="Xong bước này").click()
    page.get_by_label("Loại minh chứng").select_option("figure")
    page.get_by_label("Mô tả, số liệu").fill("Số đúng là 96%")
    page.get_by_role("button", name="Thêm minh chứng").click()
    for verb in ("Xác minh", "Phân công", "Nhận việc", "Bắt đầu xử lý", "Báo hoàn thành"):
        page.get_by_role("button", name=verb, exact=True).click()
        expect(page.get_by_text("Đã ghi nhận.")).to_be_visible()
    page.get_by_role("button", name="Nghiệm thu", exact=True).click()
    page.get_by_label("do lỗi số liệu").check()
    page.get_by_label("Nhận xét").fill("Gõ nhầm")
    page.get_by_role("button", name="Đóng phiếu", exact=True).click()
    picture(page, "ticket-after-close")
    expect(page.get_by_role("heading", name="Việc tiếp theo")).to_have_count(0)
    expect(page.get_by_text("Do lỗi số liệu").first).to_be_visible()
    check(page, "ticket-closed")
    page.goto("/console/tickets/?state=all")
    check(page, "tickets")
