"""A tree given by the parent of each node."""

from collections import defaultdict
from collections.abc import Mapping

Parents = Mapping[int, int | None]


def children(parents: Parents) -> dict[int | None, list[int]]:
    """Return the children of each node, in the order of `parents`; roots under None."""
    found: defaultdict[int | None, list[int]] = defaultdict(list)
    for node, parent in parents.items():
        found[parent].append(node)
    return dict(found)


def path(parents: Parents, node: int) -> list[int]:
    """Return the way from the root to `node`, both included. Raises ValueError in a circle."""
    found = [node]
    while (parent := parents.get(found[-1])) is not None:
        if parent in found:
            raise ValueError(f"{parent} stands above itself")
        found.append(parent)
    return found[::-1]


def subtree(below: Mapping[int | None, list[int]], node: int) -> frozenset[int]:
    """Return `node` and all under it, given the `children` of each."""
    found, waiting = set[int](), [node]
    while waiting:
        current = waiting.pop()
        found.add(current)
        waiting += below.get(current, ())
    return frozenset(found)


def has_circle(parents: Parents) -> bool:
    """Tell whether some node stands above itself."""
    try:
        for node in parents:
            path(parents, node)
    except ValueError:
        return True
    return False
