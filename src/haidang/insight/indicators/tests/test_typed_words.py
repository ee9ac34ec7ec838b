"""A value that people type has words of quality too: approved, complete, on time."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.html import escape

from haidang.insight.indicators import api as indicators
from haidang.insight.indicators.queries.typed_words import Counted, score
from tests.world import World, build_world

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("counted", "values"),
    [
        (Counted(4, 3, 1, 3, 4, 10 * DAY, 30 * DAY), (75, 75, None, 100)),
        (Counted(2, 2, 0, 2, 2, 60 * DAY, 30 * DAY), (100, 100, None, 50)),
        (Counted(0, 0, 0, 0, 0, None, 30 * DAY), (None, None, None, 0)),
        (Counted(3, 1, 1, 5, 4, -DAY, 30 * DAY), (pytest.approx(100 / 3), 100, None, 100)),
    ],
)
def test_each_word_tells_what_was_counted(
    counted: Counted, values: tuple[float | None, ...]
) -> None:
    assert tuple(one.value for one in score(counted)) == values
    assert all(one.sentence for one in score(counted))


@pytest.mark.django_db
def test_they_stand_on_the_lineage_of_what_units_report() -> None:
    world: World = build_world()
    indicators.install_starter()
    moment = timezone.now().replace(day=1) - timedelta(days=3)
    client, typist = world.client("giamdoc.ioc"), world.scope("canbo.phucuong")
    address = f"/console/indicators/tiem-chung/25747/lineage/?period={moment:%Y-%m-01T00:00:00%z}"

    def typed(value: float) -> int:
        return indicators.report_value(
            indicator="tiem-chung", unit_id=world.unit("25747"), period=moment, value=value,
            by=typist,
        )  # fmt: skip

    indicators.approve_values([typed(91)], by=world.scope("chutich.phucuong"))
    page = client.get(address.replace("+", "%2B")).content.decode()
    assert escape("Nhập 1 giá trị: 1 đã duyệt, 0 chờ duyệt, 0 không được duyệt.") in page
    assert "Có số liệu của 1/1 đơn vị phải báo cáo." in page
    typed(95)
    page = client.get(address.replace("+", "%2B")).content.decode()
    assert "Nhập 1 giá trị: 0 đã duyệt, 1 chờ duyệt" in page
    assert "Chất lượng của các nguồn" not in page
