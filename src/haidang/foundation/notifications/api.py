"""The door of notifications: tell accounts something, and prove that they were told."""

from haidang.foundation.notifications.actions import CHANNELS, send
from haidang.foundation.notifications.errors import UnknownChannelError
from haidang.foundation.notifications.queries import (
    MessageRef,
    Proof,
    messages,
    proofs,
    unread_count,
)

__all__ = [
    "CHANNELS",
    "MessageRef",
    "Proof",
    "UnknownChannelError",
    "messages",
    "proofs",
    "send",
    "unread_count",
]
