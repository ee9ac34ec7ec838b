"""`haidang up` as its users run it: real processes, killed and stopped."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator

import pytest

from tests.platform import ROOT, Platform

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    with Platform() as running:
        yield running


def _await(true: object, patience: float = 30.0) -> None:
    deadline = time.monotonic() + patience
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def test_it_runs_web_intake_and_two_job_workers(platform: Platform) -> None:
    names = set(platform.children())
    assert {"haidang web", "haidang intake", "haidang jobs li", "haidang jobs bu"} <= names


@pytest.mark.parametrize("name", ["haidang web", "haidang intake", "haidang jobs li"])
def test_a_killed_process_comes_back(platform: Platform, name: str) -> None:
    before = platform.children()[name]
    os.kill(before, signal.SIGKILL)
    _await(lambda: platform.children().get(name, before) != before)
    _await(platform._is_ready)


def test_a_killed_database_comes_back(platform: Platform) -> None:
    before = platform.children()["postgres"]
    os.kill(before, signal.SIGKILL)
    _await(lambda: platform.children().get("postgres", before) != before)
    _await(platform._is_ready)


def test_a_second_start_on_the_same_folder_is_refused(platform: Platform) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "haidang.project.cli", "up", "--data-dir",
         str(platform.folder / "d"), "--port", "0"],
        capture_output=True, text=True, cwd=ROOT, env=platform._environment(), timeout=60,
    )  # fmt: skip
    assert second.returncode == 1
    assert "đang chạy trên thư mục" in second.stderr
    assert len(second.stderr.splitlines()) == 1


def test_a_killed_supervisor_leaves_nothing_behind_and_starts_again(platform: Platform) -> None:
    assert platform.process is not None
    children = platform.children()
    platform.process.kill()
    platform.process.wait()
    platform.start()
    for pid in children.values():
        _await(lambda pid=pid: not os.path.exists(f"/proc/{pid}"))


def test_it_stops_cleanly_with_an_open_stream() -> None:
    with Platform() as running:
        with socket.create_connection(("127.0.0.1", running.port)) as stream:
            stream.sendall(b"GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert running.stop() < 20
        assert running.process is not None
        assert running.process.returncode == 0


def test_pages_answer_while_two_hundred_uploads_stall(platform: Platform) -> None:
    stalled = []
    head = (
        "POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "Content-Type: application/octet-stream\r\nContent-Length: 1000000\r\n\r\n"
    )
    for _ in range(200):
        upload = socket.create_connection(("127.0.0.1", platform.port))
        upload.sendall(head.encode() + b"x" * 1000)
        stalled.append(upload)
    try:
        for _ in range(20):
            with urllib.request.urlopen(f"{platform.url}/healthz", timeout=10) as answer:
                assert answer.status == 200
    finally:
        for upload in stalled:
            upload.close()


def test_an_upload_over_the_limit_is_refused_before_it_is_read(platform: Platform) -> None:
    with socket.create_connection(("127.0.0.1", platform.port)) as upload:
        upload.sendall(
            b"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Content-Length: 2147483648\r\n\r\n"
        )
        answer = upload.recv(4096).decode()
    assert answer.startswith("HTTP/1.1 413")
