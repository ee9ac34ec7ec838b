"""The audit trail: `record` beside every change, in the same transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from haidang.foundation.core.models import AuditEntry


@dataclass(frozen=True)
class Actor:
    """Who acts: an account's id and name, or the system itself (id None)."""

    id: int | None
    label: str


SYSTEM = Actor(id=None, label="Hệ thống")


def record(
    *,
    action: str,
    on: models.Model,
    by: Actor,
    changes: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Record `action` ("org.unit_renamed") on a saved row. Must run inside a transaction."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("audit.record must share the transaction of the change it records")
    AuditEntry.objects.create(
        actor_id=by.id,
        actor_label=by.label,
        action=action,
        object_type=on._meta.label_lower,
        object_id=str(on.pk),
        object_label=str(on)[:200],
        changes=dict(changes or {}),
        reason=reason,
    )
