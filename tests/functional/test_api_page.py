"""The API's page of reference: it opens under our policy and asks nothing of the outside."""

import pytest
from playwright.sync_api import Page, expect

from tests.functional.browser import DESKTOP, PHONE, overflow, picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_reference_opens_offline_and_in_vietnamese(page: Page, live_server: object) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        page.goto("/api/v1/docs")
        expect(page.get_by_role("heading", name="API của nền tảng điều hành")).to_be_visible()
        expect(page.get_by_text("Danh sách cảnh báo, nặng nhất trước")).to_be_visible()
        expect(page).to_have_title("Tài liệu API · Trung tâm IOC")
        assert overflow(page) == 0
        picture(page, f"api-docs-{size['width']}")
    outside = [url for url in asked if not url.startswith((live_server.url, "data:", "blob:"))]  # type: ignore[attr-defined]
    assert outside == []
