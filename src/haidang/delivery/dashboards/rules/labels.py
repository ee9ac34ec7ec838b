"""Where the names of a map go: near their places, clear of its signs and of each other."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

_GLYPH = 0.58
"""Mean width of a letter, in parts of the size of type."""
_STEPS_ACROSS = tuple(step * 0.5 for step in range(-5, 6))
_STEPS_DOWN = tuple(step * 0.4 for step in range(-5, 6))
_LEGIBLE = 0.04  # of a name, which may lie on others
_OVER_SIGN, _OVER_NAME, _OUTSIDE = 16.0, 40.0, 80.0


@dataclass(frozen=True)
class Box:
    """A rectangle on the drawing, whose y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def shared(self, other: "Box") -> float:
        """Return the area that both cover."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(across, 0.0) * max(down, 0.0)

    @property
    def area(self) -> float:
        return (self.right - self.left) * (self.bottom - self.top)


@dataclass(frozen=True)
class Name:
    """A name with the middle of its baseline."""

    text: str
    x: float
    y: float
    is_first: bool = False
    """Takes its place before the others, which may then find none."""

    def box(self, size: float) -> Box:
        """Return what the name covers when it is written in type of this size."""
        half = len(self.text) * size * _GLYPH / 2
        return Box(self.x - half, self.y - 0.85 * size, self.x + half, self.y + 0.3 * size)


def place(wanted: Iterable[Name], *, size: float, signs: Sequence[Box], within: Box) -> list[Name]:
    """Return the names moved, a little, to where they can be read: what comes first, then the most
    crowded. A name that would lie on another is left out; pointing at its unit still tells it."""
    placed: dict[int, Name] = {}
    names = list(enumerate(wanted))
    crowd = {
        at: sum(abs(name.x - other.x) + abs(name.y - other.y) for _, other in names)
        for at, name in names
    }
    for at, name in sorted(names, key=lambda one: (not one[1].is_first, crowd[one[0]])):
        taken = [one.box(size) for one in placed.values()]
        best = min(
            _candidates(name, size), key=lambda one: _cost(one, name, size, signs, taken, within)
        )
        covered = sum(best.box(size).shared(one) for one in taken)
        if covered <= _LEGIBLE * best.box(size).area:
            placed[at] = best
    return [placed[at] for at, _ in names if at in placed]


def _candidates(name: Name, size: float) -> Iterator[Name]:
    for across, down in product(_STEPS_ACROSS, _STEPS_DOWN):
        yield replace(name, x=name.x + across * size, y=name.y + down * size)


def _cost(
    tried: Name,
    wanted: Name,
    size: float,
    signs: Sequence[Box],
    taken: Sequence[Box],
    within: Box,
) -> float:
    box = tried.box(size)
    moved = (abs(tried.x - wanted.x) + abs(tried.y - wanted.y)) / size
    unit = size * size
    over_signs = sum(box.shared(one) for one in signs) / unit
    over_names = sum(box.shared(one) for one in taken) / unit
    outside = (box.area - box.shared(within)) / unit
    return moved + _OVER_SIGN * over_signs + _OVER_NAME * over_names + _OUTSIDE * outside
