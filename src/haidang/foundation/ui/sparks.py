"""A figure's recent course as a few bytes of SVG, with its scale."""

from collections.abc import Iterator, Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from haidang.foundation.ui import formats

WIDTH, HEIGHT, MARGIN = 100.0, 40.0, 4.0

Point = tuple[float, float]


def draw(values: Sequence[float | None], *, decimals: int, about: str) -> SafeString:
    """Draw the values from left to right; None leaves a gap. Fewer than two known: nothing."""
    known = [float(value) for value in values if value is not None]
    if len(known) < 2:
        return SafeString("")
    low, high = min(known), max(known)
    lines = "".join(f'<polyline points="{_text(line)}"/>' for line in _lines(values, low, high))
    return format_html(
        '<div class="spark-line"><svg class="spark" viewBox="0 0 {w} {h}" '
        'preserveAspectRatio="none" role="img" aria-label="{label}">{lines}</svg>'
        '<span class="scale" aria-hidden="true"><span>{high}</span><span>{low}</span></span></div>',
        w=int(WIDTH),
        h=int(HEIGHT),
        label=_label(known, decimals, about),
        lines=mark_safe(lines),  # noqa: S308 - numbers only
        high=formats.number(high, decimals),
        low=formats.number(low, decimals),
    )


def _label(known: list[float], decimals: int, about: str) -> str:
    first, last = formats.number(known[0], decimals), formats.number(known[-1], decimals)
    return f"Diễn biến {about}: từ {first} đến {last}".replace("  ", " ").replace(" :", ":")


def _lines(values: Sequence[float | None], low: float, high: float) -> Iterator[list[Point]]:
    line: list[Point] = []
    for index, value in enumerate(values):
        if value is None:
            if line:
                yield line
            line = []
        else:
            line.append(_place(index, float(value), len(values), low, high))
    if line:
        yield line


def _place(index: int, value: float, count: int, low: float, high: float) -> Point:
    share = (value - low) / (high - low) if high > low else 0.5
    return index * WIDTH / (count - 1), HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN)


def _text(line: list[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in line)
