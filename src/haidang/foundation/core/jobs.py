"""Jobs: work that outlives a request, kept in PostgreSQL and deferred in the caller's transaction.

Every domain names its jobs in its own `jobs.py` and they are found there at the start:

    @jobs.task(name="alerts.notify_owner", queue="live")
    def notify_owner(*, alert_id: int) -> None: ...

    @jobs.periodic(name="ingest.look_for_late", cron="* * * * *", queue="live")
    def look_for_late() -> None: ...

A job may run twice (its worker can die after its work and before its mark): it must be idempotent.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, TypeVar

from django.db import close_old_connections, connection, transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

Queue = Literal["live", "bulk"]
Job = TypeVar("Job", bound=Callable[..., None])

_queues: dict[str, Queue] = {}


def task(*, name: str, queue: Queue = "live", retries: int = 8) -> Callable[[Job], Job]:
    """Declare a job that `defer` and events can call by `name`.

    A job that raises is tried again after 2, 4, 8 … seconds, `retries` times; until it ends, later
    jobs of the same lock wait, so that order holds through failures.
    """

    def declare(function: Job) -> Job:
        _queues[name] = queue
        # The library reads 0 attempts as "for ever".
        retry = RetryStrategy(max_attempts=retries, exponential_wait=2) if retries else False
        app.task(name=name, queue=queue, retry=retry)(_with_fresh_connection(function))
        return function

    return declare


def periodic(
    *, name: str, cron: str, queue: Queue = "live", alone: bool = True
) -> Callable[[Job], Job]:
    """Declare a job that runs by the clock (five cron fields; seconds as a sixth at the end).

    A run that is due while another waits is dropped; `alone` means one run at a time.
    """

    def declare(function: Job) -> Job:
        def run(timestamp: int) -> None:
            _with_fresh_connection(function)()

        _queues[name] = queue
        lock = name if alone else None
        due = app.task(name=name, queue=queue, lock=lock, queueing_lock=name)(run)
        app.periodic(cron=cron)(due)
        return function

    return declare


def defer(
    task: str,
    *,
    queue: Queue | None = None,
    lock: str | None = None,
    at: datetime | None = None,
    once: str | None = None,
    **args: Any,
) -> None:
    """Have the job called `task` run after the caller's transaction commits, and not before `at`.

    Jobs of one `lock` run one at a time, in this order. With `once`, nothing happens if a job
    deferred under the same word is still waiting. `args` are plain JSON.
    """
    submit(task, args, queue=queue, lock=lock, at=at, once=once)


def submit(
    task: str,
    args: Mapping[str, Any],
    *,
    queue: Queue | None = None,
    lock: str | None = None,
    at: datetime | None = None,
    once: str | None = None,
) -> None:
    """Do what `defer` does for arguments of any name, "at" and "lock" among them."""
    job = app.configure_task(
        task,
        queue=queue or _queues.get(task, "live"),
        lock=lock,
        schedule_at=at,
        queueing_lock=once,
        allow_unknown=True,
    )
    if once is None:
        job.defer(**args)
        return
    try:
        with transaction.atomic():
            job.defer(**args)
    except AlreadyEnqueued:
        return


def _with_fresh_connection(function: Callable[..., None]) -> Callable[..., None]:
    """Drop database connections that broke or grew old between two jobs of a thread."""

    def run(**args: Any) -> None:
        _drop_old_connections()
        try:
            function(**args)
        finally:
            _drop_old_connections()

    return run


def _drop_old_connections() -> None:
    if not connection.in_atomic_block:  # a test runs jobs inside its own transaction
        close_old_connections()
