"""The audit trail: `record` beside every change, in the same transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction

from haidang.foundation.core.models import AuditEntry


@dataclass(frozen=True)
class Actor:
    """Who acts: an account's id and name, or the system itself (id None)."""

    id: int | None
    label: str


SYSTEM = Actor(id=None, label="Hệ thống")
_AT_ONCE = 1_000


def record(
    *,
    action: str,
    on: models.Model,
    by: Actor,
    changes: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Record `action` ("org.unit_renamed") on a saved row. Must run inside a transaction."""
    record_all(action=action, on=[(on, changes or {})], by=by, reason=reason)


def record_all(
    *,
    action: str,
    on: Iterable[tuple[models.Model, Mapping[str, Any]]],
    by: Actor,
    reason: str = "",
) -> None:
    """Record one action on many saved rows, each with its own changes."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("audit.record must share the transaction of the change it records")
    entries = (
        AuditEntry(
            actor_id=by.id,
            actor_label=by.label,
            action=action,
            object_type=row._meta.label_lower,
            object_id=str(row.pk),
            object_label=str(row)[:200],
            changes=dict(changes),
            reason=reason,
        )
        for row, changes in on
    )
    AuditEntry.objects.bulk_create(entries, batch_size=_AT_ONCE)


REMOVED = "Đã xóa theo yêu cầu của pháp luật"


@transaction.atomic
def blot(object_type: str, object_ids: Iterable[object], *, with_reasons: bool = False) -> int:
    """Blot what entries say of values that the law had removed; who did what and when stays.

    The one change that the database lets anybody make to the trail.
    """
    ids = [str(one) for one in object_ids]
    found = AuditEntry.objects.filter(object_type=object_type, object_id__in=ids)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL haidang.removal = 'on'")
        count = found.exclude(changes={}).update(changes={"removed": True})
        if with_reasons:
            found.exclude(reason="").update(reason=REMOVED, changes={"removed": True})
        cursor.execute("SET LOCAL haidang.removal = 'off'")
    return count
