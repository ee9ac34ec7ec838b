"""What MQTT clients were refused, gathered in memory and carried to the database at intervals.

A flood of bad clients costs one small write every few seconds and never waits for it.
"""

import asyncio
import logging
from dataclasses import replace

from django.db import close_old_connections
from django.utils import timezone

from haidang.data.ingest.actions import refusals
from haidang.data.ingest.actions.refusals import Refused
from haidang.data.ingest.intake.writers import Sources, Writer

log = logging.getLogger(__name__)

_EVERY = 2.0
_HELD = 200  # kinds of refusal between two writes; more are only in the log
_SOURCES_OF_ONE_CLIENT = 20  # a key that feeds more does not say whose client it is

Key = tuple[str, str, str, str]


class Refusals:
    """Collect on the event loop, write in a thread."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._held: dict[Key, Refused] = {}

    def add(
        self, client: str, address: str, topic: str, reason: str, writer: Writer | None
    ) -> None:
        """Count one refusal. `writer` is who signed in, None when nobody did."""
        key = (client, address, topic, reason)
        now = timezone.now()
        known = self._held.get(key)
        if known is not None:
            self._held[key] = replace(known, count=known.count + 1, last_at=now)
        elif len(self._held) < _HELD:
            self._held[key] = Refused(*key, self._concerned(topic, writer), 1, now, now)

    async def keep(self) -> None:
        """Write what was gathered, again and again."""
        while True:
            await asyncio.sleep(_EVERY)
            await self.flush()

    async def flush(self) -> None:
        """Write what was gathered; keep it for the next time when the database is away."""
        if not self._held:
            return
        held, self._held = self._held, {}
        try:
            await asyncio.get_running_loop().run_in_executor(None, _write, list(held.values()))
        except Exception as error:  # noqa: BLE001 - refusals never stop the intake
            log.warning("mqtt: refusals cannot be kept now: %s", error)
            self._held = dict(list((held | self._held).items())[:_HELD])

    def _concerned(self, topic: str, writer: Writer | None) -> frozenset[str]:
        """Return the codes of the source that the topic names and of those the client feeds."""
        if writer is None:
            return frozenset()
        parts = topic.split("/")
        named = {parts[2]} if len(parts) > 2 and parts[2] in self._sources.by_code else set()
        if named and writer.may_write(parts[2]):
            return frozenset(named)
        own = {code for code in self._sources.by_code if writer.may_write(code)}
        return frozenset(named | own if len(own) <= _SOURCES_OF_ONE_CLIENT else named)


def _write(held: list[Refused]) -> None:
    close_old_connections()
    try:
        refusals.remember(held)
    finally:
        close_old_connections()
