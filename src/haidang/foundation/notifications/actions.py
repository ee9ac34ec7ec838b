"""Send messages, deliver them, mark them read."""

import datetime as dt
import smtplib
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.core import mail
from django.db import transaction
from django.utils import timezone

from haidang.foundation.access import api as access
from haidang.foundation.core import jobs, text
from haidang.foundation.notifications import rules
from haidang.foundation.notifications.errors import UnknownChannelError, UnknownMessageError
from haidang.foundation.notifications.models import Delivery, Message

IN_APP, EMAIL = "inapp", "email"
CHANNELS = (IN_APP, EMAIL)
DELIVER = "notifications.deliver_mail"
_PERMANENT = 500  # SMTP answers from here on will not change by themselves


@transaction.atomic
def send(
    *,
    to: Iterable[int],
    kind: str,
    title: str,
    body: str = "",
    url: str = "",
    ref: str = "",
    channels: Iterable[str] = CHANNELS,
) -> list[int]:
    """Tell accounts something; return the ids of the messages, one for each account.

    In the caller's transaction: no message remains of what is rolled back. E-mail goes out by a
    job after the commit and is tried again; `proofs` tells what became of it.
    """
    wanted = set(channels)
    if unknown := wanted - set(CHANNELS):
        raise UnknownChannelError(channels=sorted(unknown))
    accounts = access.accounts(to)
    sent = Message.objects.bulk_create(
        Message(
            account_id=account_id,
            kind=kind,
            title=text.normal(title),
            body=body,
            url=url,
            ref=ref,
        )
        for account_id in sorted(accounts)
    )
    ways = [way for one in sent for way in _ways(one, accounts[one.account_id].email, wanted)]
    for way in Delivery.objects.bulk_create(ways):
        if way.state == Delivery.State.WAITING:
            jobs.defer(DELIVER, delivery_id=way.pk)
    return [message.pk for message in sent]


def _ways(message: Message, address: str, channels: set[str]) -> Iterator[Delivery]:
    """The inbox has it with its row; mail waits for the job."""
    now = timezone.now()
    if IN_APP in channels:
        state = Delivery.State.SENT
        yield Delivery(message=message, channel=IN_APP, state=state, sent_at=now, delivered_at=now)
    if EMAIL in channels:
        state = Delivery.State.WAITING if address else Delivery.State.SKIPPED
        yield Delivery(message=message, channel=EMAIL, address=address, state=state)


@transaction.atomic
def deliver_mail(*, delivery_id: int, now: dt.datetime) -> None:
    """Hand one waiting mail to the mail server; keep the answer, or when to try again.

    A delivery that another worker holds, or that is done, is left alone. When a worker dies after
    the server's answer the mail goes out again, under the same Message-ID.
    """
    waiting = Delivery.objects.select_for_update(skip_locked=True, of=("self",))
    delivery = (
        waiting.select_related("message")
        .filter(pk=delivery_id, state=Delivery.State.WAITING)
        .first()
    )
    if delivery is None:
        return
    delivery.attempts += 1
    try:
        delivery.proof = _hand_over(delivery)
    except (OSError, smtplib.SMTPException) as error:
        _try_again_later(delivery, error, now)
    else:
        delivery.state, delivery.sent_at, delivery.next_attempt_at = Delivery.State.SENT, now, None
    delivery.save()


def _hand_over(delivery: Delivery) -> str:
    """Send the mail; return its Message-ID. Raises OSError or SMTPException."""
    message = delivery.message
    identity = f"<message-{message.pk}@{settings.MAIL_FROM.rpartition('@')[2] or 'localhost'}>"
    lines = [message.body] if message.body else []
    if message.url:
        lines.append(f"Mở trong hệ thống: {settings.PUBLIC_URL}{message.url}")
    mail.EmailMessage(
        subject=message.title,
        body="\n\n".join(lines),
        from_email=settings.MAIL_FROM,
        to=[delivery.address],
        headers={"Message-ID": identity, "Auto-Submitted": "auto-generated"},
    ).send()
    return identity


def _try_again_later(delivery: Delivery, error: Exception, now: dt.datetime) -> None:
    delivery.proof = str(error)[:500]
    wait = None if _is_permanent(error) else rules.wait_after(delivery.attempts)
    if wait is None:
        delivery.state, delivery.next_attempt_at = Delivery.State.FAILED, None
        return
    delivery.next_attempt_at = now + wait
    jobs.defer(DELIVER, at=delivery.next_attempt_at, delivery_id=delivery.pk)


def _is_permanent(error: Exception) -> bool:
    """Tell whether the mail server refused for good (unknown recipient…), or just for now."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= _PERMANENT for code, _ in error.recipients.values())
    return (
        isinstance(error, smtplib.SMTPResponseException)
        and not isinstance(error, smtplib.SMTPAuthenticationError)
        and error.smtp_code >= _PERMANENT
    )


def mark_read(*, account_id: int, message_id: int, now: dt.datetime) -> str:
    """Note that the account read its message (the first time counts); return where it leads."""
    message = Message.objects.of(account_id).filter(pk=message_id).first()
    if message is None:
        raise UnknownMessageError(message_id=message_id)
    Message.objects.filter(pk=message.pk).unread().update(read_at=now)
    return message.url


def mark_all_read(*, account_id: int, now: dt.datetime) -> int:
    """Note that the account read everything that waits; return how many."""
    return Message.objects.of(account_id).unread().update(read_at=now)
