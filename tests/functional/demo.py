"""The demo province as real processes, and its people, each in a browser profile of their own."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from haidang.project.demo.cast import PASSWORD
from tests.functional.browser import DESKTOP
from tests.platform import Platform

Enter = Callable[[str], Page]
_INSTALLATION_SECONDS = 900.0
_TIMEOUT = 30_000


@pytest.fixture(scope="session")
def demo() -> Iterator[Platform]:
    """One demo province for all the tests of the run that ask for it."""
    platform = Platform(demo=True)
    try:
        platform.start(_INSTALLATION_SECONDS)
        yield platform
    finally:
        platform.__exit__(None, None, None)


@pytest.fixture
def enter(demo: Platform, browser: Browser) -> Iterator[Enter]:
    """Return a function that signs an account in through the form and returns its page."""
    profiles: list[BrowserContext] = []
    wrong: list[str] = []

    def sign_in(username: str) -> Page:
        profile = browser.new_context(
            base_url=demo.url, viewport=DESKTOP, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh"
        )
        profile.set_default_timeout(_TIMEOUT)
        profiles.append(profile)
        page = profile.new_page()
        page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
        page.goto("/accounts/login/?next=/console/reports/")  # a page that is cheap to keep open
        page.locator("[name=login]").fill(username)
        page.locator("[name=password]").fill(PASSWORD)
        page.get_by_role("button", name="Đăng nhập").click()
        expect(page.get_by_role("heading", name="Báo cáo định kỳ")).to_be_visible()
        return page

    expect.set_options(timeout=_TIMEOUT)
    yield sign_in
    expect.set_options(timeout=5_000)
    for profile in profiles:
        profile.close()
    assert not wrong, f"errors in pages: {wrong}"
