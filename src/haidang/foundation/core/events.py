"""Events travel up: a lower domain publishes, an upper one subscribes in its `apps.ready`.

`publish` writes a row of the outbox in the caller's transaction. The relay (in the live jobs
process) turns every row into one procrastinate job per subscriber, locked by the aggregate, so
that handlers of one aggregate run in order. Handlers are idempotent jobs, named by their task.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from haidang.foundation.core.models import OutboxEvent

_subscribers: defaultdict[str, list[str]] = defaultdict(list)


def publish(name: str, *, aggregate: str, **ids: Any) -> None:
    """Publish `name` ("alerts.raised") about one aggregate ("alert:17") with ids, not data."""
    OutboxEvent.objects.create(name=name, aggregate=aggregate, payload=ids)


def subscribe(name: str, task: str) -> None:
    """Have the procrastinate task run as `task(event_id=, aggregate=, **ids)` for each event."""
    if task not in _subscribers[name]:
        _subscribers[name].append(task)


def subscribers() -> Mapping[str, list[str]]:
    """Return the tasks of each event name."""
    return _subscribers


def settle_waiting() -> int:
    """Mark every waiting event as relayed without telling anyone; return how many.

    For an installation that computed in bulk what the handlers would compute again.
    """
    return OutboxEvent.objects.filter(relayed_at__isnull=True).update(relayed_at=timezone.now())
