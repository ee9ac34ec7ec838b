"""The one door outside: hostile names, addresses, redirects and servers."""

import gzip
import http.server
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from haidang.data.ingest.actions import pulling
from haidang.data.ingest.connectors import outside, web
from haidang.data.ingest.errors import ConnectorError, RefusedAddressError, TooLargeError


@pytest.fixture
def names(monkeypatch) -> dict[str, list[str]]:
    """What names resolve to; each answer is used up, so that a second look would differ."""
    known: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def resolve(host, port, *given, **more):
        if host not in known:
            return real(host, port, *given, **more)
        ip = known[host].pop(0) if len(known[host]) > 1 else known[host][0]
        family = socket.AF_INET6 if ":" in ip else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (ip, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return known


@pytest.mark.parametrize(
    ("listed", "host", "port", "passes"),
    [
        ("", "8.8.8.8", 80, False),
        ("so.vn", "so.vn", 80, True),
        ("so.vn:443", "so.vn", 80, False),
        ("so.vn:443", "SO.vn.", 443, True),
        ("so.vn", "x.so.vn", 80, False),
        ("*.so.vn", "x.so.vn", 80, True),
        ("*.so.vn", "so.vn", 80, False),
        ("*.so.vn", "xso.vn", 80, False),
        ("8.8.8.0/24", "8.8.8.8", 80, True),
        ("8.8.8.8:53", "8.8.8.8", 80, False),
        ("0.0.0.0/0", "8.8.8.8", 80, True),
        ("0.0.0.0/0", "127.0.0.1", 80, False),
        ("0.0.0.0/0", "10.1.1.1", 80, False),
        ("0.0.0.0/0", "169.254.169.254", 80, False),
        ("::/0", "::1", 80, False),
        ("10.0.0.0/8", "10.1.1.1", 80, True),
        ("10.0.0.0/8", "192.168.1.1", 80, False),
        ("169.254.0.0/16", "169.254.1.1", 80, True),
        ("169.254.0.0/16", "169.254.169.254", 80, False),
        ("169.254.169.254", "169.254.169.254", 80, True),
        ("127.0.0.1:8080", "127.0.0.1", 8080, True),
        ("127.0.0.1:8080", "127.0.0.1", 80, False),
        ("[::1]:80", "::1", 80, True),
        ("0.0.0.0/0 ::/0", "::ffff:127.0.0.1", 80, False),
        ("0.0.0.0/0 ::/0", "64:ff9b::7f00:1", 80, False),
        ("0.0.0.0/0 ::/0", "2002:7f00:1::", 80, False),
        ("0.0.0.0/0", "0.0.0.0", 80, False),
        ("0.0.0.0/0", "2130706433", 80, False),
        ("0.0.0.0/0", "127.1", 80, False),
        ("noi-bo.vn", "noi-bo.vn", 80, False),
        ("noi-bo.vn 10.0.0.0/8", "noi-bo.vn", 80, True),
        ("8.0.0.0/8", "noi-bo.vn", 80, False),
        ("8.0.0.0/8", "so.vn", 80, True),
    ],
)
def test_only_what_is_listed_may_be_reached(settings, names, listed, host, port, passes):
    names |= {"so.vn": ["8.8.8.8"], "x.so.vn": ["8.8.8.8"], "xso.vn": ["8.8.8.8"]}
    names["noi-bo.vn"] = ["10.1.1.1"]
    settings.OUTSIDE_ADDRESSES = listed.split()
    if passes:
        assert outside.resolve(host, port).port == port
    else:
        with pytest.raises(RefusedAddressError, match="HAIDANG_OUTSIDE_ADDRESSES"):
            outside.resolve(host, port)


def test_a_name_nobody_knows_is_told(settings):
    settings.OUTSIDE_ADDRESSES = ["khong-co.invalid"]
    with pytest.raises(ConnectorError, match="Không tìm thấy máy chủ"):
        outside.resolve("khong-co.invalid", 80)


class Hostile(http.server.BaseHTTPRequestHandler):
    """Does what a path asks of it; remembers what it was told."""

    seen: list[tuple[str, dict[str, str]]] = []

    def do_GET(self):
        self.seen.append((self.path, dict(self.headers)))
        kind, _, rest = self.path.lstrip("/").partition("/")
        getattr(self, f"do_{kind}")(rest)

    def _send(self, status=200, body=b"ok", **headers):
        self.send_response(status)
        for name, said in headers.items():
            self.send_header(name.replace("_", "-"), said)
        self.end_headers()
        self.wfile.write(body)

    def do_ok(self, rest):
        self._send(Content_Length="2")

    def do_to(self, rest):
        self._send(302, b"", Location=rest)

    def do_loop(self, rest):
        self._send(302, b"", Location="/loop/")

    def do_status(self, rest):
        self._send(int(rest), b"", Retry_After="7")

    def do_short(self, rest):
        self._send(body=b"1234", Content_Length="10")

    def do_big(self, rest):
        self._send(body=b"x" * 3_000_000)

    def do_bomb(self, rest):
        self._send(body=gzip.compress(b"0" * 50_000_000), Content_Encoding="gzip")

    def do_packed(self, rest):
        self._send(body=gzip.compress(b"0" * 100_000), Content_Encoding="gzip")

    def do_strange(self, rest):
        self._send(Content_Encoding="br")

    def do_drip(self, rest):
        self.send_response(200)
        self.end_headers()
        for _ in range(100):
            try:
                self.wfile.write(b"x")
                time.sleep(0.05)
            except OSError:
                return

    def do_garbage(self, rest):
        self.wfile.write(b"\x00\x01\x02 not http\r\n\r\n")

    def log_message(self, *given):
        """Say nothing."""


@pytest.fixture
def server(settings) -> Iterator[str]:
    served = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    served.daemon_threads = True
    thread = threading.Thread(target=served.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    Hostile.seen = []
    settings.OUTSIDE_ADDRESSES = [f"127.0.0.1:{served.server_port}"]
    settings.MAX_UPLOAD_BYTES = 1_000_000
    yield f"http://127.0.0.1:{served.server_port}"
    served.shutdown()
    served.server_close()


def ask(url: str, seconds: float = 20, **secret: str) -> bytes:
    with pulling.workroom(seconds) as room:
        return web.fetch(web.Request(url, {}, secret), room).path.read_bytes()


def test_an_answer_comes_whole_and_unpacked(server):
    assert ask(f"{server}/ok/") == b"ok"
    assert ask(f"{server}/packed/") == b"0" * 100_000


def test_a_redirect_is_checked_like_the_first_address(server, names):
    names["meta.vn"] = ["169.254.169.254"]
    for target in ("http://169.254.169.254/latest", "http://127.0.0.1:1/", "http://meta.vn/"):
        with pytest.raises(RefusedAddressError):
            ask(f"{server}/to/{target}")
    for target in ("file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/"):
        with pytest.raises(ConnectorError, match="chưa đúng"):
            ask(f"{server}/to/{target}")
    with pytest.raises(ConnectorError, match="chuyển hướng quá"):
        ask(f"{server}/loop/")
    assert ask(f"{server}/to//ok/") == b"ok"


def test_the_key_does_not_follow_a_redirect_to_another_origin(server, names, settings):
    port = server.rpartition(":")[2]
    names["khac.vn"] = ["127.0.0.1"]
    settings.OUTSIDE_ADDRESSES = ["127.0.0.0/8"]
    assert ask(f"{server}/to//ok/", Authorization="Bearer k") == b"ok"
    assert ask(f"{server}/to/http://khac.vn:{port}/ok/", Authorization="Bearer k") == b"ok"
    assert ["Authorization" in headers for _, headers in Hostile.seen] == [True, True, True, False]


def test_a_name_that_changes_its_address_after_the_check_gains_nothing(
    server, names, settings, monkeypatch
):
    """The first look finds a permitted address, every later one the metadata of a cloud."""
    names["doi.vn"] = ["127.0.0.1", "169.254.169.254"]
    settings.OUTSIDE_ADDRESSES = ["127.0.0.0/8"]
    reached = []
    real = socket.create_connection
    monkeypatch.setattr(
        socket, "create_connection", lambda at, *more: reached.append(at) or real(at, *more)
    )
    assert ask(f"http://doi.vn:{server.rpartition(':')[2]}/ok/") == b"ok"
    assert [host for host, _ in reached] == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("path", "error", "said"),
    [
        ("short", ConnectorError, "chưa đủ"),
        ("big", TooLargeError, "lớn hơn"),
        ("bomb", TooLargeError, "lớn hơn"),
        ("strange", ConnectorError, "nén"),
        ("garbage", ConnectorError, "giao thức"),
        ("status/500", ConnectorError, "đang lỗi"),
        ("status/404", ConnectorError, "404"),
        ("status/401", ConnectorError, "khóa"),
        ("status/204", ConnectorError, "204"),
    ],
)
def test_what_goes_wrong_is_told(server, path, error, said):
    with pytest.raises(error, match=said):
        ask(f"{server}/{path}")


def test_a_server_that_drips_is_cut_off(server):
    with pytest.raises(ConnectorError, match="thời gian"):
        ask(f"{server}/drip/", seconds=0.4)


def test_when_to_come_again_is_heard(server):
    with pytest.raises(ConnectorError) as caught:
        ask(f"{server}/status/429")
    assert caught.value.retry_after == 7


@pytest.mark.parametrize(
    "url", ["http://a b/", "http://", "http://u:p@127.0.0.1/", "http://127.0.0.1:99999/", "x"]
)
def test_strange_addresses_are_refused(url):
    with pytest.raises(ConnectorError):
        web.parts(url)
