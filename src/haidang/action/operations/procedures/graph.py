"""The flows of a definition as a graph: what leads where, and what would never stop by itself."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from haidang.action.operations.procedures.definitions import BPMN

NODES = (
    "startEvent", "endEvent", "userTask", "exclusiveGateway", "parallelGateway",
    "boundaryEvent", "intermediateCatchEvent",
)  # fmt: skip
# Here a run stops until a person or a timer goes on.
_WAITS = frozenset({"userTask", "intermediateCatchEvent"})


@dataclass(frozen=True)
class Graph:
    """Nodes by id, and the ids that flows lead to and come from."""

    nodes: Mapping[str, etree._Element]
    kinds: Mapping[str, str]
    flows: tuple[etree._Element, ...]
    after: Mapping[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    before: Mapping[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def graph(process: etree._Element) -> Graph:
    """Return the graph of a process; flows to nowhere are left out of it."""
    nodes: dict[str, etree._Element] = {}
    kinds: dict[str, str] = {}
    for kind in NODES:
        for node in process.iter(f"{{{BPMN}}}{kind}"):
            if identity := node.get("id", ""):
                nodes[identity], kinds[identity] = node, kind
    flows = tuple(process.iter(f"{{{BPMN}}}sequenceFlow"))
    found = Graph(nodes, kinds, flows)
    for flow in flows:
        source, target = flow.get("sourceRef", ""), flow.get("targetRef", "")
        if source in nodes and target in nodes:
            found.after[source].append(target)
            found.before[target].append(source)
    return found


def endless(found: Graph) -> list[str]:
    """Return the ids of nodes on a circle where no person and no timer stops the run."""
    automatic = {one for one, kind in found.kinds.items() if kind not in _WAITS}
    return sorted(one for one in automatic if one in _reached(found, one, automatic))


def _reached(found: Graph, start: str, within: set[str]) -> set[str]:
    seen: set[str] = set()
    waiting = list(found.after[start])
    while waiting:
        one = waiting.pop()
        if one in within and one not in seen:
            seen.add(one)
            waiting.extend(found.after[one])
    return seen


def most_at_once(found: Graph) -> int:
    """Return the most branches that one step can set off at once. Needs a graph without `endless`.

    Joins are counted as if they did not join, so the number is an upper bound.
    """
    counted: dict[str, int] = {}
    for one in _backwards(found):
        below = [] if found.kinds[one] in _WAITS else [counted[after] for after in found.after[one]]
        is_choice = found.kinds[one] == "exclusiveGateway"
        counted[one] = max(1, max(below, default=1) if is_choice else sum(below))
    leading = [one for one in found.nodes if found.kinds[one] in _WAITS]
    starts = [sum(counted[after] for after in found.after[one]) for one in leading]
    return max([*counted.values(), *starts], default=0)


def _backwards(found: Graph) -> Iterator[str]:
    """Yield the nodes so that what an automatic node leads to comes before it."""
    yield from (one for one, kind in found.kinds.items() if kind in _WAITS)
    left = {one: 0 for one, kind in found.kinds.items() if kind not in _WAITS}
    for one in left:
        left[one] = sum(after in left for after in found.after[one])
    ready = [one for one, count in left.items() if not count]
    while ready:
        one = ready.pop()
        yield one
        for before in found.before[one]:
            if before in left:
                left[before] -= 1
                if not left[before]:
                    ready.append(before)


def unreachable(found: Graph) -> list[str]:
    """Return the ids that no run comes to from a start, or from an event on a step that it does."""
    seen: set[str] = set()
    waiting = [one for one, kind in found.kinds.items() if kind == "startEvent"]
    attached: dict[str, list[str]] = defaultdict(list)
    for one, node in found.nodes.items():
        attached[node.get("attachedToRef", "")].append(one)
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting.extend([*found.after[one], *(attached[one] if one else [])])
    return sorted(set(found.nodes) - seen)
