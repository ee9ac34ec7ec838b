"""A worker process: takes jobs of one queue until it is told to stop."""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any

import psycopg.errors
from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.manager import JobManager

from haidang.foundation.core import relay
from haidang.foundation.core.jobs import Queue

_GRACE_SECONDS = 8.0
_TRIES, _PAUSE = 900, 1.0  # a quarter of an hour without disk or database


class PatientManager(JobManager):
    """Writes the end of a job down as soon as disk and database are there again.

    Otherwise the job would stay "doing" under a worker that lives, and hold back for ever what
    shares its lock.
    """

    async def finish_job_by_id_async(self, *args: Any, **kwargs: Any) -> None:
        await _until_written(partial(super().finish_job_by_id_async, *args, **kwargs))

    async def retry_job_by_id_async(self, *args: Any, **kwargs: Any) -> None:
        await _until_written(partial(super().retry_job_by_id_async, *args, **kwargs))


async def _until_written(write: Callable[[], Awaitable[None]]) -> None:
    for number in range(_TRIES):
        try:
            return await write()
        except UniqueViolation:
            raise
        except ConnectorException as error:
            if number and isinstance(error.__cause__, psycopg.errors.RaiseException):
                return  # it was written before, only the answer got lost
            await asyncio.sleep(_PAUSE)
    raise ConnectorException


def run(queue: Queue, *, concurrency: int = 1) -> None:
    """Work on `queue` until SIGTERM or SIGINT. The live worker also relays events."""
    with _relaying() if queue == "live" else contextlib.nullcontext():
        asyncio.run(_work(queue, concurrency))


async def _work(queue: Queue, concurrency: int) -> None:
    own = app_of_worker()
    async with own.open_async():
        await own.run_worker_async(
            queues=[queue, "builtin"] if queue == "bulk" else [queue],
            name=queue,
            concurrency=concurrency,
            fetch_job_polling_interval=1.0,
            shutdown_graceful_timeout=_GRACE_SECONDS,
        )


def app_of_worker() -> App:
    """Return an app with its own connections for the worker's bookkeeping.

    The common app keeps Django's connection, so that what a job defers shares its transaction.
    """
    own = App(
        connector=app.connector.get_worker_connector(),  # type: ignore[attr-defined]
        import_paths=app.import_paths,
    )
    own.job_manager = PatientManager(own.connector)
    own.tasks = app.tasks
    own.periodic_registry = app.periodic_registry
    return own


@contextlib.contextmanager
def _relaying() -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=relay.run, args=[stop], name="relay", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(5)
