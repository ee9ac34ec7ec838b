"""Notifications of the journal on their way to runs of their sources, exactly once."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from haidang.data.ingest.actions import notices
from haidang.data.ingest.errors import SecretFileError
from haidang.data.ingest.intake import parking
from haidang.data.ingest.journal import Reader
from haidang.foundation.core.errors import HaidangError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Notice:
    """What a broker told about a source; `place` is where its journal record ends."""

    source: str
    body: bytes
    place: int


def take(journal: Reader, told: Sequence[Notice]) -> None:
    """Make runs of notifications; what no source takes is parked for a person to see.

    Raises what passes by itself (database or disk away); taking the same again makes no second run.
    """
    for one in told:
        try:
            notices.keep(source=one.source, body=one.body)
        except SecretFileError:
            log.warning("source %s: a notification with a mark of secrecy is refused", one.source)
        except HaidangError as error:
            log.error("source %s: a notification is parked: %s", one.source, error)
            parking.park_body(journal, f"{one.source}-{one.place}.json", one.body)
