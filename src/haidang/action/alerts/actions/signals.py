"""Take one observed state into account: the only place where alerts are raised or cleared."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from haidang.action.alerts import queries, rules
from haidang.action.alerts.actions import raising
from haidang.action.alerts.models import Rule, RuleVersion, Signal
from haidang.foundation.obligations import api as obligations

_OF_DEVICES = {Signal.Topic.DEVICE, Signal.Topic.DEVICES, Signal.Topic.STATUS}
WAKE_KIND = "alerts.hold"


@dataclass(frozen=True)
class Observation:
    """One series was seen in one state, by one event."""

    topic: str
    subject: str
    sector: str
    unit_id: int
    state: str
    at: datetime
    event_id: int | None  # None: somebody looked, no event said it
    may_raise: bool = True

    @property
    def key(self) -> str:
        return f"{self.topic}:{self.subject}:{self.unit_id}"

    @property
    def kind(self) -> str:
        if self.topic == Signal.Topic.STATE:
            return Rule.Kind.STATE_CHANGE
        return Rule.Kind.DEVICE if self.topic in _OF_DEVICES else Rule.Kind.ABSENCE


@transaction.atomic
def observe(seen: Observation) -> rules.Effect:
    """Note a state under the rule that governs its series. Safe to repeat: events count once."""
    signal = Signal.objects.select_for_update().filter(key=seen.key).first()
    governing = queries.governing_version(
        kind=seen.kind, subject=seen.subject, sector=seen.sector, unit_id=seen.unit_id, at=seen.at
    )
    if signal is None:
        if governing is None:
            return rules.Effect.NOTHING
        signal = _first_seen(seen, governing)
    if seen.event_id is not None:
        if seen.event_id <= signal.last_event:
            return rules.Effect.NOTHING
        signal.last_event = seen.event_id
    # A rule that was retired can still clear what it raised.
    signal.version = governing or signal.version
    may_raise = seen.may_raise and governing is not None
    return _advance(signal, state=seen.state, at=seen.at, may_raise=may_raise)


@transaction.atomic
def wake(*, key: str, now: datetime) -> rules.Effect:
    """Look again at a series whose state may have lasted long enough by now."""
    signal = Signal.objects.select_for_update().filter(key=key).first()
    if signal is None or signal.phase != rules.Phase.PENDING:
        return rules.Effect.NOTHING
    return _advance(signal, state=signal.state, at=now, may_raise=True)


def end(signal: Signal, *, state: str, at: datetime) -> rules.Effect:
    """Take into account that the trouble of a locked signal is over."""
    return _advance(signal, state=state, at=at, may_raise=False)


@transaction.atomic
def finish(*, key: str, state: str, now: datetime) -> rules.Effect:
    """Take into account that the trouble of a series is over."""
    signal = Signal.objects.select_for_update().filter(key=key).first()
    return end(signal, state=state, at=now) if signal else rules.Effect.NOTHING


def _first_seen(seen: Observation, version: RuleVersion) -> Signal:
    signal, _ = Signal.objects.select_for_update().get_or_create(
        key=seen.key,
        defaults={
            "topic": seen.topic,
            "version": version,
            "subject": seen.subject,
            "unit_id": seen.unit_id,
        },
    )
    return signal


def _advance(signal: Signal, *, state: str, at: datetime, may_raise: bool) -> rules.Effect:
    criteria = signal.version.criteria
    before = signal.memory
    memory, effect = rules.step(criteria, before, state=state, at=at, may_raise=may_raise)
    signal.memory = memory
    signal.save()
    since = memory.since or at
    match effect:
        case rules.Effect.WAIT:
            obligations.wake_up(kind=WAKE_KIND, ref=signal.key, due_at=since + criteria.hold)
        case rules.Effect.FORGET:
            obligations.cancel_wake_up(kind=WAKE_KIND, ref=signal.key)
        case rules.Effect.RAISE | rules.Effect.UPDATE:
            raising.raise_alert(signal=signal, about=_subject(signal, since), at=at)
        case rules.Effect.CLEAR:
            raising.clear_alert(key=signal.key, state=state, at=at)
    return effect


def _subject(signal: Signal, since: datetime) -> queries.Subject:
    if signal.topic in (Signal.Topic.STATE, Signal.Topic.STALENESS):
        return queries.of_series(signal.subject, signal.unit_id, state=signal.state, since=since)
    if signal.topic == Signal.Topic.STATUS:
        return queries.of_stopped_device(signal.subject, state=signal.state)
    if signal.topic == Signal.Topic.DEVICE:
        return queries.of_silent_device(signal.subject, since=since)
    if signal.topic == Signal.Topic.DEVICES:
        return queries.of_silent_devices(signal.subject)
    return queries.of_source(signal.subject, state=signal.state, since=since)
