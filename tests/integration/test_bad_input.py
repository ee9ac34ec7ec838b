"""Bad input on the real platform: a clear word for each, and the service goes on."""

import html
import io
import itertools
import json
import re
import shutil
import socket
import subprocess
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests import sources
from tests.platform import Platform

pytestmark = pytest.mark.processes
SOURCE, BATCHES = "ca-benh-tuan", "/api/v1/sources/ca-benh-tuan/batches"
HEAD = "Phường, xã;Ngày;Số ca;Ghi chú\n"
CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ENDINGS = {CSV: "csv", XLSX: "xlsx", "application/json": "json", "application/x-ndjson": "ndjson"}
DEVICE = sources.SENSORS["kk-mqtt"]
GIB = 1 << 30


@dataclass
class Site:
    """The platform, a signed-in steward, and the keys of a steward and a station."""

    platform: Platform
    steward: httpx.Client
    keys: dict[str, str]
    days: Iterator[int] = field(default_factory=itertools.count)

    def send(self, path: str, content: object, key: str, **headers: str) -> httpx.Response:
        signed = {"Authorization": f"Bearer {self.keys[key]}"} | headers
        return httpx.post(self.platform.url + path, content=content, headers=signed, timeout=120)

    def batch(self, content: bytes | str, media: str = CSV) -> httpx.Response:
        body = content.encode() if isinstance(content, str) else content
        return self.send(BATCHES, body, sources.STEWARD, **{"Content-Type": media})

    def upload(self, content: bytes | str, media: str = CSV) -> tuple[int, str]:
        """Send through the form; return the status and the words of the page."""
        body = content.encode() if isinstance(content, str) else content
        page = sources.upload(self.steward, SOURCE, f"tep.{ENDINGS[media]}", body)
        return page.status_code, words(page.text)

    def reasons(self, run: int) -> list[str]:
        """Return the first reason of every waiting row of a run."""
        headers = {"Authorization": f"Bearer {self.keys[sources.STEWARD]}"}
        path = f"{self.platform.url}/api/v1/runs/{run}/quarantine"
        rows = httpx.get(path, headers=headers, timeout=60).json()["rows"]
        return [row["reasons"][0]["code"] for row in rows]

    def is_well(self) -> None:
        """Assert that the platform is ready and takes a good file."""
        ready = httpx.get(f"{self.platform.url}/readyz", timeout=60)
        assert (ready.status_code, set(ready.json().values())) == (200, {True}), ready.text
        number = next(self.days)
        day = f"{number % 28 + 1:02}/{number // 28 + 1:02}/2024"
        receipt = self.batch(f"{HEAD}25747;{day};3;\n").json()
        assert (receipt["read"], receipt["accepted"], receipt["status"]) == (1, 1, "landed")


def words(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with Platform() as platform:
        made = platform.call("prepare", module="tests.sources")
        steward = sources.signed_in(platform.url, sources.STEWARD, made["password"])
        with closing(steward):
            yield Site(platform, steward, made["keys"])


@pytest.fixture
def site(running: Site) -> Iterator[Site]:
    """The platform, which must be well after every test."""
    yield running
    running.is_well()


def bomb() -> bytes:
    """Return a small workbook whose sheet becomes 400 MiB."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
        with book.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for _ in range(400):
                sheet.write(b" " * (1 << 20))
    return made.getvalue()


WIDE = ";".join(["Phường, xã", "Ngày", "Số ca", *(f"c{n}" for n in range(9997))]) + "\n"
REFUSED = {
    "an old encoding": (
        HEAD.encode() + b"25747;01/11/2026;3;Th\xf1 D\xc7u M\xe9t B\xb5 \xb8\xb9\xb5\xae\xac\n",
        CSV, "Tệp không phải UTF-8: dòng 2 có ký tự lạ",
    ),
    "an unknown delimiter": (
        (HEAD + "25747;01/11/2026;3;\n").replace(";", "~"), CSV, "Kiểm tra dấu phân cách"
    ),
    "10,000 columns": (WIDE, CSV, "Tệp có 10.000 cột, tối đa cho phép là 1.000"),
    "a zip bomb": (bomb(), XLSX, "phình quá lớn khi giải nén"),
    "no workbook": (b"rac" * 100, XLSX, "không phải sổ tính XLSX"),
    "half a workbook": (bomb()[:-200], XLSX, "không phải sổ tính XLSX, hoặc đã hỏng"),
    "NULs only": (b"\0" * 5000, CSV, "Không tìm thấy dòng tiêu đề"),
    "NULs between letters": (b"a\0b;c\0\0d\n" * 9, CSV, "Không tìm thấy dòng tiêu đề"),
    "broken JSON": (b'[{"xa": "25747", ', "application/json", "JSON sai ở dòng 1, ký tự 18"),
    "JSON that is no list": (b"7", "application/json", "JSON không phải danh sách"),
    "JSON too deep": (b"[" * 100_000, "application/json", "JSON sai ở dòng 1"),
    "an open quote": (HEAD + '25747;"' + "x" * 200_000, CSV, "dấu ngoặc kép"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(site: Site, name: str) -> None:
    content, media, sentence = REFUSED[name]

    answer = site.batch(content, media)
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert sentence in answer.json()["title"]

    status, page = site.upload(content, media)
    assert status == 422
    assert sentence in page


def row(text: str) -> tuple[str, str]:
    return f"{HEAD}{text}\n", CSV


QUARANTINED = {
    "a NUL in a cell": (*row("25747;01/11/2026;3;a\0b"), ["control_character"]),
    "a NUL in a key": (*row("257\x0047;01/11/2026;3;"), ["unknown_unit"]),
    "a day that has not come": (*row("25747;01/11/2036;3;"), ["future"]),
    "a formula": (*row("25747;01/11/2026;3;=cmd|' /C calc'!A0"), ["formula"]),
    "an unknown unit": (*row("99999;01/11/2026;3;"), ["unknown_unit"]),
    "a key with two values": (
        *row("25747;01/11/2026;3;\n25747;01/11/2026;4;"), ["clashing_key", "clashing_key"]
    ),
    "lines that are no JSON": (
        '{"xa": "25741", "ngay": "2026-11-02", "so_ca": 1}\n{"xa": \n[1]\n"\\u0000"\n',
        "application/x-ndjson", ["not_an_object"] * 3,
    ),
    "a NUL inside JSON": (
        '{"xa": "25747", "ngay": "2026-11-01", "so_ca": 1, "ghi_chu": "a\\u0000b"}\n',
        "application/x-ndjson", ["control_character"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", QUARANTINED)
def test_a_row_that_cannot_be_true_waits_with_its_reason(site: Site, name: str) -> None:
    content, media, reasons = QUARANTINED[name]

    receipt = site.batch(content, media).json()
    assert receipt["quarantined"] == len(reasons)
    assert receipt["read"] == receipt["accepted"] + receipt["quarantined"] + receipt["duplicate"]
    assert site.reasons(receipt["run_id"]) == reasons

    status, page = site.upload(content, media)
    assert status == 200
    assert "Chờ xử lý" in page


def test_the_same_row_twice_is_one_row_and_a_duplicate(site: Site) -> None:
    receipt = site.batch(HEAD + "25747;05/11/2026;3;\n" * 2).json()

    assert (receipt["read"], receipt["accepted"], receipt["duplicate"]) == (2, 1, 1)


@pytest.mark.parametrize(
    "name", ["../../../../etc/passwd", "..\\..\\hệ thống.csv", "a/" * 200 + "tep"]
)
def test_a_files_name_leads_nowhere(site: Site, name: str) -> None:
    page = sources.upload(site.steward, SOURCE, name, f"{HEAD}25747;06/11/2026;3;\n".encode())

    assert page.status_code == 200
    assert page.url.path.startswith("/console/sources/runs/")
    assert ".." not in words(page.text)
    kept = {file.parent.parent.parent.name for file in _files(site.platform)}
    assert kept <= {"files"}


def _files(platform: Platform) -> list[Path]:
    return [path for path in (platform.folder / "d" / "files").rglob("*") if path.is_file()]


@pytest.mark.parametrize("path", [BATCHES, f"/console/sources/{SOURCE}/upload/"])
def test_two_gibibytes_are_refused_before_they_are_read(site: Site, path: str) -> None:
    with socket.create_connection(("127.0.0.1", site.platform.port), timeout=60) as wire:
        wire.sendall(_head(site, path, f"Content-Length: {2 * GIB}\r\n"))
        answer = _end(wire).decode()

    assert answer.startswith("HTTP/1.1 413")
    assert "Tệp vượt giới hạn 256 MB" in words(answer)


@pytest.mark.parametrize(
    ("path", "most"), [(BATCHES, 320), ("/api/v1/readings?source=kk-http", 64)]
)
def test_an_endless_upload_is_cut_off_and_memory_stays_flat(
    site: Site, path: str, most: int
) -> None:
    web = site.platform.children()["haidang web"]
    before = _memory(web)
    sent = 0
    with socket.create_connection(("127.0.0.1", site.platform.port), timeout=60) as wire:
        wire.sendall(_head(site, path, "Transfer-Encoding: chunked\r\n"))
        piece = b"100000\r\n" + b"x" * (1 << 20) + b"\r\n"
        try:
            while sent < 2 * 1024:
                wire.sendall(piece)
                sent += 1
        except OSError:
            pass  # cut off
    assert sent < most
    assert _memory(web) - before < 64 << 20


def _head(site: Site, path: str, length: str) -> bytes:
    cookies = "; ".join(f"{name}={value}" for name, value in site.steward.cookies.items())
    key = site.keys[sources.STATION if "readings" in path else sources.STEWARD]
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/csv\r\n{length}"
        f"Cookie: {cookies}\r\nAuthorization: Bearer {key}\r\n\r\n"
    ).encode()


def _memory(pid: int) -> int:
    """Return the largest memory that a process had (VmHWM), in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


@pytest.mark.parametrize(
    ("path", "body", "status", "sentence"),
    [
        ("/api/v1/readings?source=kk-http", b'[{"n": ', 400, "Không đọc được JSON"),
        ("/api/v1/readings?source=kk-http", b"\xff\xfe[]", 400, "UTF-8"),
        ("/api/v1/readings?source=kk-http", b"", 400, ""),
        ("/api/v1/readings?source=%00", b"[]", 400, "Tham số"),
        ("/api/v2/write?bucket=kk-http&precision=h", b"m v=1", 400, "precision"),
        ("/api/v2/write?bucket=kk-http", b"  \n ", 400, "rỗng"),
        (f"{BATCHES}?x=%00", b"", 422, "trống"),
        ("/api/v1/sources/%00/batches", b"a", 400, "NUL"),
        ("/api/v1/sources/khong-co/batches", b"a", 404, "Không tìm thấy nguồn"),
    ],
)
def test_a_malformed_request_is_answered_with_a_problem(
    site: Site, path: str, body: bytes, status: int, sentence: str
) -> None:
    key = sources.STATION if "kk-" in path else sources.STEWARD
    answer = site.send(path, body, key, **{"Content-Type": "text/csv"})

    assert answer.status_code == status, answer.text
    problem = answer.json()
    assert sentence in f"{problem['title']} {problem.get('detail')}"


def test_lines_that_cannot_be_read_wait_with_their_reasons(site: Site) -> None:
    device = sources.SENSORS["kk-http"]
    lines = [f"m,device={device} pm25=1.5", "m,device=\0 pm25=1", "rác", f"m,device={device} pm25=",
             f"m,device={device} pm25=1 99999999999999999999"]  # fmt: skip
    path = "/api/v2/write?bucket=kk-http&precision=s"

    assert site.send(path, "\n".join(lines).encode(), sources.STATION).status_code == 204

    found = site.platform.call("waiting", "kk-http", module="tests.sources")["reasons"]
    assert len(found) == 4
    assert all(reason["message"] for reason in found)


@pytest.mark.parametrize(
    "head",
    [
        b"GET /console/ HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"\0\1\2\3 rac HTTP/9\r\n\r\n",
        b"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\n",
        b"GET /console/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid=\0\xff\r\n\r\n",
        b"GET /console/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: " + b"a=b;" * 15_000 + b"\r\n\r\n",
    ],
)
def test_headers_that_nobody_should_send_are_refused_or_passed_over(
    site: Site, head: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", site.platform.port), timeout=60) as wire:
        try:
            wire.sendall(head)
            answer = wire.recv(4096)
        except ConnectionError:
            answer = b""

    assert not answer.startswith(b"HTTP/1.1 5")


def publish(site: Site, payload: bytes) -> subprocess.CompletedProcess[bytes]:
    """Publish one message with Debian's client; QoS 1 waits for the PUBACK."""
    program = shutil.which("mosquitto_pub")
    if program is None:
        pytest.skip("CLIENT ABSENT: install Debian's mosquitto-clients to try it")
    return subprocess.run(
        [program, "-h", "127.0.0.1", "-p", str(site.platform.mqtt_port), "-q", "1", "-s",
         "-u", "tram", "-P", site.keys[sources.STATION], "-t", f"haidang/v1/kk-mqtt/{DEVICE}"],
        input=payload, timeout=60, capture_output=True, check=False,
    )  # fmt: skip


def test_garbage_by_mqtt_waits_with_its_reason_and_a_megabyte_ends_the_connection(
    site: Site,
) -> None:
    garbage = bytes(range(256)) * 400
    assert publish(site, garbage).returncode == 0
    found = site.platform.call("waiting", "kk-mqtt", module="tests.sources")["reasons"]
    assert [reason["code"] for reason in found] == ["json"]

    with _mqtt(site) as wire:
        wire.sendall(_packet(0x32, _text(f"haidang/v1/kk-mqtt/{DEVICE}") + b"\0\1" + garbage * 10))
        assert _end(wire) == b""
    assert "at most 262144 are read" in site.platform.log()

    good = json.dumps([{"n": "pm25", "t": 1_700_000_000, "v": 1}]).encode()
    assert publish(site, good).returncode == 0


@pytest.mark.parametrize(
    "packet",
    [
        b"\x30\xff\xff\xff\xff\xff\x01",  # a length of more than four bytes
        b"\x32\x02\xff\xff",  # a topic longer than its packet
        b"\x00\x00",  # a type that is none
        b"\x34\x05\x00\x01a\x00\x01",  # QoS 2
        b"\x32\x0b\x00\x07\xff\xfe\0/a/b\0\1",  # a topic that is no text
        b"GET / HTTP/1.1\r\nX: " + b"x" * 300,
    ],
)
def test_what_is_no_mqtt_ends_its_connection_only(site: Site, packet: bytes) -> None:
    with _mqtt(site) as wire:
        wire.sendall(packet)
        assert _end(wire) == b""
    with socket.create_connection(("127.0.0.1", site.platform.mqtt_port), timeout=30) as wire:
        wire.sendall(packet)  # before any CONNECT
        assert _end(wire) == b""


def _mqtt(site: Site) -> socket.socket:
    """Return a connection that has signed in."""
    wire = socket.create_connection(("127.0.0.1", site.platform.mqtt_port), timeout=30)
    hello = _text("MQTT") + b"\x04\xc2\x00\x3c" + _text("x") + _text("tram")
    wire.sendall(_packet(0x10, hello + _text(site.keys[sources.STATION])))
    assert wire.recv(4) == b"\x20\x02\x00\x00"
    return wire


def _packet(first: int, body: bytes) -> bytes:
    size, length = len(body), b""
    while True:
        size, low = size >> 7, size & 0x7F
        length += bytes([low | 0x80 if size else low])
        if not size:
            return bytes([first]) + length + body


def _text(said: str) -> bytes:
    return len(said.encode()).to_bytes(2, "big") + said.encode()


def _end(wire: socket.socket) -> bytes:
    """Return what comes before the server ends the connection."""
    deadline = time.monotonic() + 30
    found = b""
    try:
        while time.monotonic() < deadline and (more := wire.recv(4096)):
            found += more
    except ConnectionError:
        return found
    return found
