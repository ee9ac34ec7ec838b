"""Reading attachments of new mail; the mailbox is opened read-only and stays as it is."""

import contextlib
import email
import email.policy
import fnmatch
import hashlib
import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from email.message import EmailMessage

from haidang.data.ingest.connectors import outside, tls
from haidang.data.ingest.connectors.mail.settings import senders
from haidang.data.ingest.connectors.protocol import Cursor, Fetched, Reached, Room, Settings
from haidang.data.ingest.errors import ConnectorError

_TABLES = (".csv", ".txt", ".tsv", ".xlsx", ".json", ".ndjson", ".xml")
_TOO_LARGE = "thư quá lớn hoặc đã bị xóa, không lấy. Đề nghị đơn vị gửi tệp nhỏ hơn."
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


def test(settings: Settings, room: Room) -> Reached:
    """Sign in, open the folder and say how many messages are there."""
    with _mailbox(settings, room) as (box, validity):
        count = len(_newer(box, 0))
    return Reached(f"Đăng nhập được, hòm thư có {count} thư (mã {validity}).", {})


def fetch(settings: Settings, cursor: Cursor, room: Room) -> Iterator[Fetched]:
    """Yield the attachments of mail behind the last that was read, one piece each.

    When the server has numbered its mail anew all is read again; what is known stays known by
    its Message-ID and part.
    """
    with _mailbox(settings, room) as (box, validity):
        is_same = cursor.get("validity") == validity
        last = int(cursor.get("uid", 0)) if is_same else 0
        for uid in _newer(box, last):
            with _failures_told(settings["host"]):
                message = _message(box, uid, room.max_bytes)
            here = {"validity": validity, "uid": uid}
            if message is None:
                yield Fetched(f"Thư số {uid}", "", b"", here, refused=_TOO_LARGE)
                last = uid
                continue
            found = _attachments(message, settings)
            for place, (name, content) in enumerate(found, start=1):
                yield Fetched(
                    name=name,
                    media="",
                    content=content,
                    # Up to the message before this: a break between parts reads it again.
                    cursor_after={"validity": validity, "uid": last},
                    key=f"{_identity(message)}#{place}",
                    settle=lambda is_taken: None,
                )
            last = uid
            yield Fetched("", "", b"", here)


class _Box(imaplib.IMAP4):
    """An IMAP connection over a socket to a checked address."""

    def __init__(self, host: str, port: int, opened: socket.socket) -> None:
        self._opened = opened
        super().__init__(host, port)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        return self._opened


@contextlib.contextmanager
def _mailbox(settings: Settings, room: Room) -> Iterator[tuple[imaplib.IMAP4, str]]:
    """Sign in and open the folder read-only; give it and its validity."""
    is_tls = settings["security"] == "tls"
    endpoint = outside.resolve(settings["host"], settings["port"] or (993 if is_tls else 143))
    with _failures_told(str(endpoint)):
        box = _opened(settings, endpoint, room, is_tls=is_tls)
    try:
        with _failures_told(str(endpoint)):
            validity = _signed_in(box, settings)
        yield box, validity
    finally:
        with contextlib.suppress(imaplib.IMAP4.error, OSError):
            box.logout()


def _opened(
    settings: Settings, endpoint: outside.Endpoint, room: Room, *, is_tls: bool
) -> imaplib.IMAP4:
    raw = outside.connect(endpoint, room.seconds)
    raw.settimeout(min(room.seconds, 60))
    try:
        opened = tls.secured(raw, endpoint, settings.get("issuer", "")) if is_tls else raw
        box = _Box(endpoint.host, endpoint.port, opened)
        if settings["security"] == "starttls":
            box.starttls(tls.context(settings.get("issuer", "")))
    except BaseException:
        raw.close()
        raise
    return box


def _signed_in(box: imaplib.IMAP4, settings: Settings) -> str:
    """Sign in and open the folder; return its validity. Raises ConnectorError."""
    try:
        if box.login(settings["user"], settings["password"])[0] != "OK":
            raise imaplib.IMAP4.error
    except (imaplib.IMAP4.abort, OSError):
        raise
    except (imaplib.IMAP4.error, UnicodeEncodeError) as error:
        raise ConnectorError(
            "Máy chủ thư không nhận tài khoản hoặc mật khẩu. Nhập lại trong phần khai."
        ) from error
    name = settings["folder"].replace("\\", "\\\\").replace('"', '\\"')
    if box.select(f'"{name}"', readonly=True)[0] != "OK":
        raise ConnectorError(f"Không có hòm thư “{settings['folder']}”. Kiểm tra lại tên.")
    said = box.response("UIDVALIDITY")[1]
    return said[0].decode() if said and said[0] else "0"


def _newer(box: imaplib.IMAP4, last: int) -> list[int]:
    """Return the numbers of messages behind `last`, in their order."""
    _, said = box.uid("SEARCH", f"UID {last + 1}:*")
    found = sorted(int(one) for one in (said[0] or b"").split())
    return [uid for uid in found if uid > last]  # "*" names the last one, however old


def _message(box: imaplib.IMAP4, uid: int, most: int) -> EmailMessage | None:
    """Return a message without marking it as read; None for one that is gone or too large."""
    _, said = box.uid("FETCH", str(uid), "(RFC822.SIZE)")
    size = _SIZE.search(b" ".join(one for one in said if isinstance(one, bytes)))
    if size is None or int(size[1]) > most:
        return None
    _, said = box.uid("FETCH", str(uid), "(BODY.PEEK[])")
    bodies = [one[1] for one in said if isinstance(one, tuple)]
    if not bodies:
        return None
    return email.message_from_bytes(bodies[0], policy=email.policy.default)


def _attachments(message: EmailMessage, settings: Settings) -> list[tuple[str, bytes]]:
    """Return the tables of a message from a sender who may send them."""
    if not _may_send(message, senders(settings["senders"])):
        return []
    found = []
    for part in message.walk():
        name = (part.get_filename() or "").replace("\\", "/").rpartition("/")[2].strip()
        if name.lower().endswith(_TABLES) and fnmatch.fnmatch(name, settings["pattern"] or "*"):
            content = part.get_payload(decode=True)
            if isinstance(content, bytes) and content:
                found.append((name[:200], content))
    return found


def _may_send(message: EmailMessage, listed: list[str]) -> bool:
    """Say whether the one address in From is listed; several of them are nobody."""
    headers = message.get_all("From", [])
    if len(headers) != 1 or headers[0].defects or len(headers[0].addresses) != 1:
        return False
    address = headers[0].addresses[0]
    return address.addr_spec.lower() in listed or f"@{address.domain.lower()}" in listed


def _identity(message: EmailMessage) -> str:
    """Return the Message-ID, or what stands for it where a message has none."""
    said = str(message.get("Message-ID", "")).strip()
    return said or hashlib.sha256(message.as_bytes()).hexdigest()


@contextlib.contextmanager
def _failures_told(where: str) -> Iterator[None]:
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise ConnectorError(tls.refusal(where, error)) from error
    except (imaplib.IMAP4.error, OSError) as error:
        raise ConnectorError(f"Mất kết nối với máy chủ thư {where}; sẽ thử lại.") from error
