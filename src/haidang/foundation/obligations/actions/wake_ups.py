"""The durable timers of the whole system: set, cancel, fire."""

import datetime as dt

from django.db import transaction

from haidang.foundation.core import jobs
from haidang.foundation.obligations import kinds
from haidang.foundation.obligations.errors import UnknownWakeUpError
from haidang.foundation.obligations.models import WakeUp

_AT_ONCE = 500


def wake_up(*, kind: str, ref: str, due_at: dt.datetime) -> None:
    """Have the task of `kind` run for `ref` at `due_at`; a waiting one is moved to it."""
    if kind not in kinds.tasks():
        raise UnknownWakeUpError(kind=kind)
    WakeUp.objects.bulk_create(
        [WakeUp(kind=kind, ref=ref, due_at=due_at)],
        update_conflicts=True,
        unique_fields=["kind", "ref"],
        update_fields=["due_at"],
    )


def cancel_wake_up(*, kind: str, ref: str) -> bool:
    """Forget a waiting wake-up; tell whether there was one."""
    return WakeUp.objects.filter(kind=kind, ref=ref).delete()[0] > 0


@transaction.atomic
def fire_due(*, now: dt.datetime, at_once: int = _AT_ONCE) -> int:
    """Turn every due wake-up into its job, each once however many workers fire; return how many.

    A kind that nobody answers any more keeps waiting and holds up no other.
    """
    tasks = kinds.tasks()
    due = WakeUp.objects.filter(due_at__lte=now, kind__in=list(tasks)).order_by("due_at")
    rows = list(due.select_for_update(skip_locked=True)[:at_once])
    for row in rows:
        jobs.defer(
            tasks[row.kind],
            lock=f"{row.kind} {row.ref}",
            ref=row.ref,
            due_at=row.due_at.isoformat(),
        )
    WakeUp.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)
