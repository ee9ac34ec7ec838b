"""Which version of which rule speaks about a series now."""

from datetime import datetime

from django.db.models import QuerySet

from haidang.action.alerts import rules
from haidang.action.alerts.models import RuleVersion, Signal
from haidang.foundation.org import api as org


def governing_version(
    *, kind: str, subject: str, sector: str, unit_id: int, at: datetime
) -> RuleVersion | None:
    """Return the most particular rule of `kind` valid at `at`, or None."""
    versions = {v.pk: v for v in RuleVersion.objects.of_kind(kind).valid_at(at)}
    if not versions:
        return None
    path = tuple(unit.id for unit in org.path(unit_id))
    chosen = rules.choose(
        (version.reach for version in versions.values()),
        subject=subject,
        sector=sector,
        path=path,
    )
    return versions[chosen] if chosen is not None else None


def silent_sources() -> list[str]:
    """Return the sources whose silence has raised an alert that is not cleared."""
    signals = _in_trouble(Signal.Topic.SILENCE)
    return list(signals.values_list("subject", flat=True))


def device_signals() -> list[Signal]:
    """Return the signals of silent or stopped devices that raised an alert."""
    topics = (Signal.Topic.DEVICE, Signal.Topic.DEVICES, Signal.Topic.STATUS)
    return list(Signal.objects.filter(topic__in=topics).exclude(phase=rules.Phase.QUIET))


def quarantine_signals() -> list[str]:
    """Return the keys of the signals of sources whose refused rows raised an alert."""
    return list(_in_trouble(Signal.Topic.QUARANTINE).values_list("key", flat=True))


def _in_trouble(topic: str) -> QuerySet[Signal]:
    return Signal.objects.filter(topic=topic).exclude(phase=rules.Phase.QUIET)


def centre() -> int:
    """Return the unit that new rules belong to."""
    centres = org.all_units(kind="centre")
    return (centres[0] if centres else org.root()).id
