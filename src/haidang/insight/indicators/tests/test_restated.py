"""Late data changes what was told of a period: every place that shows it says so, and what was."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haidang.data.catalogue import api as catalogue
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access import api as access
from haidang.foundation.core.models import OutboxEvent
from haidang.insight.indicators import api as indicators
from haidang.insight.indicators.actions import archive, queues, storing
from haidang.insight.indicators.models import Indicator, Value
from haidang.insight.indicators.rules import restated
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
CODE = "ho-so-dung-han"
PAGE = f"/console/indicators/{CODE}/25747/"
LONG_AGO = timezone.localdate() - timedelta(days=55)


@pytest.fixture
def world() -> World:
    built = build_world()
    indicators.install_starter()
    return built


def land(day, in_time: int, *, now: datetime) -> None:
    row = {
        "ngay": day, "don_vi": "25747", "tiep_nhan": 100, "giai_quyet": 100, "dung_han": in_time,
        "qua_han": 0, "truc_tuyen": 100, "so_hoa": 100,
    }  # fmt: skip
    warehouse.ensure_table(catalogue.contract("ho-so"))
    batch = warehouse.next_batch()
    warehouse.commit([warehouse.Batch(batch, "ho-so", "thu", pa.Table.from_pylist([row]))])
    queues.note(dataset="ho-so", batch=batch, now=now)
    queues.work_off(dataset="ho-so", now=now)


def test_a_late_batch_says_what_it_changed_on_page_table_and_route(world) -> None:
    now = timezone.now()
    land(LONG_AGO, 99, now=now)
    land(LONG_AGO + timedelta(days=1), 99, now=now)
    OutboxEvent.objects.all().delete()

    land(LONG_AGO, 50, now=now)

    assert not OutboxEvent.objects.filter(name="indicators.state_changed").exists()
    client = world.client("chutich")
    page = client.get(PAGE)
    told = [point.restated for point in page.context["points"]]
    assert told[0] is None
    assert (told[1].value, told[1].state) == (99, "normal")
    text = page.content.decode()
    assert "tính lại" in text
    assert "trước là 99" in text
    assert "1 kỳ đã chốt được tính lại" in text
    assert page.context["chart"]["series"][1]["values"] == [99, 99]
    csv = b"".join(client.get(f"{PAGE}?format=csv")).decode()
    assert "99.0;normal" in csv or "99.0,normal" in csv or "99,normal" in csv
    points = client.get(f"/api/v1/indicators/{CODE}/series?unit=25747").json()["points"]
    assert [one["restated"] and one["restated"]["value"] for one in points] == [99, None]


def test_what_only_the_lake_still_has_says_so_too(world) -> None:
    archive.prepare()
    day = timezone.localdate() - timedelta(days=700)
    land(day, 99, now=timezone.now())
    land(day, 60, now=timezone.now())

    (point,) = indicators.series(
        CODE,
        world.unit("25747"),
        access.EVERYTHING,
        timezone.now() - timedelta(days=720),
        timezone.now(),
    )
    assert (point.value, point.state) == (60, "critical")
    assert point.restated is not None
    assert (point.restated.value, point.restated.state) == (99, "normal")


START = datetime(2026, 10, 1, 17, tzinfo=UTC)
one_revision = st.tuples(st.integers(0, 80), st.sampled_from([1.0, 2.0, 3.0]))


@given(given_=st.lists(one_revision, min_size=1, max_size=6))
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_store_keeps_what_the_rule_says(world, given_) -> None:
    indicator = Indicator.objects.get(code=CODE)
    end = START + timedelta(days=1)
    Value.objects.filter(indicator=indicator).delete()
    known: list[restated.Known] = []
    for hours, value in sorted(given_, key=lambda one: one[0]):
        at = START + timedelta(hours=hours)
        cell = storing.Cell(world.unit("25747"), START, end, value, end)
        with transaction.atomic():
            storing.store(indicator, [cell], now=at)
        if not known or known[-1].value != value:
            known.append(restated.Known(at, value))

    row = Value.objects.get(indicator=indicator)
    said = restated.before(known, restated.closing(START, end))
    kept = row.restated_at and restated.Known(row.restated_at, row.closed_value)
    assert kept == said
