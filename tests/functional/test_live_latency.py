"""A reading published over MQTT changes the tile of an open board, every time."""

import pytest
from playwright.sync_api import Browser

from tests.platform import Platform
from tests.verification import live_latency

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def test_a_reading_that_crosses_a_threshold_is_shown(demo: Platform, browser: Browser) -> None:
    rounds = live_latency.measure(demo, browser, 4)
    live_latency.report(rounds)
    assert [one.value for one in rounds] == [1.61, 0.41, 1.62, 0.42]
