import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from haidang.foundation.obligations import api as obligations
from haidang.foundation.obligations.actions import wake_ups
from haidang.foundation.obligations.models import WakeUp

NOW = dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def ring() -> None:
    obligations.on_wake("tests.ring", "tests.ring")


def _fired() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT args->>'ref' FROM procrastinate_jobs WHERE task_name = 'tests.ring'")
        return [row[0] for row in cursor.fetchall()]


def test_two_workers_at_once_fire_each_wake_up_once() -> None:
    for number in range(400):
        obligations.wake_up(kind="tests.ring", ref=str(number), due_at=NOW)
    start = threading.Barrier(4)

    def work(_: int) -> int:
        start.wait()
        try:
            done = 0
            while WakeUp.objects.filter(due_at__lte=NOW).exists():
                done += wake_ups.fire_due(now=NOW, at_once=7)
            return done
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        done = list(workers.map(work, range(4)))
    assert sum(done) == 400
    assert sorted(_fired(), key=int) == [str(number) for number in range(400)]


def test_a_worker_that_dies_while_firing_loses_nothing() -> None:
    obligations.wake_up(kind="tests.ring", ref="1", due_at=NOW)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        wake_ups.fire_due(now=NOW)
        raise KeyboardInterrupt
    assert (_fired(), WakeUp.objects.count()) == ([], 1)
    assert wake_ups.fire_due(now=NOW) == 1
    assert (_fired(), WakeUp.objects.count()) == (["1"], 0)


def test_a_kind_that_nobody_answers_holds_up_no_other() -> None:
    WakeUp.objects.create(kind="tests.gone", ref="1", due_at=NOW)
    obligations.wake_up(kind="tests.ring", ref="2", due_at=NOW)
    assert wake_ups.fire_due(now=NOW) == 1
    assert (_fired(), WakeUp.objects.get().kind) == (["2"], "tests.gone")
