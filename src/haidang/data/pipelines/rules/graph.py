"""What is made of what: a cycle is found, and layers are laid out. Pure."""

from collections.abc import Iterable, Mapping

Edges = Mapping[str, Iterable[str]]  # output: the datasets that it is made of


def cycle(edges: Edges, output: str, inputs: Iterable[str]) -> list[str]:
    """Return the way from an output back to itself if it were made of some inputs; else []."""
    made_of = {name: set(parts) for name, parts in edges.items()}
    made_of.setdefault(output, set()).update(inputs)
    way = _way(made_of, output, output, set())
    return [output, *way] if way else []


def _way(made_of: Mapping[str, set[str]], here: str, goal: str, seen: set[str]) -> list[str]:
    for part in sorted(made_of.get(here, ())):
        if part == goal:
            return [part]
        if part not in seen:
            seen.add(part)
            if rest := _way(made_of, part, goal, seen):
                return [part, *rest]
    return []


def layers(parents: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """Return for each node its column: one right of the rightmost that it rests on."""
    found: dict[str, int] = {}

    def place(node: str, above: frozenset[str]) -> int:
        if node not in found:
            rests_on = [one for one in parents.get(node, ()) if one not in above]
            columns = [place(one, above | {node}) for one in rests_on]
            found[node] = max(columns, default=-1) + 1
        return found[node]

    for node in [*parents, *(one for parts in parents.values() for one in parts)]:
        place(node, frozenset())
    return found
