"""Mail against a real SMTP server: sent, refused for now, refused for good, gone."""

import datetime as dt
import email
import email.policy
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone

from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.testing import run_jobs
from haidang.foundation.notifications import actions, rules
from haidang.foundation.notifications import api as notifications
from haidang.foundation.notifications.models import Delivery
from tests.world import World


class Postman:
    """Keeps what arrives; answers `answer` to every recipient while it is set."""

    def __init__(self) -> None:
        self.answer = ""
        self.letters: list[EmailMessage] = []

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Envelope, address: str, options_: Any
    ) -> str:
        if self.answer:
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        letter = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 OK"


@pytest.fixture
def postman(settings: LazySettings) -> Iterator[Postman]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    handler = Postman()
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.PUBLIC_URL = "https://ioc.binhduong.example"
    yield handler
    server.stop(no_assert=True)


def _tell(world: World, username: str = "truc1") -> int:
    [message] = notifications.send(
        to=[world.accounts[username]],
        kind="tests.told",
        title="Triều cường lên\r\nBcc: all@example.org",
        body="Đỉnh 1,58 m",
        url="/console/alerts/7/",
    )
    return message


def _delivery(message: int) -> Delivery:
    return Delivery.objects.get(message=message, channel="email")


def _try(delivery: Delivery, hours: float = 0) -> Delivery:
    now = timezone.now() + dt.timedelta(hours=hours)
    actions.deliver_mail(delivery_id=delivery.pk, now=now)
    delivery.refresh_from_db()
    return delivery


def test_a_mail_goes_out_after_the_commit_with_its_proof(world: World, postman: Postman) -> None:
    message = _tell(world)
    assert _delivery(message).state == "waiting" and not postman.letters
    run_jobs()
    [letter] = postman.letters
    assert letter["To"] == "truc1@binhduong.example"
    assert letter["Subject"] == "Triều cường lên Bcc: all@example.org" and letter["Bcc"] is None
    assert "Đỉnh 1,58 m" in letter.get_content()
    assert "https://ioc.binhduong.example/console/alerts/7/" in letter.get_content()
    sent = _delivery(message)
    assert (sent.state, sent.proof) == ("sent", letter["Message-ID"])
    proof = notifications.proofs([message])[message]
    assert set(proof.sent) == {"inapp", "email"} and set(proof.delivered) == {"inapp"}


def test_a_server_that_is_busy_is_asked_again_under_the_same_identity(
    world: World, postman: Postman
) -> None:
    postman.answer = "451 busy"
    delivery = _delivery(_tell(world))
    run_jobs()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("waiting", 1)
    assert "451" in delivery.proof
    assert delivery.next_attempt_at is not None
    assert run_jobs() == 0, "not before its time"
    postman.answer = ""
    assert _try(delivery, hours=1).state == "sent"
    assert len(postman.letters) == 1
    assert _try(delivery).attempts == 2, "what is sent is not sent again"


def test_an_address_that_does_not_exist_is_given_up_at_once(world: World, postman: Postman) -> None:
    postman.answer = "550 no such user"
    delivery = _delivery(_tell(world))
    run_jobs()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("failed", 1)
    assert "550" in delivery.proof


def test_a_server_that_stays_away_is_given_up_after_a_day_and_the_inbox_has_it(
    world: World, settings: LazySettings, postman: Postman
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        settings.EMAIL_PORT = free.getsockname()[1]
    delivery = _delivery(_tell(world))
    tries = 0
    while delivery.state == "waiting":
        _try(delivery)
        tries += 1
    assert (delivery.state, tries) == ("failed", 7)
    assert notifications.unread_count(world.accounts["truc1"]) == 1


def test_the_waits_grow_and_end() -> None:
    waits = [rules.wait_after(attempt) for attempt in range(1, 8)]
    grown = [wait for wait in waits if wait is not None]
    assert grown == sorted(set(grown)) and waits[-1] is None


def test_who_has_no_address_is_told_in_the_inbox_alone(world: World, postman: Postman) -> None:
    account = access.create_account(username="khongthu", full_name="Không Thư", by=SYSTEM)
    notifications.send(to=[account.id], kind="tests.told", title="x")
    run_jobs()
    assert not postman.letters
    assert Delivery.objects.get(channel="email").state == "skipped"


def test_without_a_mail_server_letters_lie_in_the_data_folder(
    world: World, settings: LazySettings, tmp_path: Path
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    message = _tell(world)
    run_jobs()
    [letter] = (tmp_path / "mail").iterdir()
    assert "truc1@binhduong.example" in letter.read_text(encoding="utf-8")
    assert _delivery(message).state == "sent"


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_one_letter(transactional_db: None, postman: Postman) -> None:
    account = access.create_account(
        username="a", full_name="A", email="a@binhduong.example", by=SYSTEM
    )
    [message] = notifications.send(to=[account.id], kind="tests.told", title="Một lần")
    delivery = _delivery(message)

    def work(_: int) -> None:
        try:
            actions.deliver_mail(delivery_id=delivery.pk, now=timezone.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work, range(4)))
    assert len(postman.letters) == 1
    assert _delivery(message).state == "sent"
