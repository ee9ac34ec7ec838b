"""Finding the heading row beneath titles and blank lines; joining one of two lines."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from haidang.data.ingest.errors import TooLargeError, UnreadableFileError
from haidang.data.ingest.files import bounds
from haidang.data.ingest.files.bombs import too_many_columns
from haidang.data.ingest.rules.layout import Layout

Cell = TypeVar("Cell")


def find(
    rows: Iterator[tuple[int, list[Cell]]],
    layout: Layout,
    known: Callable[[str], bool],
    text_of: Callable[[Cell], str],
    lines_at: Callable[[int], int] = lambda line: 1,
) -> tuple[list[str], Iterator[tuple[int, list[Cell]]]]:
    """Return the headings and the rows below them.

    `lines_at` tells how many lines the heading takes that begins at a line, where nobody said it.
    Raises UnreadableFileError when no row names a known column, TooLargeError when too wide.
    """
    first = list(itertools.islice(rows, max(bounds.HEADER_SEARCH, layout.header_row or 0)))
    texts = [(line, [text_of(cell) for cell in cells]) for line, cells in first]
    widest = max((len(cells) for _, cells in texts), default=0)
    if widest > bounds.COLUMNS:
        raise TooLargeError(too_many_columns(widest))
    at, last = locate(texts, layout, known, lines_at)
    headings = joined([cells for _, cells in texts[at:last]])
    return headings, itertools.chain(first[last:], rows)


def locate(
    texts: Sequence[tuple[int, list[str]]],
    layout: Layout,
    known: Callable[[str], bool],
    lines_at: Callable[[int], int] = lambda line: 1,
) -> tuple[int, int]:
    """Return the places of the heading's first row and of the first row below it.

    Raises UnreadableFileError when no row names a known column.
    """
    at = _place(texts, layout, known)
    lines = layout.header_rows if layout.header_rows > 1 else lines_at(texts[at][0])
    return at, min(at + lines, len(texts))


def _place(
    texts: Sequence[tuple[int, list[str]]], layout: Layout, known: Callable[[str], bool]
) -> int:
    if not texts:
        raise UnreadableFileError("Tệp trống: không có dòng nào. Kiểm tra lại tệp đã chọn.")
    if layout.header_row is not None:
        lines = [line for line, _ in texts]
        return next((at for at, line in enumerate(lines) if line >= layout.header_row), 0)
    scores = [sum(map(known, cells)) for _, cells in texts]
    best = max(scores)
    if best == 0:
        raise UnreadableFileError(
            "Không tìm thấy dòng tiêu đề: không dòng nào trong "
            f"{len(texts)} dòng đầu có tên cột của hợp đồng dữ liệu. Dòng đầu tiên là: "
            f"“{_shown(texts[0][1])}”. Kiểm tra dấu phân cách và tên cột."
        )
    return scores.index(best)


def _shown(cells: Sequence[str]) -> str:
    """Return cells for a sentence; PostgreSQL keeps no NUL, and nobody reads one."""
    return " | ".join(cells)[:200].replace("\x00", "\u2400")


def joined(lines: Sequence[Sequence[str]]) -> list[str]:
    """Join headings of several lines; an upper heading reaches over the empty cells after it."""
    width = max(len(line) for line in lines)
    joined = [""] * width
    for depth, line in enumerate(lines):
        above = ""
        for place in range(width):
            said = line[place].strip() if place < len(line) else ""
            is_last = depth == len(lines) - 1
            above = said if said or is_last else above
            joined[place] = f"{joined[place]} {above}".strip()
    return joined
