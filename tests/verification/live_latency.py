"""How long from a published reading to the changed tile in an open browser?

    python -m tests.verification.live_latency [ROUNDS]

Starts the demo province with its 200 devices, opens a ward's board in Chromium, and publishes over
MQTT (QoS 1, the real key of the source) readings of the ward's gauge that cross its threshold, up
and down in turn. The clock runs from the call of publish to the change of the tile's text, both on
this machine. Prints p50, p95 and the longest; promise: p95 under one second.
"""

import json
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from playwright.sync_api import Browser, Page, sync_playwright

from haidang.project.demo.cast import PASSWORD
from haidang.project.demo.devices import TOUR_GAUGE
from tests.functional.browser import ARGUMENTS, CHROMIUM, DESKTOP
from tests.platform import Platform

ROUNDS = 40
PROMISE = 1.0
PAUSE = 0.7  # seconds between rounds; notes that come together would be measured as one
BOARD = f"/console/?unit={TOUR_GAUGE.unit}&sector=thuy-van"
TILE = "#figure-muc-nuoc"
# Remembers when the tile first showed each text, in the machine's own time.
WATCH = """(tile) => {
  window.shown = {};
  const look = () => {
    const text = document.querySelector(tile + " .figure b")?.textContent.trim();
    if (text && !(text in window.shown)) window.shown[text] = Date.now() / 1000;
  };
  new MutationObserver(look).observe(document.body, {subtree: true, childList: true});
}"""


@dataclass(frozen=True)
class Round:
    """One reading: when it was acknowledged and shown, in seconds after it was published."""

    value: float
    acknowledged: float
    shown: float


def measure(platform: Platform, browser: Browser, rounds: int) -> list[Round]:
    """Publish readings that cross the threshold; return what each took to be seen."""
    page = _board(platform, browser)
    client = _gauge(platform)
    try:
        return [_round(page, client, number) for number in range(rounds)]
    finally:
        client.disconnect()
        client.loop_stop()
        page.context.close()


def _board(platform: Platform, browser: Browser) -> Page:
    page = browser.new_context(
        base_url=platform.url, viewport=DESKTOP, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh"
    ).new_page()
    page.set_default_timeout(30_000)
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill("truc1")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url("**/console/**")
    page.goto(BOARD)
    page.wait_for_selector('[data-island="live"][data-state="open"]', state="attached")
    page.evaluate(WATCH, TILE)
    return page


def _gauge(platform: Platform) -> mqtt.Client:
    keys = json.loads((platform.folder / "d" / "demo-keys.json").read_text(encoding="utf-8"))
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="gauge", protocol=mqtt.MQTTv311)
    client.username_pw_set(TOUR_GAUGE.source, keys[TOUR_GAUGE.source])
    client.connect("127.0.0.1", platform.mqtt_port)
    client.loop_start()
    return client


def _round(page: Page, client: mqtt.Client, number: int) -> Round:
    """Cross the threshold (1.60 m) up in even rounds, down in odd ones; no value comes twice."""
    value = round((1.61 if number % 2 == 0 else 0.41) + 0.01 * (number // 2), 2)
    text = f"{value:.2f}".replace(".", ",")
    began = time.time()
    sent = client.publish(
        f"haidang/v1/{TOUR_GAUGE.source}/{TOUR_GAUGE.code}",
        json.dumps([{"n": "water_level", "v": value, "t": began}]),
        qos=1,
    )
    sent.wait_for_publish(30)
    acknowledged = time.time() - began
    page.wait_for_function("(text) => text in window.shown", arg=text)
    shown = page.evaluate("(text) => window.shown[text]", text) - began
    page.wait_for_timeout(PAUSE * 1000)
    return Round(value, acknowledged, shown)


def report(rounds: Sequence[Round]) -> float:
    """Print what was measured; return the 95th percentile of the way to the tile."""
    for name, taken in (
        ("acknowledged", sorted(one.acknowledged for one in rounds)),
        ("tile changed", sorted(one.shown for one in rounds)),
    ):
        print(
            f"{name}: {len(taken)} rounds, p50 {_percentile(taken, 50) * 1000:.0f} ms,"
            f" p95 {_percentile(taken, 95) * 1000:.0f} ms, longest {taken[-1] * 1000:.0f} ms"
        )
    return _percentile(sorted(one.shown for one in rounds), 95)


def _percentile(taken: Sequence[float], percent: int) -> float:
    return taken[max(0, math.ceil(len(taken) * percent / 100) - 1)]


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with Platform(demo=True) as platform, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        slowest = report(measure(platform, browser, rounds))
        browser.close()
    return 0 if slowest < PROMISE else 1


if __name__ == "__main__":
    raise SystemExit(main())
