"""The board in a real browser: readable everywhere, worked by keyboard, changed while open."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from django.utils import timezone
from playwright.sync_api import Page, expect

from haidang.delivery.dashboards import api as dashboards
from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM
from haidang.insight.indicators import api as indicators
from tests.functional.browser import DESKTOP, PHONE, WALL, overflow, picture, sign_in, violations
from tests.platform import free_port
from tests.world import World, build_world

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def world() -> World:
    built = build_world()
    indicators.install_starter(by=SYSTEM)
    dashboards.install_starter(by=SYSTEM)
    return built


@pytest.fixture
def served() -> Iterator[str]:
    """The whole web door, live stream included, which Django's own live server has not."""
    from haidang.project.asgi import application

    port = free_port()
    settings = uvicorn.Config(
        application, port=port, log_level="error", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: server.started)
    yield f"http://localhost:{port}"
    server.should_exit = True
    thread.join(10)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.02)


def test_the_board_is_accessible_and_fits_every_screen(page: Page, world: World):
    sign_in(page, world.account("chutich"))
    for name, size, address in (
        ("board", DESKTOP, "/console/"),
        ("board-phone", PHONE, "/console/"),
        ("district", DESKTOP, "/console/?unit=718"),
        ("wall", WALL, "/wall/"),
        ("wall-visitors", WALL, "/wall/?visitors=1"),
    ):
        page.set_viewport_size(size)
        page.goto(address)
        picture(page, name)
        assert violations(page) == [], name
        assert overflow(page) == 0, name
    height = page.evaluate("document.documentElement.scrollHeight - innerHeight")
    assert height <= 0, "the wall scrolls"


def test_the_map_is_worked_by_keyboard(page: Page, world: World):
    sign_in(page, world.account("chutich"))
    page.goto("/console/")
    link = page.locator("#map svg a").filter(has=page.locator("path")).first
    link.focus()
    expect(page.locator("[data-named]")).to_contain_text("Thủ Dầu Một")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thành phố Thủ Dầu Một")


def test_a_change_refreshes_its_tile_alone(page: Page, world: World, served: str):
    sign_in(page, world.account("chutich"))
    page.goto(f"{served}/console/")
    expect(page.locator('[data-island="live"]')).to_have_attribute("data-state", "open")
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.split("/parts/")[-1]))
    dashboards.pin(
        indicator="aqi",
        unit_id=world.unit("74"),
        sector="moi-truong",
        text="Kiểm tra trạm Becamex",
        now=timezone.now(),
        by=access.EVERYTHING,
    )
    expect(page.locator("#figure-aqi")).to_contain_text("Kiểm tra trạm Becamex")
    tiles = [address for address in asked if address.startswith("figure/")]
    assert tiles == ["figure/aqi/?unit=74"]


def test_the_keyboard_keeps_its_place_when_a_tile_is_refreshed(
    page: Page, world: World, served: str
):
    sign_in(page, world.account("chutich"))
    page.goto(f"{served}/console/")
    expect(page.locator('[data-island="live"]')).to_have_attribute("data-state", "open")
    page.wait_for_load_state("networkidle")
    tile = page.locator("#figure-aqi")
    tile.get_by_role("link").first.focus()
    dashboards.pin(
        indicator="aqi",
        unit_id=world.unit("74"),
        sector="moi-truong",
        text="Kiểm tra trạm Becamex",
        now=timezone.now(),
        by=access.EVERYTHING,
    )
    expect(tile).to_contain_text("Kiểm tra trạm Becamex")
    expect(tile.get_by_role("link").first).to_be_focused()
