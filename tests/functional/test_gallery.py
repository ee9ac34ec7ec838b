"""The components in a real browser: axe finds no violation, nothing is wider than the screen."""

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Page, expect

from tests.functional.browser import DESKTOP, PHONE, overflow, picture, sign_in, violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_gallery_is_accessible_and_fits(page: Page, size):
    sign_in(page, get_user_model().objects.create_user("truc1", full_name="Trần Văn Trực"))
    page.set_viewport_size(size)
    page.goto("/console/gallery/")
    page.locator(".chart-canvas").scroll_into_view_if_needed()
    expect(page.locator(".chart-canvas svg")).to_be_visible()
    picture(page, f"gallery-{size['width']}")
    assert violations(page) == []
    assert overflow(page) == 0


def test_progress_stands_still_for_who_asks_for_stillness(page: Page) -> None:
    sign_in(page, get_user_model().objects.create_user("truc1", full_name="Trần Văn Trực"))
    page.goto("/console/gallery/")
    assert page.evaluate("document.getAnimations().length") > 0
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate("document.getAnimations().length") == 0
