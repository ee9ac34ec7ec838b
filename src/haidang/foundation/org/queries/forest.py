"""The tree as a reader may see it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from haidang.foundation.org.queries import register
from haidang.foundation.org.rules.kinds import KINDS
from haidang.foundation.org.rules.values import UnitRef


@dataclass(frozen=True)
class Node:
    """A unit with the units under it, those of one kind together."""

    unit: UnitRef
    children: tuple["Node", ...]
    size: int

    @property
    def kind_name(self) -> str:
        """The kind in words."""
        return KINDS[self.unit.kind]

    @property
    def groups(self) -> list[tuple[str, list["Node"]]]:
        """The units directly below, by kind in words."""
        found = groupby(self.children, key=lambda node: node.kind_name)
        return [(name, list(nodes)) for name, nodes in found]


def forest(visible: frozenset[int], on: date) -> list[Node]:
    """Return the trees of the units that are visible; roots are those whose parent is not."""
    day = register.current().on(on)
    shown = [ref for ref in day.units.values() if ref.id in visible]
    below: dict[int | None, list[UnitRef]] = {}
    for ref in shown:
        parent = ref.parent_id if ref.parent_id in visible else None
        below.setdefault(parent, []).append(ref)
    return [_node(ref, below) for ref in _in_order(below.get(None, []))]


def flat(nodes: list[Node], depth: int = 0) -> Iterator[tuple[int, UnitRef]]:
    """Yield the units of trees from the top, each with its depth."""
    for node in nodes:
        yield depth, node.unit
        yield from flat(list(node.children), depth + 1)


def _node(ref: UnitRef, below: dict[int | None, list[UnitRef]]) -> Node:
    children = tuple(_node(child, below) for child in _in_order(below.get(ref.id, [])))
    return Node(ref, children, 1 + sum(child.size for child in children))


def _in_order(refs: list[UnitRef]) -> list[UnitRef]:
    """Order by kind as the kinds are listed; within a kind the dictionary's order stays."""
    kinds = list(KINDS)
    return sorted(refs, key=lambda ref: kinds.index(ref.kind))
