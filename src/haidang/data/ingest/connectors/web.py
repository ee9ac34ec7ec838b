"""HTTP through the one door: bounded in size, time and redirects, never unpacked without end."""

import base64
import contextlib
import http.client
import socket
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import SplitResult, urljoin, urlsplit

from haidang.data.ingest.connectors import outside, tls
from haidang.data.ingest.connectors.protocol import Room
from haidang.data.ingest.errors import ConnectorError, TooLargeError, UnreadableFileError
from haidang.data.ingest.files import bounds
from haidang.foundation.core import documents

REQUEST_SECONDS = 60.0
_READ = 64 << 10
_REDIRECTS = 5
_REDIRECTED = {301, 302, 303, 307, 308}
_AGENT = "HaiDang/1"


@dataclass(frozen=True)
class Request:
    """What to ask; `secret_headers` never leave the origin that they were meant for."""

    url: str
    headers: Mapping[str, str]
    secret_headers: Mapping[str, str]
    method: str = "GET"
    body: bytes | None = None
    taken: frozenset[int] = frozenset({200})  # what the other side says when all is well


@dataclass(frozen=True)
class Reply:
    """A whole answer of status 200; its body lies in a file."""

    url: str
    headers: Mapping[str, str]
    path: Path
    size: int

    @property
    def media(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def fetch(request: Request, room: Room, name: str = "reply") -> Reply:
    """Ask, follow redirects that lead where one may go, and keep the answer in the room.

    Raises ConnectorError with what went wrong and, of 429 and 503, when to come again.
    """
    limit = time.monotonic() + min(REQUEST_SECONDS, room.seconds)
    asked = request
    for _ in range(_REDIRECTS + 1):
        reply = _once(asked, room.folder / name, room.max_bytes, limit)
        if isinstance(reply, Reply):
            return reply
        asked = _redirected(asked, reply)
    raise ConnectorError(f"Máy chủ chuyển hướng quá {_REDIRECTS} lần. Kiểm tra lại địa chỉ.")


def basic(user: str, password: str) -> str:
    """Return the Authorization header of HTTP Basic."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def parts(url: str) -> SplitResult:
    """Return the parts of an address that may be asked. Raises ConnectorError."""
    try:
        found = urlsplit(url)
        is_fit = found.scheme in {"http", "https"} and bool(found.hostname)
        is_fit = is_fit and (found.port is None or found.port > 0)
    except ValueError:
        is_fit = False
    if not is_fit or any(sign <= " " for sign in url):
        raise ConnectorError(f"Địa chỉ “{url[:200]}” chưa đúng. Viết https://máy-chủ/đường-dẫn.")
    if found.username is not None:
        raise ConnectorError("Không ghi tài khoản trong địa chỉ; điền vào ô tài khoản, mật khẩu.")
    return found


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port."""
    found = parts(url)
    port = found.port or (443 if found.scheme == "https" else 80)
    return found.scheme, (found.hostname or "").lower(), port


def _once(request: Request, path: Path, most: int, limit: float) -> "Reply | str":
    """Return the answer, or the address that it sends us to."""
    scheme, host, port = origin(request.url)
    endpoint = outside.resolve(host, port)
    opened = _connection(scheme, endpoint, limit)
    with contextlib.closing(opened), _cut_at(opened, limit), _failures_told(endpoint):
        target = parts(request.url)._replace(scheme="", netloc="", fragment="").geturl() or "/"
        headers = {"Accept-Encoding": "gzip", "User-Agent": _AGENT}
        headers |= {**request.headers, **request.secret_headers}
        opened.request(request.method, target, request.body, headers)
        with contextlib.closing(opened.getresponse()) as answer:
            if answer.status in _REDIRECTED:
                return urljoin(request.url, answer.headers.get("location", ""))
            if answer.status not in request.taken:
                _refuse_status(answer, endpoint)
            size = _save(answer, path, most, limit)
    headers = {name.lower(): said for name, said in answer.headers.items()}
    return Reply(request.url, headers, path, size)


def _redirected(request: Request, url: str) -> Request:
    before, after = origin(request.url), origin(url)
    if before[0] == "https" and after[0] == "http":
        raise ConnectorError("Máy chủ chuyển từ https sang http; hệ thống không đi theo.")
    secret = request.secret_headers if before == after else {}
    return Request(url, request.headers, secret, taken=request.taken)


def _connection(
    scheme: str, endpoint: outside.Endpoint, limit: float
) -> http.client.HTTPConnection:
    """Return a connection to the checked address, made under the host's own name."""
    seconds = max(limit - time.monotonic(), 0.1)
    made = http.client.HTTPConnection(endpoint.host, endpoint.port)
    made.default_port = 443 if scheme == "https" else 80  # the Host header names other ports
    made.auto_open = 0  # it must never look up the name by itself
    raw = outside.connect(endpoint, seconds)
    try:
        made.sock = tls.secured(raw, endpoint) if scheme == "https" else raw
    except BaseException:
        raw.close()
        raise
    return made


@contextlib.contextmanager
def _cut_at(opened: http.client.HTTPConnection, limit: float) -> Iterator[None]:
    """Cut the connection at the limit, also where the other side drips a byte now and then."""
    held = opened.sock

    def cut() -> None:
        with contextlib.suppress(OSError):
            held.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(limit - time.monotonic(), 0.05), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextlib.contextmanager
def _failures_told(endpoint: outside.Endpoint) -> Iterator[None]:
    try:
        yield
    except http.client.IncompleteRead as error:
        raise ConnectorError(_cut_short(endpoint)) from error
    except (http.client.HTTPException, ValueError) as error:
        raise ConnectorError(f"{endpoint} trả lời không đúng giao thức HTTP.") from error
    except OSError as error:
        raise ConnectorError(f"Mất kết nối với {endpoint}: {outside.said(error)}") from error


def _cut_short(endpoint: object) -> str:
    return f"{endpoint} ngắt giữa chừng, nội dung nhận được chưa đủ. Hệ thống sẽ lấy lại."


_STATUS = {
    400: "máy chủ cho rằng yêu cầu sai (400). Kiểm tra địa chỉ và tham số.",
    401: "máy chủ không nhận tài khoản hoặc khóa (401). Nhập lại khóa truy cập.",
    403: "tài khoản không có quyền lấy dữ liệu này (403). Xin quyền ở đơn vị quản lý.",
    404: "máy chủ không có địa chỉ này (404). Kiểm tra đường dẫn.",
    429: "máy chủ báo gọi quá nhiều (429). Hệ thống sẽ chờ rồi thử lại.",
}


def _refuse_status(answer: http.client.HTTPResponse, endpoint: outside.Endpoint) -> None:
    if answer.status in _STATUS:
        sentence = _STATUS[answer.status]
    elif answer.status >= 500:
        sentence = f"máy chủ đang lỗi ({answer.status}). Hệ thống sẽ thử lại."
    else:
        sentence = f"máy chủ trả lời mã {answer.status}, không phải dữ liệu."
    wait = _retry_after(answer.headers.get("retry-after", ""))
    raise ConnectorError(f"{endpoint}: {sentence}", retry_after=wait)


def _retry_after(text: str) -> float:
    """Return the seconds of a Retry-After header: a number, or a date."""
    if text.strip().isdigit():
        return float(text)
    with contextlib.suppress(ValueError, TypeError):
        return max(parsedate_to_datetime(text).timestamp() - time.time(), 0.0)
    return 0.0


def _save(answer: http.client.HTTPResponse, path: Path, most: int, limit: float) -> int:
    """Write the body, unpacked, to a file; return its size. Raises ConnectorError."""
    size = received = 0
    packing = answer.headers.get("content-encoding", "identity").strip().lower()
    with path.open("wb") as opened:
        unpack = _unpacker(packing)
        while block := answer.read1(_READ):
            received += len(block)
            if time.monotonic() > limit:
                raise TimeoutError
            for plain in unpack(block):
                size += len(plain)
                if size > most:
                    raise TooLargeError(
                        f"Nội dung lớn hơn {most >> 20} MB, mức tối đa của hệ thống. Lấy từng phần "
                        "nhỏ hơn (phân trang, hoặc chỉ lấy phần mới)."
                    )
                opened.write(plain)
    declared = answer.headers.get("content-length", "")
    if declared.isdigit() and received < int(declared):
        raise http.client.IncompleteRead(b"", int(declared) - received)
    if time.monotonic() > limit:
        raise TimeoutError
    return size


def _unpacker(packing: str):  # type: ignore[no-untyped-def]  # a generator function of bytes
    """Return what unpacks a block into blocks of bounded size, however far it would swell."""
    if packing in {"", "identity"}:
        return lambda block: (block,)
    if packing not in {"gzip", "x-gzip"}:
        raise ConnectorError(f"Máy chủ nén theo cách hệ thống không đọc được ({packing[:20]}).")
    inflate = zlib.decompressobj(wbits=31)

    def unpack(block: bytes) -> Iterator[bytes]:
        while block:
            try:
                yield inflate.decompress(block, _READ)
            except zlib.error as error:
                raise ConnectorError("Nội dung nén của máy chủ bị hỏng.") from error
            block = inflate.unconsumed_tail

    return unpack


def as_json(path: Path) -> object:
    """Return a document. Raises UnreadableFileError, TooLargeError."""
    try:
        with path.open("rb") as opened:
            content = opened.read(bounds.JSON_BYTES + 1)
        return documents.parsed(content, most_bytes=bounds.JSON_BYTES)
    except documents.LargeDocumentError as error:
        raise TooLargeError(error.message, **error.details) from error
    except documents.BrokenDocumentError as error:
        raise UnreadableFileError(
            "Máy chủ không trả về JSON đúng. Kiểm tra địa chỉ và định dạng đã chọn."
        ) from error
