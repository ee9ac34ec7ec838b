"""`haidang up` as its users run it: real processes, killed and stopped."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests import sources
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


def test_check_says_of_every_part_how_it_is(platform: Platform) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "haidang.project.cli", "check", "--data-dir",
         str(platform.folder / "d")],
        capture_output=True, text=True, cwd=ROOT, env=platform._environment(), timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    parts = {line[5:].partition(":")[0] for line in done.stdout.splitlines()}
    assert {"database", "outbox", "intake", "disk", "lake"} <= parts


@pytest.mark.parametrize(
    "name", ["haidang web", "haidang intake", "haidang jobs li", "haidang jobs bu"]
)
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


@pytest.mark.parametrize(("option", "port"), [("--port", "port"), ("--mqtt-port", "mqtt_port")])
def test_a_taken_port_is_named_with_the_option_that_mends_it(
    platform: Platform, tmp_path: Path, option: str, port: str
) -> None:
    taken = str(getattr(platform, port))
    refused = _refused(platform, tmp_path, "--port", "0", option, taken)
    assert f"Cổng {taken} đang được chương trình khác dùng" in refused
    assert option in refused


def _refused(platform: Platform, folder: Path, *words: str) -> str:
    """Return the one sentence with which a start is refused."""
    done = subprocess.run(
        [*platform.prefix, sys.executable, "-m", "haidang.project.cli", "up",
         "--data-dir", str(folder), *words],
        capture_output=True, text=True, cwd=ROOT, env=platform._environment(), timeout=60,
    )  # fmt: skip
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def steward(platform: Platform) -> Iterator[httpx.Client]:
    """A signed-in browser."""
    made = platform.call("prepare", module="tests.sources")
    with closing(sources.signed_in(platform.url, sources.STEWARD, made["password"])) as client:
        yield client


def test_pages_answer_while_two_hundred_uploads_stall(
    platform: Platform, steward: httpx.Client
) -> None:
    stalled = []
    head = (
        "POST /console/sources/ca-benh-tuan/upload/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Cookie: sessionid={steward.cookies['sessionid']}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000\r\n\r\n"
    )
    for _ in range(200):
        upload = socket.create_connection(("127.0.0.1", platform.port))
        upload.sendall(head.encode() + b"x" * 1000)
        stalled.append(upload)
    try:
        for path in ("/console/", "/console/sources/", "/readyz") * 4:
            assert steward.get(path, timeout=60).status_code == 200
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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_with_the_open_stream_of_a_signed_in_page_is_clean(
    platform: Platform, steward: httpx.Client, number: signal.Signals
) -> None:
    assert platform.process is not None
    if platform.process.poll() is not None:
        platform.start()
    logs = [
        platform.folder / "d" / "logs" / f"{name}.log"
        for name in ("web", "intake", "jobs-live", "jobs-bulk")
    ]
    with steward.stream("GET", "/api/v1/stream", timeout=60) as stream:
        assert stream.status_code == 200
        assert next(stream.iter_text()).startswith("retry:")
        before = [log.stat().st_size for log in logs]  # earlier tests killed the database
        platform.process.send_signal(number)
        assert platform.process.wait(30) == 0
    for log, size in zip(logs, before, strict=True):
        assert b"Traceback" not in log.read_bytes()[size:]
    assert "buộc dừng" not in platform.log()


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="ROOT ABSENT: only root changes users")


@needs_root
def test_it_runs_as_an_ordinary_user() -> None:
    """As nobody, who may read what the tests' own user may read, and write nothing else."""
    prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all,"
              "+dac_read_search", "--ambient-caps=-all,+dac_read_search",
              "--securebits=+no_setuid_fixup"]  # fmt: skip
    platform = Platform(prefix=prefix)
    platform.folder.chmod(0o777)
    platform.environment["HOME"] = str(platform.folder)
    with platform:
        owners = {Path(f"/proc/{pid}").stat().st_uid for pid in platform.children().values()}
        assert owners == {65534}
        before = platform.children()["postgres"]
        os.kill(before, signal.SIGKILL)
        _await(lambda: platform.children().get("postgres", before) != before)
        _await(platform._is_ready)
        assert "Không có quyền ghi" in _refused(platform, Path("/usr/haidang"), "--port", "0")


@needs_root
def test_a_full_disk_is_said_and_nothing_is_acknowledged_until_there_is_room() -> None:
    platform = Platform()
    data = platform.folder / "d"
    data.mkdir()
    script = f'mount -t tmpfs -o size=700m none {data} && exec "$@"'
    platform.prefix = ["unshare", "--mount", "sh", "-c", script, "sh"]
    if subprocess.run([*platform.prefix, "true"], check=False, capture_output=True).returncode:
        pytest.skip("MOUNTS FORBIDDEN: a full disk cannot be tried here")
    with platform:
        assert platform.process is not None
        seen = Path(f"/proc/{platform.process.pid}/root{data}")
        key = _station(platform)
        assert _send(platform, key, 1) == 202
        _fill(seen / "fill")
        statuses = [_send(platform, key, moment) for moment in range(2, 40)]
        assert statuses[-1] == 503
        assert httpx.get(f"{platform.url}/readyz", timeout=60).json()["disk"] is False
        (seen / "fill").unlink()
        _await(lambda: _send(platform, key, 50) == 202, 60.0)
        _await(platform._is_ready, 60.0)


def _station(platform: Platform) -> str:
    """Prepare a source where only the platform sees its disk; return its key."""
    assert platform.process is not None
    there = ["nsenter", "--mount", "--target", str(platform.process.pid)]
    return str(platform.call("prepare", "day", "D1", prefix=there)["key"])


def _send(platform: Platform, key: str, moment: int) -> int:
    pack = [{"n": "D1/pm25", "t": 1_700_000_000 + moment, "v": 1}] * 900
    headers = {"Authorization": f"Bearer {key}"}
    url = f"{platform.url}/api/v1/readings?source=day"
    return httpx.post(url, json=pack, headers=headers, timeout=60).status_code


def _fill(file: Path) -> None:
    with contextlib.suppress(OSError), file.open("wb", buffering=0) as full:
        while True:
            full.write(b"x" * 65536)
    with contextlib.suppress(OSError), file.open("ab", buffering=0) as full:
        while True:
            full.write(b"x" * 512)
