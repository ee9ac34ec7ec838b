"""One throw-away PostgreSQL for the whole test run, started before Django reads its settings."""

import atexit
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
import hypothesis
import psycopg
import pytest
from django.db import connections
from django.db.backends.postgresql.creation import DatabaseCreation

if "PYTEST_XDIST_WORKER" not in os.environ and "HAIDANG_DATABASE_URL" not in os.environ:
    from haidang.project.processes.database import EmbeddedServer

    # A short path: a socket's name may have 107 bytes.
    _folder = Path(tempfile.mkdtemp(prefix="hd"))
    _folder.chmod(0o755)
    _server = EmbeddedServer(_folder / "d")
    _server.create()
    _process = _server.start(fsync="off", synchronous_commit="off", full_page_writes="off")
    _server.ensure_database()
    os.environ["HAIDANG_DATABASE_URL"] = _server.url

    @atexit.register
    def _stop() -> None:
        _process.send_signal(signal.SIGINT)
        _process.wait(20)
        shutil.rmtree(_folder, ignore_errors=True)


if "HAIDANG_DATA_DIR" not in os.environ:
    os.environ["HAIDANG_DATA_DIR"] = tempfile.mkdtemp(prefix="hddata")
    atexit.register(shutil.rmtree, os.environ["HAIDANG_DATA_DIR"], True)
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    # Every worker has a lake, a journal and files of its own, as it has its own database.
    os.environ["HAIDANG_DATA_DIR"] = str(Path(os.environ["HAIDANG_DATA_DIR"]) / worker)
# WhiteNoise warns about a missing folder, and a warning fails a test.
(Path(os.environ["HAIDANG_DATA_DIR"]) / "static").mkdir(parents=True, exist_ok=True)

# Machines are shared and slow at times; how long an example takes proves nothing.
hypothesis.settings.register_profile(
    "shared machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("shared machine")

# Not an option of pytest, which would read the settings before the server runs.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haidang.project.settings")
django.setup()
# Threads that outlive a test must not hold its database open.
connections.settings["default"]["CONN_MAX_AGE"] = 0


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Let each worker read the settings after its own conftest gave it a folder of its own."""
    if getattr(session.config.option, "numprocesses", None):
        del os.environ["DJANGO_SETTINGS_MODULE"]


def _drop_with_force(self: DatabaseCreation, test_database_name: str, verbosity: int) -> None:
    """Drop the test database even if a thread of some server still holds a connection to it."""
    with self._nodb_cursor() as cursor:
        cursor.execute(
            f"DROP DATABASE {self.connection.ops.quote_name(test_database_name)} (FORCE)"
        )


DatabaseCreation._destroy_test_db = _drop_with_force


@pytest.fixture(autouse=True)
def _no_job_outlives_its_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """Empty the tables of jobs, which Django does not own, after tests that really commit."""
    yield
    marker = request.node.get_closest_marker("django_db")
    commits = marker is not None and marker.kwargs.get("transaction")
    if commits or {"transactional_db", "live_server"} & set(request.fixturenames):
        with request.getfixturevalue("django_db_blocker").unblock():
            from django.db import connection

            with connection.cursor() as cursor:
                cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


def _lake(*, is_last: bool) -> None:
    """Empty the lake, whose connections commit beside Django's; at last, close it."""
    clearing = sys.modules.get("haidang.data.warehouse.engine.clearing")
    if clearing is not None:
        try:
            clearing.empty()
        except psycopg.OperationalError:  # a test has cut every connection: open them anew
            clearing.door.close()
            clearing.empty()
        if is_last:
            clearing.door.close()


def _forget_landings() -> None:
    """Delete the landings that a test's own transaction held while the lake was emptied."""
    clearing = sys.modules.get("haidang.data.warehouse.engine.clearing")
    if clearing is not None:
        clearing.forget_landings()


@pytest.hookimpl(tryfirst=True, wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Iterator[None]:
    _lake(is_last=nextitem is None)
    yield
    if nextitem is not None:
        _forget_landings()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish() -> None:
    _lake(is_last=True)
