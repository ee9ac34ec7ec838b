"""A real IMAP server (Dovecot) with real mail: who may send, what was read, what breaks."""

import contextlib
import datetime as dt
import ipaddress
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from haidang.data.ingest.actions import connections, pulling
from haidang.data.ingest.connectors import registry, values
from haidang.data.ingest.connectors.mail import fetch
from haidang.data.ingest.errors import ConnectorError, SettingsError
from haidang.data.ingest.models import Connection, Run
from haidang.data.ingest.rules.pulling import Schedule
from haidang.data.ingest.tests.conftest import HEAD
from haidang.data.ingest.tests.test_pulling import pulled
from haidang.foundation.core.audit import SYSTEM

DOVECOT = Path("/usr/sbin/dovecot")
CONFIG = """
base_dir = {base}/run
state_dir = {base}/run
log_path = {base}/log
protocols = imap
ssl = yes
ssl_cert = <{base}/tls.crt
ssl_key = <{base}/tls.key
disable_plaintext_auth = no
mail_location = maildir:{base}/mail
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 1
default_internal_user = {internal}
default_login_user = {login}
passdb {{
  driver = static
  args = password=dung user=lan
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={base}/mail
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class Mailbox:
    """A folder of mail behind a server."""

    def __init__(self, ports: tuple[int, int], base: Path, owner: tuple[str, str]) -> None:
        (self.port, self.tls_port), self.owner, self.sent = ports, owner, 0
        self.mail, self.issuer = base / "mail", (base / "ca.crt").read_text()

    def put(self, sender: str = "Lan <lan@so.vn>", number: str = "", **files: str) -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, "ioc@tinh.vn", "Số liệu"
        message["Message-ID"] = number or f"<{self.sent}@so.vn>"
        message.set_content("Kính gửi")
        for name, content in files.items():
            message.add_attachment(
                content.encode(), maintype="text", subtype="csv", filename=name.replace("_", ".")
            )
        self.put_bytes(message.as_bytes())

    def put_bytes(self, content: bytes) -> None:
        self.sent += 1
        new = self.mail / "new"
        for folder in (self.mail, new, self.mail / "cur", self.mail / "tmp"):
            folder.mkdir(exist_ok=True)
        file = new / f"{1_700_000_000 + self.sent}.M{self.sent}.so"
        file.write_bytes(content)
        for one in (self.mail, new, self.mail / "cur", self.mail / "tmp", file):
            shutil.chown(one, *self.owner)

    def empty(self) -> None:
        shutil.rmtree(self.mail, ignore_errors=True)
        self.mail.mkdir()
        shutil.chown(self.mail, *self.owner)


def free() -> int:
    with socket.socket() as spare:
        spare.bind(("127.0.0.1", 0))
        return int(spare.getsockname()[1])


def certify(base: Path, address: str) -> None:
    """Write an authority's certificate, and one that it issued for an address, with its key."""
    authority, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in ("CA", "imap")]
    now = dt.datetime.now(dt.UTC)

    def issued(name: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder().issuer_name(names[0]).subject_name(name).public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
        )  # fmt: skip

    root = issued(names[0], authority.public_key()).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    )
    where = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    leaf = issued(names[1], own.public_key()).add_extension(where, critical=False)
    for file, made in (("ca.crt", root), ("tls.crt", leaf)):
        signed = made.sign(authority, hashes.SHA256())
        (base / file).write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (base / "tls.key").write_bytes(
        own.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Mailbox]:
    if not DOVECOT.exists():
        pytest.skip("DOVECOT ABSENT: tools/system-packages installs dovecot-imapd")
    if os.getuid() != 0:
        pytest.skip("DOVECOT NEEDS ROOT to change its users")
    base = Path(tempfile.mkdtemp(prefix="hdim"))
    base.chmod(0o755)
    (base / "mail").mkdir()
    certify(base, "127.0.0.1")
    port, tls_port = free(), free()
    users = {"user": "mail", "group": "mail", "internal": "dovecot", "login": "dovenull"}
    shutil.chown(base / "mail", "mail", "mail")
    (base / "conf").write_text(CONFIG.format(base=base, port=port, tls_port=tls_port, **users))
    process = subprocess.Popen(
        [str(DOVECOT), "-F", "-c", str(base / "conf")], stderr=subprocess.DEVNULL
    )
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            break
        time.sleep(0.05)
    else:
        raise AssertionError((base / "log").read_text())
    yield Mailbox((port, tls_port), base, ("mail", "mail"))
    process.send_signal(signal.SIGTERM)
    process.wait(20)
    shutil.rmtree(base, ignore_errors=True)


@pytest.fixture
def box(dovecot, settings) -> Mailbox:
    dovecot.empty()
    settings.OUTSIDE_ADDRESSES = ["127.0.0.0/8", "localhost"]
    return dovecot


def settings_for(box: Mailbox, **more: object) -> dict[str, object]:
    return {
        "host": "127.0.0.1", "port": box.port, "security": "none", "user": "lan",
        "password": "dung", "senders": "lan@so.vn\n@ubnd.vn",
    } | more  # fmt: skip


def given(box: Mailbox, **more: object) -> dict[str, object]:
    return values.cleaned(registry.kind("mail"), settings_for(box, **more))


def read(declared, cursor=None) -> tuple[list[str], dict]:
    names, last = [], cursor or {}
    with pulling.workroom(20) as room:
        for piece in fetch.fetch(declared, last, room):
            names += [piece.name] if piece.content else []
            last = dict(piece.cursor_after)
    return names, last


def made(source: str, box: Mailbox) -> int:
    return connections.create_connection(
        source=source, kind="mail", title="Hộp thư", schedule=Schedule(), by=SYSTEM,
        settings=settings_for(box),
    ).id  # fmt: skip


def rows(day: int) -> str:
    return f"{HEAD}25747;{day}/11/2026;{day};;;\n"


def test_attachments_of_permitted_senders_arrive_once(source, box):
    box.put(a_csv=rows(1), b_csv=rows(2), logo_png="x")
    box.put("kẻ xấu <x@xau.vn>", c_csv=rows(3))
    box.put("xa@ubnd.vn", d_csv=rows(4))
    pk = made(source, box)

    attempt = pulled(pk)
    assert (attempt.outcome, attempt.items) == ("done", 3), attempt.error
    names = Run.objects.order_by("pk").values_list("file_name", flat=True)
    assert list(names) == ["a.csv", "b.csv", "d.csv"]
    assert pulled(pk).outcome == "nothing"
    box.put(e_csv=rows(5))
    assert pulled(pk).items == 1
    assert not any((box.mail / "cur").glob("*S*")), "mail was marked as read"


def test_the_same_message_again_is_known_by_its_id_and_part(source, box):
    box.put(number="<mot@so.vn>", a_csv=rows(1))
    pk = made(source, box)
    pulled(pk)
    box.put(number="<mot@so.vn>", a_csv=rows(1))
    pulled(pk)
    Connection.objects.update(cursor={"validity": "khác", "uid": 99})
    pulled(pk)
    assert Run.objects.count() == 1


def test_a_break_between_two_parts_loses_neither(source, box, monkeypatch):
    box.put(a_csv=rows(1), b_csv=rows(2))
    pk = made(source, box)
    real = pulling._known
    left = [1]

    def dies(*said):
        real(*said)
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt

    with monkeypatch.context() as crash:
        crash.setattr(pulling, "_known", dies)
        with pytest.raises(KeyboardInterrupt):
            pulled(pk)
    pulled(pk)
    assert [run.accepted for run in Run.objects.all()] == [1, 1]


@pytest.mark.parametrize(
    "sender",
    [
        "x@so.vn", "lan@so.vn.xau.vn", "lan@so.vn, x@xau.vn", "lan@so.vn <x@xau.vn>",
        '"lan@so.vn" <x@xau.vn>', "x@xau.vn <lan@so.vn>@xau.vn",
    ],
)  # fmt: skip
def test_who_only_looks_like_a_permitted_sender_is_not(box, sender):
    raw = (
        f"From: {sender}\nTo: a@b.vn\nMessage-ID: <1@x>\nMIME-Version: 1.0\n"
        'Content-Type: text/csv; name="a.csv"\n'
        'Content-Disposition: attachment; filename="a.csv"\n\nx;y\n'
    )
    box.put_bytes(raw.encode())
    assert read(given(box))[0] == []


def test_two_from_lines_and_paths_in_names_gain_nothing(box):
    box.put_bytes(
        b"From: lan@so.vn\nFrom: x@xau.vn\nMIME-Version: 1.0\nContent-Type: text/csv\n"
        b'Content-Disposition: attachment; filename="a.csv"\n\nx\n'
    )
    box.put_bytes(
        b"From: lan@so.vn\nMIME-Version: 1.0\nContent-Type: text/csv\n"
        b'Content-Disposition: attachment; filename="../../etc/a.csv"\n\nx\n'
    )
    assert read(given(box))[0] == ["a.csv"]


def test_a_trial_says_what_is_there_and_what_is_wrong(box):
    box.put(a_csv="x")
    with pulling.workroom(20) as room:
        assert "1 thư" in fetch.test(given(box), room).sentence
        for wrong, said in (
            ({"password": "sai"}, "không nhận tài khoản"),
            ({"folder": "Khong co"}, "Không có hòm thư"),
            ({"security": "tls"}, "bắt tay TLS"),
        ):
            with pytest.raises(ConnectorError, match=said):
                fetch.test(given(box, **wrong), room)
    with pytest.raises(SettingsError):
        given(box, senders="không phải thư")


def over_tls(box: Mailbox, **more: object) -> dict[str, object]:
    return {"security": "tls", "port": box.tls_port, "issuer": box.issuer} | more


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_over_tls_the_right_certificate_is_taken_and_attachments_arrive(source, box, security):
    box.put(a_csv=rows(1))
    port = box.tls_port if security == "tls" else box.port
    made = connections.create_connection(
        source=source, kind="mail", title="Hộp thư", schedule=Schedule(), by=SYSTEM,
        settings=settings_for(box, **over_tls(box, security=security, port=port)),
    )  # fmt: skip

    attempt = pulled(made.id)

    assert (attempt.outcome, attempt.items) == ("done", 1), attempt.error
    assert Run.objects.get().accepted == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"issuer": ""}, "không được tin cậy"),
        ({"issuer": "", "security": "starttls"}, "không được tin cậy"),
        ({"host": "localhost"}, "cấp cho tên máy chủ khác"),
    ],
)
def test_an_unknown_certificate_gets_no_password(box, wrong, said):
    if wrong.get("security") == "starttls":
        wrong = wrong | {"port": box.port}
    log = box.mail.parent / "log"
    before = log.read_text().count("Login: user")
    with pulling.workroom(20) as room, pytest.raises(ConnectorError, match=said):
        fetch.test(given(box, **over_tls(box, **wrong)), room)
    assert log.read_text().count("Login: user") == before
    with pytest.raises(SettingsError, match="PEM"):
        given(box, **over_tls(box, issuer="không phải chứng thư"))
