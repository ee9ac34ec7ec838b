"""What a source owes, cycle by cycle: the delivery, its reminder, and the note that it is late."""

import datetime as dt

from django.db import transaction
from django.urls import reverse

from haidang.data.ingest.models import Source
from haidang.data.ingest.rules import cycles
from haidang.foundation.core import audit, events
from haidang.foundation.obligations import api as obligations
from haidang.foundation.org import api as org

WAKE = "ingest.late"
DELIVERY = "ingest.delivery"
RESTORE = "ingest.restore"
_TIME_TO_RESTORE = dt.timedelta(hours=24)


@transaction.atomic
def expect(*, source: Source, now: dt.datetime) -> None:
    """Set what the source owes next and the timer that looks whether it came."""
    if not source.cycle or not source.is_active:
        _let_off(source)
        return
    if source.cycle in cycles.FAST:
        due = (source.last_success_at or now) + cycles.patience(source.cycle)
        obligations.wake_up(kind=WAKE, ref=source.code, due_at=max(due, now))
        return
    due = cycles.due_after(source.cycle, source.deadline, now)
    _owe(source, DELIVERY, due, f"Cung cấp số liệu: {source.title}", now)
    obligations.wake_up(kind=WAKE, ref=source.code, due_at=due)


@transaction.atomic
def delivered(*, source: Source, at: dt.datetime) -> None:
    """Note that the source delivered: what it owed is done, it is no longer late."""
    Source.objects.filter(pk=source.pk).update(last_success_at=at, late_since=None)
    was_late, source.last_success_at, source.late_since = source.late_since, at, None
    if not source.cycle:
        return
    if source.cycle in cycles.FAST:
        if was_late:
            obligations.fulfil(ref=_ref(source, RESTORE), at=at, by=audit.SYSTEM)
        return
    obligations.fulfil(ref=_ref(source, DELIVERY), at=at, by=audit.SYSTEM)


@transaction.atomic
def look(*, source: str, due_at: dt.datetime, now: dt.datetime) -> bool:
    """See whether a source that was due at `due_at` delivered; tell whether it is late.

    A late source is announced once; the next cycle is expected in any case.
    """
    found = Source.objects.select_for_update().filter(code=source, is_active=True).first()
    if found is None or not found.cycle:
        return False
    late = _is_late(found, due_at, now)
    if late and found.late_since is None:
        found.late_since = due_at
        found.save(update_fields=["late_since"])
        _announce(found, now)
    expect(source=found, now=now)
    return late


def _let_off(source: Source) -> None:
    """A source without a cycle, or out of service, owes nothing."""
    obligations.cancel_wake_up(kind=WAKE, ref=source.code)
    for kind in (DELIVERY, RESTORE):
        obligations.cancel(ref=_ref(source, kind), by=audit.SYSTEM, reason="Nguồn thôi định kỳ")


def _is_late(source: Source, due_at: dt.datetime, now: dt.datetime) -> bool:
    last = source.last_success_at
    if source.cycle in cycles.FAST:
        return (last or source.created_at) + cycles.patience(source.cycle) <= now
    before = _due_before(source, due_at)
    return last is None or last <= before


def _due_before(source: Source, due_at: dt.datetime) -> dt.datetime:
    """Return the deadline before this one: what came after it counts for this one."""
    far = due_at - dt.timedelta(days=800)
    due = before = cycles.due_after(source.cycle, source.deadline, far)
    while due < due_at:
        before, due = due, cycles.due_after(source.cycle, source.deadline, due)
    return before


def _announce(source: Source, now: dt.datetime) -> None:
    if source.cycle in cycles.FAST:
        title = f"Khôi phục nguồn dữ liệu: {source.title}"
        _owe(source, RESTORE, now + _TIME_TO_RESTORE, title, now, clock="running")
    audit.record(action="ingest.source_late", on=source, by=audit.SYSTEM)
    events.publish(
        "ingest.source_late",
        aggregate=f"source:{source.code}",
        source=source.code,
        dataset=source.dataset,
        run=None,
        batch=None,
        life_safety=source.is_life_safety,
    )


def _owe(
    source: Source,
    kind: str,
    due: dt.datetime,
    title: str,
    now: dt.datetime,
    clock: str = "working",
) -> None:
    """Owe once; what is still owed from the cycle before stays owed by its own deadline."""
    try:
        obligations.owe(
            kind=kind,
            debtor_unit_id=source.supplier_id,
            creditor_unit_id=_centre(),
            due_at=due,
            ref=_ref(source, kind),
            title=title,
            url=reverse("ingest:source", args=[source.code]),
            clock=clock,
            sector=source.sector or None,
            owed_since=now,
        )
    except obligations.AlreadyOwedError:
        return


def _ref(source: Source, kind: str) -> str:
    return f"{kind}:{source.code}"


def _centre() -> int:
    centres = org.all_units(kind="centre")
    return (centres[0] if centres else org.root()).id
