"""Where boxes and lines of a picture stand: layers from left to right. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, ACROSS, DOWN, EDGE = 220, 60, 76, 18, 8


@dataclass(frozen=True)
class Box:
    """A node of the picture; `lines` are its words, cut to fit."""

    key: str
    kind: str
    title: str
    note: str = ""
    url: str = ""
    x: int = 0
    y: int = 0

    @property
    def head(self) -> str:
        """Return the kind and the note, cut to 36 letters; the table beside has them whole."""
        said = f"{self.kind} · {self.note}" if self.note else self.kind
        return said if len(said) <= 36 else f"{said[:35]}…"

    @property
    def lines(self) -> list[str]:
        """Return the title on at most two lines of 27 letters."""
        found = [""]
        for word in self.title.split():
            longer = f"{found[-1]} {word}".strip()
            found[-1:] = [longer] if len(longer) <= 27 else [found[-1], word]
        kept = [one for one in found if one]
        return [*kept[:1], kept[1][:26] + "…"] if len(kept) > 2 else kept


@dataclass(frozen=True)
class Picture:
    """Placed boxes and lines (SVG paths) of a picture of some size."""

    boxes: Sequence[Box]
    paths: Sequence[str]
    width: int
    height: int


def drawn(boxes: Sequence[Box], parents: Mapping[str, Sequence[str]]) -> Picture:
    """Place boxes in layers and draw a line from each parent to its child."""
    order = layers({box.key: parents.get(box.key, ()) for box in boxes})
    rows: dict[int, int] = {}
    placed: dict[str, Box] = {}
    for box in sorted(boxes, key=lambda one: (order[one.key], one.title)):
        column = order[box.key]
        row = rows.get(column, 0)
        rows[column] = row + 1
        placed[box.key] = Box(
            box.key, box.kind, box.title, box.note, box.url,
            EDGE + column * (WIDTH + ACROSS), EDGE + row * (HEIGHT + DOWN),
        )  # fmt: skip
    paths = [
        _path(placed[parent], placed[child])
        for child, all_of in parents.items()
        for parent in all_of
        if parent in placed and child in placed
    ]
    width = max((box.x for box in placed.values()), default=0) + WIDTH + EDGE
    height = max((box.y for box in placed.values()), default=0) + HEIGHT + EDGE
    return Picture(list(placed.values()), paths, width, height)


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


def _path(parent: Box, child: Box) -> str:
    x1, y1 = parent.x + WIDTH, parent.y + HEIGHT // 2
    x2, y2 = child.x, child.y + HEIGHT // 2
    middle = (x1 + x2) // 2
    return f"M{x1} {y1} C{middle} {y1} {middle} {y2} {x2 - 7} {y2}"
