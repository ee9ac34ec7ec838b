"""Debian's Chromium against the running pages: `page` signed in as whom a test names.

Skips, loudly, where there is no Chromium. Use `pytestmark = pytest.mark.browser`.
"""

import os
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = os.environ.get("HAIDANG_CHROMIUM") or shutil.which("chromium")
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--font-render-hinting=none"]
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
WALL = {"width": 1920, "height": 1080}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a module; a longer life would leave its loop running in other tests."""
    if not CHROMIUM:
        warnings.warn("NO CHROMIUM: browser tests are skipped", ResourceWarning, stacklevel=1)
        pytest.skip("no chromium: install Debian's chromium or set HAIDANG_CHROMIUM")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright runs a loop in the test's thread
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser, live_server: Any) -> Iterator[BrowserContext]:
    """A fresh browser profile in Vietnamese; errors of scripts fail the test."""
    profile = browser.new_context(
        base_url=live_server.url,
        viewport=DESKTOP,
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
    )
    profile.set_default_timeout(10_000)
    yield profile
    profile.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A desktop page; `sign_in(page, account)` signs in without the form."""
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    yield opened
    assert not [one for one in wrong if "status of 4" not in one], f"errors in the page: {wrong}"


def sign_in(page: Page, account: Any) -> None:
    """Give the page the session of an account, as its sign-in would."""
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.create()
    page.context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": session.session_key or "",
                "domain": "localhost",
                "path": "/",
            }
        ]
    )


def violations(page: Page) -> list[str]:
    """Return what axe finds wrong on the page, one line each; best is an empty list."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node.get('failureSummary', '')}"
        for rule in found
        for node in rule["nodes"]
    ]


def overflow(page: Page) -> int:
    """Return how many pixels the page is wider than its window; 0 is right."""
    script = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(page.evaluate(script))


def picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page in HAIDANG_PICTURES, where that is set."""
    if folder := os.environ.get("HAIDANG_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
