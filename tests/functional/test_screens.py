"""Every other screen in a real browser, as those who work with it: accessible, nothing cut.

Board, wall, sources, alerts, tickets and gallery have tests of their own beside this one.
"""

from datetime import date, datetime, time

import pytest
from playwright.sync_api import Page, expect

from haidang.delivery.reporting.tests.stage import Stage, build_stage
from haidang.foundation.calendar.zone import ZONE
from haidang.foundation.core.testing import run_jobs
from haidang.insight.indicators import api as indicators
from tests.functional.browser import DESKTOP, PHONE, overflow, picture, sign_in, violations
from tests.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]

SCREENS = {
    "": ["/accounts/login/", "/console/nothing/"],
    "nguoila": ["/console/alerts/"],
    "chutich": [
        "/console/indicators/", "/console/indicators/tiem-chung/25747/",
        "/console/indicators/tiem-chung/25747/lineage/",
        "/console/indicators/tiem-chung/25747/revisions/", "/console/units/",
        "/console/units/718/", "/console/units/legal-bases/", "/console/calendar/",
    ],
    "canbo.phucuong": [
        "/console/indicators/tiem-chung/25747/report/", "/console/reports/",
        "/console/obligations/", "/console/inbox/", "/accounts/", "/accounts/2fa/",
    ],
    "chutich.phucuong": ["/console/indicators/approvals/"],
    "truongca": ["/console/datasets/", "/console/datasets/dich-benh/", "/console/reports/late/"],
    "quantri": ["/accounts/manage/", "/accounts/manage/new/"],
}  # fmt: skip


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    """The month given out, a typed figure that is approved and one that waits."""
    from haidang.data.warehouse import api as warehouse

    monkeypatch.setattr(warehouse, "commit", lambda batches: [])
    built = build_stage()
    _type(built.world, date(2026, 9, 10), 80, is_approved=True)
    _type(built.world, date(2026, 10, 10), 20, is_approved=False)
    run_jobs()
    return built


def _type(world: World, day: date, value: float, *, is_approved: bool) -> None:
    pending = indicators.report_value(
        indicator="tiem-chung",
        unit_id=world.unit("25747"),
        period=datetime.combine(day, time(), ZONE),
        value=value,
        by=world.scope("canbo.phucuong"),
    )
    if is_approved:
        indicators.approve_values([pending], by=world.scope("chutich.phucuong"))


def check(page: Page, path: str) -> None:
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        page.goto(path)
        expect(page.locator("h1")).to_have_count(1)
        picture(page, f"{path.strip('/').replace('/', '-')}-{size['width']}")
        assert overflow(page) == 0, (path, size)
        assert violations(page) == [], (path, size)


@pytest.mark.parametrize("who", SCREENS, ids=lambda who: who or "nobody")
def test_screens_are_accessible_and_fit(page: Page, stage: Stage, who: str) -> None:
    if who:
        sign_in(page, stage.world.account(who))
    for path in SCREENS[who]:
        check(page, path)


def test_the_form_of_a_report_is_accessible_and_fits(page: Page, stage: Stage) -> None:
    sign_in(page, stage.world.account("canbo.phucuong"))
    check(page, f"/console/reports/{stage.report().pk}/")
    check(page, f"/console/reports/{stage.report().pk}/fill/")
    expect(page.get_by_text("Chọn tệp", exact=True)).to_be_visible()


def test_the_keyboard_finds_the_content_and_leaves_the_menu(page: Page, stage: Stage) -> None:
    sign_in(page, stage.world.account("chutich"))
    page.goto("/console/units/")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Đến nội dung")).to_be_focused()
    page.set_viewport_size(PHONE)
    more = page.get_by_role("button", name="Thêm")
    more.click()
    expect(page.locator("#more-places")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#more-places")).to_be_hidden()
    page.locator(".account summary").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Đăng xuất")).to_be_hidden()


def test_every_stop_of_the_keyboard_is_seen_and_nothing_moves_for_who_asks_for_stillness(
    page: Page, stage: Stage
) -> None:
    sign_in(page, stage.world.account("canbo.phucuong"))
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"/console/reports/{stage.report().pk}/fill/")
    unseen, stops = [], 0
    for _ in range(200):
        page.keyboard.press("Tab")
        seen = page.evaluate(_FOCUS)
        if seen is None:
            break
        stops += 1
        unseen += [] if seen["outline"] else [seen["what"]]
    assert stops > 10
    assert unseen == []
    assert page.evaluate("document.getAnimations().length") == 0


_FOCUS = """() => {
    const at = document.activeElement;
    if (!at || at === document.body) return null;
    const style = getComputedStyle(at);
    const outline = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return { what: at.outerHTML.slice(0, 80), outline };
}"""
