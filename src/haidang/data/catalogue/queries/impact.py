"""What depends on a thing: told by the domains above, each for its own kind, followed to the end.

A lower domain never imports an upper one: the upper one registers how its things are found within
a scope, and what of its own rests directly on a thing of any kind.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from haidang.data.catalogue.errors import UnknownThingError
from haidang.data.catalogue.kinds import Find, Subject
from haidang.data.catalogue.rules.picture import Box, Picture, drawn

if TYPE_CHECKING:
    from haidang.foundation.access.api import Scope

MOST = 400
HIDDEN = "Ngoài phạm vi được xem"


@dataclass(frozen=True)
class Thing:
    """A thing that something may rest on: "dataset" quan-trac, "field" quan-trac.value."""

    kind: str
    code: str


@dataclass(frozen=True)
class Dependant:
    """A thing that rests on another. Without a title it is one that the reader may not see."""

    kind: str
    code: str
    title: str = ""
    note: str = ""
    url: str = ""

    @property
    def thing(self) -> Thing:
        return Thing(self.kind, self.code)


Told = tuple[Thing, Dependant]
Direct = Callable[[Sequence[Thing], "Scope"], Iterable[Told]]
"""Says what rests directly on any of several things, as (thing, what rests on it).

Asked once for each step away from the root, so that it asks the database a constant number of
times however many things stand there.
"""


@dataclass(frozen=True)
class Impact:
    """Everything that rests on a thing, nearest first; `parents` says on what each rests."""

    root: Thing
    subject: Subject
    found: Sequence[Dependant]
    parents: Mapping[Thing, Sequence[Thing]] = field(repr=False)
    is_cut: bool = False

    @property
    def rows(self) -> list[tuple[str, Dependant, str]]:
        """Return (word of the kind, dependant, what it rests on) for a table."""
        titles = {one.thing: one.title or HIDDEN for one in self.found}
        titles[self.root] = self.subject.title
        return [
            (word(one.kind), one, ", ".join(titles[up] for up in self.parents[one.thing]))
            for one in self.found
        ]

    @property
    def counts(self) -> list[tuple[str, int]]:
        """Return how many there are of each kind, in words."""
        kinds = [one.kind for one in self.found]
        return [(word(kind), kinds.count(kind)) for kind in dict.fromkeys(kinds)]

    def picture(self) -> Picture:
        """Return the picture, from the thing on the left to what is shown of it on the right."""
        boxes = [Box(_key(self.root), word(self.root.kind), self.subject.title, "")]
        boxes += [
            Box(_key(one.thing), word(one.kind), one.title or HIDDEN, one.note, one.url)
            for one in self.found
        ]
        parents = {_key(one): [_key(up) for up in ups] for one, ups in self.parents.items()}
        return drawn(boxes, parents)


_words: dict[str, str] = {}
_finds: dict[str, Find] = {}
_direct: list[Direct] = []


def register(kind: str, label: str, find: Find | None = None) -> None:
    """Name a kind of thing; with `find` its impact can be asked for by code."""
    _words[kind] = label
    if find is not None:
        _finds[kind] = find


def tell(direct: Direct) -> None:
    """Have a domain say what of its own rests directly on things."""
    _direct.append(direct)


def word(kind: str) -> str:
    """Return the name of a kind."""
    return _words.get(kind, kind)


def impact(kind: str, code: str, scope: "Scope") -> Impact:
    """Return all that rests on a thing. Raises UnknownThingError also outside the scope."""
    found = _finds[kind](code, scope) if kind in _finds else None
    if found is None:
        raise UnknownThingError
    return follow(Thing(kind, code), found, scope)


def follow(root: Thing, subject: Subject, scope: "Scope") -> Impact:
    """Walk from a thing to everything above it, nearest first."""
    parents: dict[Thing, list[Thing]] = {}
    dependants: dict[Thing, Dependant] = {}
    step, is_cut = [root], False
    while step:
        further: list[Thing] = []
        for here, one in (pair for direct in _direct for pair in direct(step, scope)):
            if one.thing == root:
                continue
            if one.thing not in dependants:
                if len(dependants) >= MOST:
                    is_cut = True
                    continue
                dependants[one.thing] = one
                further.append(one.thing)
            rests_on = parents.setdefault(one.thing, [])
            if here not in rests_on:
                rests_on.append(here)
        step = further
    return Impact(root, subject, list(dependants.values()), parents, is_cut)


def codes(things: Iterable[Thing], *kinds: str) -> list[str]:
    """Return the codes of the things of some kinds."""
    return [one.code for one in things if one.kind in kinds]


def _key(thing: Thing) -> str:
    return f"{thing.kind}:{thing.code}"
