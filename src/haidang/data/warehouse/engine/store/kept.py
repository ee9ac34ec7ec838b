"""What a store says of one file."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Kept:
    """A file's bytes, and when it was written."""

    size: int
    changed: datetime
