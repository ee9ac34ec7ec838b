"""Which files, written by somebody else, nobody is writing any more."""

import time
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from haidang.data.ingest.connectors.protocol import Room

_LONGEST_LOOK = 30.0  # seconds


class Dated(Protocol):
    """A file as it was listed; `mark` tells it, as it stands, from all others."""

    @property
    def mark(self) -> str: ...

    @property
    def changed_at(self) -> float: ...


File = TypeVar("File", bound=Dated)


def settled(
    listed: Sequence[File], again: Callable[[], Sequence[File]], still: float, room: Room
) -> list[File]:
    """Return the listed files that have stood still for so many seconds, in their order.

    A time ahead of our clock says nothing of that: another machine's clock wrote it, or ours was
    set back since, and waiting for the clock might take years. Such files are listed once `again`
    after that long (half a minute at most), and are still where they are the same.
    """
    now = room.now.timestamp()
    same = {one.mark for one in listed if now - one.changed_at >= still}
    ahead = {one.mark for one in listed if one.changed_at > now}
    if ahead and still:
        time.sleep(min(still, _LONGEST_LOOK, room.seconds / 2))
        ahead &= {one.mark for one in again()}
    return [one for one in listed if one.mark in same | ahead]
