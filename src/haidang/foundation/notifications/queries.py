"""Reads of the inbox and the proof of what was sent."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from haidang.foundation.notifications.models import Delivery, Message


@dataclass(frozen=True)
class MessageRef:
    """A message as other domains see it."""

    id: int
    kind: str
    title: str
    body: str
    url: str
    ref: str
    created_at: dt.datetime
    read_at: dt.datetime | None


@dataclass(frozen=True)
class Proof:
    """That a message went out: to whom, over which channels and when, and when it was read."""

    message_id: int
    account_id: int
    account_name: str
    created_at: dt.datetime
    sent: dict[str, dt.datetime]
    delivered: dict[str, dt.datetime]
    read_at: dt.datetime | None


def unread_count(account_id: int) -> int:
    """Return how many messages of the account wait unread."""
    return Message.objects.of(account_id).unread().count()


def messages(
    account_id: int, *, is_unread: bool = False, offset: int = 0, limit: int = 20
) -> tuple[list[MessageRef], int]:
    """Return a page of the account's messages, newest first, and how many there are."""
    found = Message.objects.of(account_id)
    if is_unread:
        found = found.unread()
    rows = found.order_by("-pk")[offset : offset + limit]
    return [_reference(row) for row in rows], found.count()


def proofs(message_ids: Iterable[int]) -> dict[int, Proof]:
    """Return the proof of each message, in two queries."""
    found = Message.objects.filter(pk__in=set(message_ids)).select_related("account")
    return {row.pk: _proof(row) for row in found.prefetch_related("deliveries")}


def _reference(row: Message) -> MessageRef:
    return MessageRef(
        row.pk, row.kind, row.title, row.body, row.url, row.ref, row.created_at, row.read_at
    )


def _proof(row: Message) -> Proof:
    deliveries: list[Delivery] = list(row.deliveries.all())
    return Proof(
        message_id=row.pk,
        account_id=row.account_id,
        account_name=str(row.account),
        created_at=row.created_at,
        sent={one.channel: one.sent_at for one in deliveries if one.sent_at},
        delivered={one.channel: one.delivered_at for one in deliveries if one.delivered_at},
        read_at=row.read_at,
    )
