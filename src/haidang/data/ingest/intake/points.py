"""Parsed readings as columns, with what could not be parsed beside them. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MICROSECOND = 1_000_000
FARTHEST = 9_000_000_000_000_000  # µs; beyond any year that a check lets pass

Place = tuple[int, int]  # (request, number of the reading within it)


class Request(NamedTuple):
    """One request to parse: its note's extra, its bytes, when it came (µs UTC)."""

    extra: str
    body: bytes
    received: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a reading waits: the field, a stable code, a sentence with the mend."""

    field: str
    code: str
    message: str

    def as_json(self) -> dict[str, str]:
        return {"field": self.field, "code": self.code, "message": self.message}


@dataclass(frozen=True, slots=True)
class Unread:
    """What could not be parsed: where it stood, its text, and why."""

    request: int
    number: int
    text: str
    reason: Reason


@dataclass
class Points:
    """Readings in order of arrival. `device` and `metric` index this parse's own name tables."""

    devices: Sequence[str]
    metrics: Sequence[str]
    device: NDArray[np.int32]
    metric: NDArray[np.int32]
    time: NDArray[np.int64]
    value: NDArray[np.float64]
    status: NDArray[np.uint8]
    request: NDArray[np.int32]
    number: NDArray[np.int32]  # of the reading within its request, from 1
    unread: list[Unread] = field(default_factory=list)
    # Finds the text a reading came from; asked for waiting readings only.
    text_of: Callable[[int], str] = lambda index: ""

    def __len__(self) -> int:
        return len(self.time)


def microseconds(seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return whole microseconds; what is not a number or beyond all years goes to the far end."""
    scaled = np.nan_to_num(seconds, nan=1e12, posinf=1e12, neginf=-1e12) * MICROSECOND
    return np.rint(np.clip(scaled, -FARTHEST, FARTHEST)).astype(np.int64)


def shown(body: bytes) -> str:
    """Return bytes as text that a person can read and the database can keep."""
    return printable(body.decode("utf-8", "backslashreplace"))


def printable(text: str) -> str:
    """Return text without NUL, which the database cannot keep."""
    return text.replace("\x00", "\\x00")
