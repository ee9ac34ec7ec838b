"""Who holds data that may have to go: upper domains register how theirs is found and removed."""

from collections.abc import Callable, Sequence
from typing import Protocol

from haidang.data.protection.rules.targets import Found, Target

NoteFile = Callable[[str], None]
Expand = Callable[[str, Sequence[int]], list[int]]


class Participant(Protocol):
    """One store. Both may be called again at any time; `erase` then finds less or nothing."""

    @property
    def title(self) -> str: ...

    def preview(self, target: Target) -> Found:
        """Return what would go."""
        ...

    def erase(self, target: Target, note_file: NoteFile) -> Found:
        """Take it away and return what went; durable when it returns.

        `note_file` is told the SHA-256 of a stored content before it goes.
        """
        ...


_registered: dict[str, tuple[int, Participant]] = {}


def register(name: str, participant: Participant, *, order: int) -> None:
    """Add a store. Lower orders go first; the lake last, for it tells whose files are concerned."""
    _registered[name] = (order, participant)


def registered() -> list[tuple[str, Participant]]:
    """Return the stores in order."""
    return [(name, one) for name, (_, one) in sorted(_registered.items(), key=lambda it: it[1][0])]


_expanders: list[Expand] = []


def expand_runs(expand: Expand) -> None:
    """Have a store say which batches belong to runs: those of a stream, and mended ones."""
    _expanders.append(expand)


def batches_of(dataset: str, runs: Sequence[int]) -> list[int]:
    """Return every batch of some runs. Raises what the store raises for an unknown run."""
    return sorted({*runs}.union(*(expand(dataset, runs) for expand in _expanders)))
