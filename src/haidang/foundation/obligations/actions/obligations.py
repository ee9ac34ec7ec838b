"""Owe, fulfil, cancel."""

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from haidang.foundation.access import api as access
from haidang.foundation.core import audit, events
from haidang.foundation.core.audit import Actor
from haidang.foundation.obligations import clocks, rules
from haidang.foundation.obligations.actions.wake_ups import cancel_wake_up, wake_up
from haidang.foundation.obligations.errors import AlreadyOwedError, NotOwedError
from haidang.foundation.obligations.models import Obligation

REMIND = "obligations.remind"


@transaction.atomic
def owe(
    *,
    kind: str,
    debtor_unit_id: int,
    creditor_unit_id: int,
    due_at: dt.datetime,
    ref: str,
    title: str,
    url: str = "",
    clock: str = "working",
    sector: str | None = None,
    by: Actor | access.Scope = audit.SYSTEM,
    owed_since: dt.datetime | None = None,
) -> int:
    """Have a unit owe something by `due_at`; return the obligation's id.

    Owing the same thing (`ref`) by the same moment again returns the open one; another moment or
    debtor raises AlreadyOwedError: fulfil or cancel first.
    """
    since = min(owed_since or timezone.now(), due_at)
    waiting = Obligation.objects.filter(ref=ref, state=Obligation.State.OPEN).first()
    if waiting is not None:
        if (waiting.due_at, waiting.debtor_unit_id) != (due_at, debtor_unit_id):
            raise AlreadyOwedError(ref=ref, obligation=waiting.pk)
        return waiting.pk
    obligation = Obligation.objects.create(
        kind=kind,
        ref=ref,
        debtor_unit_id=debtor_unit_id,
        creditor_unit_id=creditor_unit_id,
        sector_id=sector,
        title=title,
        url=url,
        clock=clock,
        owed_since=since,
        due_at=due_at,
    )
    plan_next(obligation)
    _tell("obligations.owed", obligation, by)
    return obligation.pk


@transaction.atomic
def fulfil(*, ref: str, at: dt.datetime, by: Actor | access.Scope) -> bool:
    """Note that the thing owed was done at `at`; tell whether it was owed at all."""
    return _close(ref, Obligation.State.FULFILLED, at, by, "")


@transaction.atomic
def cancel(*, ref: str, by: Actor | access.Scope, reason: str = "") -> bool:
    """Let a debtor off; tell whether anything was owed."""
    return _close(ref, Obligation.State.CANCELLED, timezone.now(), by, reason)


@transaction.atomic
def move(*, ref: str, due_at: dt.datetime, by: Actor | access.Scope, reason: str) -> None:
    """Give another deadline to what is owed; the reminders start anew. Raises NotOwedError."""
    obligation = _open(ref)
    if obligation is None:
        raise NotOwedError(ref=ref)
    before = obligation.due_at
    obligation.due_at, obligation.next_step = max(due_at, obligation.owed_since), 0
    obligation.save(update_fields=["due_at", "next_step"])
    plan_next(obligation)
    changes = {"due_at": [before.isoformat(), due_at.isoformat()]}
    _tell("obligations.moved", obligation, by, reason, changes)


def plan_next(obligation: Obligation) -> None:
    """Set the timer of the next reminder, if one is left."""
    clock = clocks.clock_of(obligation.clock)
    steps = rules.plan(obligation.owed_since, obligation.due_at, clock)
    if obligation.next_step < len(steps):
        at = steps[obligation.next_step].at
        wake_up(kind=REMIND, ref=str(obligation.pk), due_at=at)


def _open(ref: str) -> Obligation | None:
    waiting = Obligation.objects.select_for_update(of=("self",))
    return waiting.filter(ref=ref, state=Obligation.State.OPEN).first()


def _close(ref: str, state: str, at: dt.datetime, by: Actor | access.Scope, reason: str) -> bool:
    obligation = _open(ref)
    if obligation is None:
        return False
    obligation.state, obligation.closed_at = state, at
    obligation.save(update_fields=["state", "closed_at"])
    cancel_wake_up(kind=REMIND, ref=str(obligation.pk))
    _tell(f"obligations.{state}", obligation, by, reason)
    return True


def _tell(
    action: str,
    obligation: Obligation,
    by: Actor | access.Scope,
    reason: str = "",
    changes: Mapping[str, object] | None = None,
) -> None:
    actor = by.actor if isinstance(by, access.Scope) else by
    audit.record(action=action, on=obligation, by=actor, changes=changes, reason=reason)
    events.publish(
        action,
        aggregate=f"obligation:{obligation.pk}",
        obligation=obligation.pk,
        kind=obligation.kind,
        ref=obligation.ref,
    )
