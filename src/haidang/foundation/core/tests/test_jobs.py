"""Jobs share the caller's transaction, keep the order of their lock, survive dead workers."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import psycopg.errors
import pytest
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.exceptions import ConnectorException
from procrastinate.manager import JobManager

from haidang.foundation.core import housekeeping, jobs, worker
from haidang.foundation.core.models import OutboxEvent
from haidang.foundation.core.testing import run_jobs

ran: list[int] = []


@jobs.task(name="core_tests.run", queue="bulk")
def run(*, number: int) -> None:
    ran.append(number)


@jobs.task(name="core_tests.defer_and_fail", queue="bulk", retries=0)
def defer_and_fail(*, number: int) -> None:
    with transaction.atomic():
        jobs.defer("core_tests.run", number=number)
        raise RuntimeError("after the defer")


@pytest.fixture(autouse=True)
def nothing_ran(monkeypatch: pytest.MonkeyPatch) -> None:
    ran.clear()
    # The threads of a worker end with its loop: none may keep a connection.
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)


def statuses(task: str = "core_tests.run") -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status FROM procrastinate_jobs WHERE task_name = %s ORDER BY id", [task]
        )
        return [status for (status,) in cursor.fetchall()]


@pytest.mark.django_db(transaction=True)
def test_a_job_disappears_with_its_transaction() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        jobs.defer("core_tests.run", number=1)
        raise RuntimeError

    assert statuses() == []


@pytest.mark.django_db
def test_a_job_waits_once_under_one_word() -> None:
    for number in range(3):
        jobs.defer("core_tests.run", once="nightly", number=number)

    assert run_jobs() == 1
    assert ran == [0]


@pytest.mark.django_db
def test_a_job_for_later_is_not_run_now() -> None:
    jobs.defer("core_tests.run", at=timezone.now() + timedelta(hours=1), number=1)

    assert run_jobs() == 0


@pytest.mark.django_db(transaction=True)
def test_the_worker_runs_jobs_of_its_queue_in_the_order_of_their_lock() -> None:
    for number in range(10):
        jobs.defer("core_tests.run", lock="one", number=number)

    asyncio.run(work_until_idle())

    assert ran == list(range(10))
    assert statuses() == ["succeeded"] * 10


@pytest.mark.django_db(transaction=True)
def test_what_a_failing_job_deferred_is_rolled_back_in_the_worker_too() -> None:
    jobs.defer("core_tests.defer_and_fail", number=1)

    asyncio.run(work_until_idle())

    assert statuses("core_tests.defer_and_fail") == ["failed"]
    assert statuses() == []


@pytest.mark.django_db
def test_jobs_of_a_dead_worker_go_back_to_the_queue() -> None:
    jobs.defer("core_tests.run", number=1)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')"
            " RETURNING id"
        )
        (dead,) = cursor.fetchone()
        cursor.execute("SELECT id FROM procrastinate_fetch_job_v2(ARRAY['bulk'], %s)", [dead])
    assert statuses() == ["doing"]

    housekeeping.rescue_stalled_jobs()

    assert statuses() == ["todo"]


@pytest.mark.django_db
def test_a_stalled_job_whose_successor_waits_has_failed() -> None:
    jobs.defer("core_tests.run", once="word", number=1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    jobs.defer("core_tests.run", once="word", number=2)

    housekeeping.rescue_stalled_jobs()

    assert statuses() == ["failed", "todo"]


@pytest.mark.django_db
def test_old_finished_jobs_and_relayed_events_are_pruned() -> None:
    long_ago = timezone.now() - timedelta(days=40)
    jobs.defer("core_tests.run", number=1)
    run_jobs()
    jobs.defer("core_tests.run", number=2)
    OutboxEvent.objects.create(name="old", aggregate="a", relayed_at=long_ago)
    OutboxEvent.objects.create(name="waiting", aggregate="a")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = %s", [long_ago])

    housekeeping.prune_finished()

    assert statuses() == ["todo"]
    assert OutboxEvent.objects.get().name == "waiting"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_answer_lost", [False, True])
def test_the_end_of_a_job_is_written_once_disk_and_database_are_back(
    monkeypatch: pytest.MonkeyPatch, is_answer_lost: bool
) -> None:
    """A job that stayed "doing" under a living worker would hold back its lock for ever."""
    finish, tries = JobManager.finish_job_by_id_async, Counter[int]()

    async def away(self: JobManager, *, job_id: int, **kwargs: Any) -> None:
        tries[job_id] += 1
        if is_answer_lost or tries[job_id] == 3:
            await finish(self, job_id=job_id, **kwargs)
        if tries[job_id] < 3:
            raise ConnectorException from psycopg.errors.DiskFull()

    monkeypatch.setattr(JobManager, "finish_job_by_id_async", away)
    monkeypatch.setattr(worker, "_PAUSE", 0)
    jobs.defer("core_tests.run", lock="one", number=1)

    asyncio.run(work_until_idle())

    assert statuses() == ["succeeded"]
    assert set(tries.values()) == {2 if is_answer_lost else 3}


async def work_until_idle() -> None:
    own = worker.app_of_worker()
    async with own.open_async():
        await own.run_worker_async(
            queues=["bulk"], wait=False, listen_notify=False, install_signal_handlers=False
        )
