"""Deadlines of sources: owed, reminded, fulfilled; silence is noticed."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haidang.data.ingest import api as ingest
from haidang.data.ingest.actions import lateness, streams
from haidang.data.ingest.models import QuarantinedRow, Run, Source
from haidang.data.ingest.rules import cycles
from haidang.foundation.access.api import EVERYTHING
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.models import OutboxEvent
from haidang.foundation.obligations import api as obligations

from .test_loading import GOOD, load

FIVE = dt.time(17, 0)


def local(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=cycles.LOCAL)


@pytest.mark.parametrize(
    ("cycle", "now", "due"),
    [
        ("day", "2026-11-23 16:59", "2026-11-23 17:00"),
        ("day", "2026-11-23 17:00", "2026-11-24 17:00"),
        ("week", "2026-11-23 10:00", "2026-11-27 17:00"),
        ("week", "2026-11-28 10:00", "2026-12-04 17:00"),
        ("month", "2026-11-30 18:00", "2026-12-31 17:00"),
        ("quarter", "2026-11-23 10:00", "2026-12-31 17:00"),
        ("half", "2026-02-01 10:00", "2026-06-30 17:00"),
        ("year", "2026-12-31 17:00", "2027-12-31 17:00"),
    ],
)
def test_the_next_deadline_of_a_cycle(cycle, now, due):
    assert cycles.due_after(cycle, FIVE, local(now)) == local(due)


@given(
    st.sampled_from(cycles.SLOW),
    st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2030, 1, 1), timezones=st.just(dt.UTC)),
)
def test_a_deadline_is_always_ahead_and_the_next_is_later(cycle, now):
    due = cycles.due_after(cycle, FIVE, now)

    assert now < due < cycles.due_after(cycle, FIVE, due)
    assert due.astimezone(cycles.LOCAL).time() == FIVE


@pytest.fixture
def daily(source):
    ingest.change_source(source=source, cycle="day", by=SYSTEM)
    return source


def owed() -> list[str]:
    return [one.ref for one in obligations.due(EVERYTHING, now=dt.datetime.now(dt.UTC))[0]]


def late_events() -> list[dict]:
    found = OutboxEvent.objects.filter(name="ingest.source_late").order_by("id")
    return [event.payload for event in found]


def test_a_source_with_a_cycle_owes_its_next_delivery_and_delivering_fulfils_it(daily):
    assert owed() == [f"ingest.delivery:{daily}"]

    load(daily, GOOD)

    assert owed() == []


def test_a_source_out_of_service_owes_nothing(daily):
    ingest.change_source(source=daily, is_active=False, by=SYSTEM)

    assert owed() == []


def test_a_source_that_did_not_deliver_is_late_once_until_it_delivers(daily):
    due = cycles.due_after("day", FIVE, Source.objects.get().created_at)

    assert lateness.look(source=daily, due_at=due, now=due)
    assert lateness.look(source=daily, due_at=due + dt.timedelta(days=1), now=due)
    assert [event["source"] for event in late_events()] == [daily]
    assert ingest.source(daily).late_since == due

    load(daily, GOOD)
    assert ingest.source(daily).late_since is None


def test_a_delivery_in_the_cycle_counts(daily):
    load(daily, GOOD)
    due = cycles.due_after("day", FIVE, ingest.source(daily).last_success_at)

    assert not lateness.look(source=daily, due_at=due, now=due)
    assert lateness.look(source=daily, due_at=due + dt.timedelta(days=1), now=due)


def test_a_fast_source_is_late_after_three_silent_cycles(sensors):
    ingest.change_source(source=sensors, cycle="minute5", is_life_safety=True, by=SYSTEM)
    record(sensors, batch=10**9)
    last = ingest.source(sensors).last_success_at

    soon, late = last + dt.timedelta(minutes=14), last + dt.timedelta(minutes=15)
    assert not lateness.look(source=sensors, due_at=soon, now=soon)
    assert lateness.look(source=sensors, due_at=late, now=late)
    assert late_events()[0]["life_safety"] is True
    assert owed() == [f"ingest.restore:{sensors}"]

    record(sensors, batch=10**9 + 1)
    assert owed() == []


def record(source: str, batch: int, waiting: int = 0) -> int:
    reasons = [{"field": "value", "code": "not_a_number", "message": "“x” không phải số."}]
    return streams.record(
        batch=batch,
        source=source,
        dataset="quan-trac",
        counts={"read": 5 + waiting, "accepted": 4, "quarantined": waiting, "duplicate": 1},
        quarantined=[(at, {"value": "x"}, reasons) for at in range(waiting)],
    )


def test_stream_batches_of_an_hour_share_one_run_that_reconciles(sensors):
    first = record(sensors, batch=501)
    second = record(sensors, batch=502, waiting=2)

    run = Run.objects.get()
    assert first == second == run.pk == 501
    assert (run.read, run.accepted, run.quarantined, run.duplicate) == (12, 8, 2, 2)
    assert QuarantinedRow.objects.count() == 2
    assert ingest.lineage("quan-trac", 502).run_id == 501


def test_batches_of_a_stream_that_nobody_approved_are_all_held_back(sensors):
    record(sensors, batch=501)
    record(sensors, batch=502)

    assert ingest.pending_batches("quan-trac") == {501, 502}


def test_batches_of_an_automatic_stream_count_at_once(sensors, world):
    ingest.propose_automatic(source=sensors, by=world.scope("thongke.stnmt"))
    ingest.approve_automatic(source=sensors, by=world.scope("giamdoc.stnmt"))
    record(sensors, batch=501)

    assert ingest.pending_batches("quan-trac") == frozenset()
    assert ingest.lineage("quan-trac", 501).approved_by == "Đặng Văn Khoa"


def test_devices_come_in_one_query(sensors, world, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = ingest.devices()

    assert found["esp8266-12779556"].unit_code == "25747"
