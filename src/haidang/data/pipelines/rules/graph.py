"""What is made of what, and whether it would be made of itself. Pure."""

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
