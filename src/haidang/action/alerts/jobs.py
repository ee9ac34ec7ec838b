"""What alerts hear: changes of state, silent sources, refused rows, and their own wake-ups.

Each job may run twice: `actions.observe` counts an event once.
"""

from datetime import datetime
from typing import Any

from django.utils import timezone

from haidang.action.alerts import actions, queries
from haidang.action.alerts.models import Signal
from haidang.data.ingest import api as ingest
from haidang.foundation.core import jobs

_LIVE_CAUSES = frozenset({"value", "absence"})  # "restated" rewrites the past: it never raises


@jobs.task(name="alerts.note_state_change", queue="live")
def note_state_change(
    *, event_id: int, indicator: str, unit: int, new: str, cause: str, **_ids: Any
) -> None:
    """A series entered another state: hear both kinds of rules."""
    sector = queries.sector_of(indicator)
    for topic in (Signal.Topic.STATE, Signal.Topic.STALENESS):
        actions.observe(
            actions.Observation(
                topic=topic,
                subject=indicator,
                sector=sector,
                unit_id=unit,
                state=new,
                at=timezone.now(),
                event_id=event_id,
                may_raise=cause in _LIVE_CAUSES,
            )
        )


@jobs.task(name="alerts.note_late_source", queue="live")
def note_late_source(*, event_id: int, source: str, **_ids: Any) -> None:
    """A source missed its cycle."""
    _note_source(source, Signal.Topic.SILENCE, "late", timezone.now(), event_id)


@jobs.task(name="alerts.note_quarantined_rows", queue="live")
def note_quarantined_rows(*, event_id: int, source: str, **_ids: Any) -> None:
    """A source sent rows that cannot be used."""
    _note_source(source, Signal.Topic.QUARANTINE, "quarantined", timezone.now(), event_id)


@jobs.periodic(name="alerts.look_for_returned_sources", cron="* * * * *", queue="live")
def look_for_returned_sources() -> None:
    """Clear the alerts of sources that deliver again."""
    for source in queries.silent_sources():
        if ingest.source(source).late_since is None:
            _note_source(source, Signal.Topic.SILENCE, "on_time", timezone.now(), None)


@jobs.task(name="alerts.note_silent_devices", queue="live")
def note_silent_devices(*, event_id: int, source: str, devices: list[str], **_ids: Any) -> None:
    """Devices of a source fell silent: told one by one, or all as one when they are many."""
    now = timezone.now()
    for one in ingest.device_troubles(devices).values():
        if one.silent_since is not None:
            _note_device(one, Signal.Topic.DEVICE, "silent", now, event_id)
    if not devices:
        _note_source(source, Signal.Topic.DEVICES, "silent", now, event_id)


@jobs.task(name="alerts.note_stopped_device", queue="live")
def note_stopped_device(*, event_id: int, device: str, kind: str, **_ids: Any) -> None:
    """A device calibrates or is broken outside its calendar, too long, or after a rise."""
    one = ingest.device_troubles([device])[device]
    _note_device(one, Signal.Topic.STATUS, kind, timezone.now(), event_id)


@jobs.periodic(name="alerts.look_for_returned_devices", cron="* * * * *", queue="live")
def look_for_returned_devices() -> None:
    """Clear the alerts of devices that speak, or measure, again."""
    now, signals = timezone.now(), queries.device_signals()
    one_by_one = [one for one in signals if one.topic != Signal.Topic.DEVICES]
    troubles = ingest.device_troubles(one.subject for one in one_by_one)
    for signal in one_by_one:
        found = troubles.get(signal.subject)
        if signal.topic == Signal.Topic.DEVICE and (found is None or not found.silent_since):
            actions.finish(key=signal.key, state="heard", now=now)
        elif signal.topic == Signal.Topic.STATUS and (found is None or not found.kinds):
            actions.finish(key=signal.key, state="measuring", now=now)
    for signal in signals:
        if signal.topic == Signal.Topic.DEVICES and not ingest.silent_devices(signal.subject):
            actions.finish(key=signal.key, state="heard", now=now)


@jobs.periodic(name="alerts.look_for_settled_rows", cron="* * * * *", queue="live")
def look_for_settled_rows() -> None:
    """End the alerts of sources of whose refused rows none waits any more."""
    for key in queries.quarantine_signals():
        actions.settle_quarantine(key=key, now=timezone.now())


@jobs.task(name="alerts.wake", queue="live")
def wake(*, ref: str, **_ids: Any) -> None:
    """A minimum duration has passed: look again."""
    actions.wake(key=ref, now=timezone.now())


def _note_device(
    one: ingest.DeviceTrouble, topic: str, state: str, at: datetime, event_id: int
) -> None:
    actions.observe(
        actions.Observation(
            topic=topic,
            subject=one.code,
            sector=one.sector,
            unit_id=one.unit_id,
            state=state,
            at=at,
            event_id=event_id,
        )
    )


def _note_source(code: str, topic: str, state: str, at: datetime, event_id: int | None) -> None:
    source = ingest.source(code)
    actions.observe(
        actions.Observation(
            topic=topic,
            subject=code,
            sector=source.sector,
            unit_id=source.supplier_unit_id,
            state=state,
            at=at,
            event_id=event_id,
        )
    )
