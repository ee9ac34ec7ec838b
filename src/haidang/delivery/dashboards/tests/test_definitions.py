"""A board's definition is read strictly: each mistake is named by its place."""

import pytest

from haidang.delivery.dashboards.errors import BadBoardError
from haidang.delivery.dashboards.rules import definitions

FIGURE = {"kind": "figure", "indicator": "aqi"}


def board(*tiles, **changes):
    return {"code": "thu", "title": "Thử", "tiles": list(tiles or [FIGURE]), **changes}


def test_a_definition_becomes_a_board():
    spec = definitions.read(
        board(FIGURE, {"kind": "map", "choices": ["aqi"], "levels": ["commune"]})
    )
    assert spec.figures == 12
    assert [tile.kind for tile in spec.of_kind("map", "commune")] == ["map"]
    assert spec.of_kind("map", "province") == []


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        (board(tiles=[]), "ít nhất một ô"),
        (board(tiles="figure"), "ít nhất một ô"),
        (board({"kind": "gauge"}), "ô 1: không có loại “gauge”"),
        (board(FIGURE, {"kind": "ranking"}), "ô 2: thiếu “indicator”"),
        (board({"kind": "map"}), "ô 1: bản đồ cần"),
        (board({**FIGURE, "colour": "red"}), "ô 1: không có mục “colour”"),
        (board({**FIGURE, "levels": ["ward"]}), "không có cấp “ward”"),
        (board({**FIGURE, "limit": True}), "“limit” phải là số"),
        (board("figure"), "ô 1: phải là một đối tượng"),
        (board(title=" "), "bảng: thiếu “title”"),
        (board(*[FIGURE] * 41), "tối đa 40"),
        (board(figures=0), "“figures” phải là số từ 1"),
        (board({"kind": "map", "choices": "aqi"}), "phải là danh sách"),
    ],
)
def test_a_mistake_is_named_by_its_place(definition, said):
    with pytest.raises(BadBoardError) as wrong:
        definitions.read(definition)
    assert said in wrong.value.message
