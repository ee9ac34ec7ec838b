"""What a connector is made of: declared settings, a trial, and pieces that it fetches."""

import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from haidang.data.ingest.errors import OutOfTimeError

Settings = Mapping[str, Any]
"""Cleaned values by the names of the fields, secrets among them."""
Cursor = Mapping[str, Any]
"""Plain JSON that says up to where the other side was read; empty at first."""


@dataclass(frozen=True)
class Field:
    """One thing to fill in: from it follow the form, the typed route and the stored JSON."""

    name: str
    label: str
    type: Literal["text", "lines", "secret", "key", "whole", "flag", "choice"] = "text"
    required: bool = False
    default: Any = None
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    binds: bool = False
    """Says who is spoken to: where it changes, secrets must be typed anew."""
    learned: bool = False
    """Filled by a trial (a server's key), shown for a person to compare."""

    @property
    def is_secret(self) -> bool:
        """Sealed and never shown: a password of one line, or a private key of many."""
        return self.type in {"secret", "key"}


@dataclass(frozen=True)
class Kind:
    """A connector as it is offered; `check` raises SettingsError for values that do not fit."""

    code: str
    title: str
    text: str
    fields: tuple[Field, ...]
    check: Callable[[Settings], None] = lambda settings: None
    is_untested: bool = False
    """No such server was at hand when it was written; said wherever it is offered."""

    def field(self, name: str) -> Field:
        return next(one for one in self.fields if one.name == name)


@dataclass(frozen=True)
class Room:
    """Where and how long a connector may work; `folder` is emptied afterwards."""

    folder: Path
    now: dt.datetime
    max_bytes: int
    deadline: float
    """Of time.monotonic()."""

    @property
    def seconds(self) -> float:
        """What is left of the time. Raises OutOfTimeError when nothing is."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise OutOfTimeError
        return left


@dataclass(frozen=True)
class Reached:
    """What a trial found: a sentence, and settings that it learned for a person to confirm."""

    sentence: str
    learned: Mapping[str, str]


@dataclass(frozen=True)
class Fetched:
    """One piece, which becomes one run.

    `cursor_after` holds once the run is known, in the same transaction. `key` tells a piece
    from every other of this connection; where empty it follows from the cursor and the bytes.
    A snapshot that equals the one before is not loaded again. Without content only the cursor
    moves. `records` says where in a JSON
    or XML document the rows stand. `settle` hears, after the run is known or the piece was
    refused, whether it was taken.
    """

    name: str
    media: str
    content: Path | bytes
    cursor_after: Cursor
    key: str = ""
    records: str = ""
    is_snapshot: bool = False
    settle: Callable[[bool], None] | None = None
    refused: str = ""
    """Why the connector itself passes over this piece; told on the attempt."""


class Work(Protocol):
    """What `fetch.py` of a connector offers as functions. Both raise ConnectorError."""

    def test(self, settings: Settings, room: Room) -> Reached:
        """Reach the other side, change nothing there, and say what was found."""
        ...

    def fetch(self, settings: Settings, cursor: Cursor, room: Room) -> Iterator[Fetched]:
        """Yield what is new after the cursor, oldest first; the next piece is asked for only
        after the one before is settled."""
        ...
