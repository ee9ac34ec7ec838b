"""What is to go, as participants are told it; and what they found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from haidang.data.protection.rules import hashing

Groups = Mapping[str, tuple[tuple[str, ...], ...]]


@dataclass(frozen=True)
class Limits:
    """Moments before which a dataset's rows, by their own time, and its files are over."""

    rows: datetime | None = None
    files: datetime | None = None


@dataclass(frozen=True)
class Target:
    """Rows whose columns have certain values (known by hash alone), rows of batches, and files.

    `groups` says for each dataset which columns are hashed together; `batches` which batches of it
    go whole, with their files; `files` are keyed hashes of stored files, for a replay; `expired`
    what is over, dataset by dataset.
    """

    removal: str
    key: bytes = field(repr=False)
    groups: Groups = field(default_factory=dict)
    hashes: frozenset[str] = frozenset()
    batches: Mapping[str, frozenset[int]] = field(default_factory=dict)
    files: frozenset[str] = frozenset()
    expired: Mapping[str, Limits] = field(default_factory=dict)

    @property
    def datasets(self) -> tuple[str, ...]:
        """Return where rows are known by what they say; what is only over is not among them."""
        return tuple(sorted({*self.groups, *self.batches}))

    def matches(self, values: Sequence[Any]) -> bool:
        """Tell whether a tuple of values is one of those that go."""
        if any(value is None or value == "" for value in values):
            return False
        return hashing.of_values(self.key, values) in self.hashes

    def matches_row(self, dataset: str, row: Mapping[str, Any]) -> bool:
        """Tell whether a row, by the names of its columns, goes."""
        return any(
            self.matches([row.get(name) for name in group])
            for group in self.groups.get(dataset, ())
        )

    def names_file(self, sha256: str) -> bool:
        """Tell whether a stored file is one of those that go."""
        return bool(self.files) and hashing.of_text(self.key, "file", sha256) in self.files


@dataclass(frozen=True)
class Found:
    """What one participant holds of a target, or took away: things and how many; and remarks."""

    counts: Mapping[str, int] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
