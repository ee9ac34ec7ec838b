"""The outbox: nothing skipped, nothing doubled, in order within an aggregate."""

import threading

import pytest
from django.db import connection, transaction

from haidang.foundation.core import events, jobs, relay
from haidang.foundation.core.models import OutboxEvent
from haidang.foundation.core.testing import run_jobs

heard: list[tuple[str, int]] = []


@jobs.task(name="core_tests.hear", queue="live")
def hear(*, event_id: int, aggregate: str, number: int) -> None:
    heard.append((aggregate, number))


@pytest.fixture(autouse=True)
def listening() -> None:
    heard.clear()
    events.subscribe("tests.happened", "core_tests.hear")


def committed_jobs() -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args->>'aggregate', (args->>'number')::int FROM procrastinate_jobs"
            " WHERE task_name = 'core_tests.hear' ORDER BY id"
        )
        return cursor.fetchall()


@pytest.mark.django_db
def test_an_event_becomes_one_job_per_subscriber() -> None:
    events.publish("tests.happened", aggregate="a", number=1)
    events.publish("tests.unheard", aggregate="a", number=2)

    assert run_jobs() == 1
    assert heard == [("a", 1)]
    assert run_jobs() == 0


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_event_is_never_heard() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        events.publish("tests.happened", aggregate="a", number=1)
        raise RuntimeError

    assert relay.relay_waiting() == 0
    assert committed_jobs() == []


@pytest.mark.django_db(transaction=True)
def test_a_smaller_number_committed_later_is_not_skipped() -> None:
    published, finish = threading.Event(), threading.Event()

    def slow_writer() -> None:
        with transaction.atomic():
            events.publish("tests.happened", aggregate="slow", number=1)
            published.set()
            finish.wait(10)
        connection.close()

    thread = threading.Thread(target=slow_writer)
    thread.start()
    published.wait(10)
    events.publish("tests.happened", aggregate="fast", number=2)
    assert relay.relay_waiting() == 1
    finish.set()
    thread.join(10)

    assert relay.relay_waiting() == 1
    assert committed_jobs() == [("fast", 2), ("slow", 1)]


@pytest.mark.django_db(transaction=True)
def test_concurrent_writers_and_relays_lose_and_double_nothing() -> None:
    writers, each, stop = 6, 40, threading.Event()

    def write(name: str) -> None:
        for number in range(each):
            with transaction.atomic():
                events.publish("tests.happened", aggregate=name, number=number)
        connection.close()

    relays = [threading.Thread(target=relay.run, args=[stop]) for _ in range(3)]
    threads = [threading.Thread(target=write, args=[f"w{index}"]) for index in range(writers)]
    for thread in relays + threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    stop.set()
    for thread in relays:
        thread.join(30)
    while relay.relay_waiting():
        pass

    found = committed_jobs()
    assert len(found) == writers * each
    for index in range(writers):
        numbers = [number for aggregate, number in found if aggregate == f"w{index}"]
        assert numbers == list(range(each))
    assert not OutboxEvent.objects.filter(relayed_at__isnull=True).exists()


@pytest.mark.django_db
def test_an_event_may_carry_ids_of_any_name() -> None:
    told: list[dict[str, object]] = []

    @jobs.task(name="core_tests.hear_all", queue="live")
    def hear_all(**ids: object) -> None:
        told.append(ids)

    events.subscribe("tests.named", "core_tests.hear_all")
    events.publish("tests.named", aggregate="a", at="now", lock="l", queue="q", once="o", task="t")
    run_jobs()
    assert told[0]["at"] == "now"
    assert told[0]["task"] == "t"
