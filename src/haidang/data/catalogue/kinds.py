"""What a difficulty may be about: each domain names its own kind of thing and how to find one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from haidang.foundation.access.api import Scope


@dataclass(frozen=True)
class Subject:
    """A thing as it is shown: its name and its page. `agency_id` answers for it, 0: not known."""

    title: str
    url: str
    agency_id: int = 0
    sector: str | None = None


Find = Callable[[str, "Scope"], Subject | None]


@dataclass(frozen=True)
class SubjectKind:
    """A kind of thing: its name in words, how one is found within a scope."""

    code: str
    label: str
    find: Find


_known: dict[str, SubjectKind] = {}


def register(code: str, label: str, find: Find) -> None:
    """Have difficulties be about things of this kind; called in `apps.ready`."""
    _known[code] = SubjectKind(code, label, find)


def kinds() -> Mapping[str, SubjectKind]:
    """Return every registered kind."""
    return _known


def find(kind: str, code: str, scope: "Scope") -> Subject | None:
    """Return the thing; None when there is none or the reader may not see it."""
    known = _known.get(kind)
    return known.find(code, scope) if known and code else None
