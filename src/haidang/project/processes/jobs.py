"""A jobs process: one procrastinate worker; the live one also relays the outbox."""

import asyncio
import signal

from procrastinate.contrib.django import app

CONCURRENCY = {"live": 4, "bulk": 1}


def main(queue: str) -> None:
    """Work on one queue until SIGTERM; running jobs get five seconds to end."""
    asyncio.run(_work(queue))


async def _work(queue: str) -> None:
    from haidang.foundation.core import relay

    working = asyncio.create_task(_worker(queue))
    tasks = [working]
    if queue == "live":
        tasks.append(asyncio.create_task(relay.run()))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, lambda: [task.cancel() for task in tasks])
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    for task in done:
        if not task.cancelled() and (error := task.exception()):
            raise error


async def _worker(queue: str) -> None:
    worker_app = app.with_connector(app.connector.get_worker_connector())
    async with worker_app.open_async():
        await worker_app.run_worker_async(
            queues=[queue],
            name=queue,
            concurrency=CONCURRENCY[queue],
            install_signal_handlers=False,
            shutdown_graceful_timeout=5,
            delete_jobs="successful",
            fetch_job_polling_interval=5,
            listen_notify=True,
        )
