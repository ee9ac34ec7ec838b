"""Who may write readings to which source."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from django.db import close_old_connections

from haidang.data.ingest import queries
from haidang.data.ingest.rules.values import SourceRef
from haidang.foundation.access import api as access

CAPABILITY = "readings.write"
LOADING = "ingest.load"
_KEPT_SECONDS = 2.0
_RENEWED_BEFORE = 1.0  # seconds before its end an answer that is in use is asked for again


@dataclass
class Sources:
    """The sources by code, as they were at most two seconds ago."""

    by_code: dict[str, SourceRef] = field(default_factory=dict)
    _until: float = 0.0
    _loading: "asyncio.Future[None] | None" = None
    _threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="sources")
    )

    async def find(self, code: str) -> SourceRef | None:
        """Return the active source with this code."""
        await self.refresh()
        return self.now(code)

    def now(self, code: str) -> SourceRef | None:
        """Return the active source with this code, without asking the database."""
        found = self.by_code.get(code)
        return found if found is not None and found.is_active else None

    def remembered(self, code: str) -> SourceRef | None:
        """Return the active source with this code, if the answer is fresh enough to act on.

        Asks the database again before it is too old.
        """
        left = self._until - time.monotonic()
        if left < _RENEWED_BEFORE:
            self._begin()
        return self.now(code) if left > 0 else None

    async def refresh(self) -> None:
        """Ask the database again if the last answer is too old; one question at a time."""
        if time.monotonic() >= self._until:
            await asyncio.shield(self._begin())

    def _begin(self) -> "asyncio.Future[None]":
        if self._loading is None:
            loop = asyncio.get_running_loop()
            self._loading = loop.run_in_executor(self._threads, self._load)
            self._loading.add_done_callback(self._loaded)
        return self._loading

    def _loaded(self, loading: "asyncio.Future[None]") -> None:
        self._loading = None
        if not loading.cancelled():
            loading.exception()  # whoever waits hears it

    def _load(self) -> None:
        close_old_connections()
        try:
            self.by_code = {one.code: one for one in queries.sources()}
            self._until = time.monotonic() + _KEPT_SECONDS
        finally:
            close_old_connections()


@dataclass
class Writer:
    """A signed-in device or gateway."""

    scope: access.Scope
    sources: Sources

    def may_write(self, code: str) -> bool:
        source = self.sources.now(code)
        return source is not None and may_write(self.scope, source)

    def may_tell(self, code: str) -> bool:
        """Say whether this broker's notifications may be loaded into the source."""
        source = self.sources.now(code)
        return source is not None and self.scope.allows(
            LOADING, source.supplier_unit_id, source.sector
        )


def may_write(scope: access.Scope, source: SourceRef) -> bool:
    """Tell whether the scope covers the supplier of the source, in its sector."""
    return scope.allows(CAPABILITY, source.supplier_unit_id, source.sector)
