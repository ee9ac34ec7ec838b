"""The shipped boards name indicators that are shipped too."""

import json
from pathlib import Path

import pytest

from haidang.delivery.dashboards import actions
from haidang.delivery.dashboards.rules import definitions
from haidang.insight.indicators import starter


@pytest.mark.parametrize("file", sorted(actions.SHIPPED.glob("*.json")), ids=lambda file: file.stem)
def test_a_shipped_board_shows_indicators_of_the_starter_set(file: Path):
    spec = definitions.read(json.loads(file.read_text("utf-8")))
    known = {indicator.code for indicator in starter.INDICATORS}
    named = {tile.indicator for tile in spec.tiles if tile.indicator}
    named |= {code for tile in spec.tiles for code in tile.choices}
    assert named <= known
