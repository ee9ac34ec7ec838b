"""XLSX: the cells of one sheet as text; numbers that Excel stored are marked as plain."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import python_calamine as calamine

from haidang.data.ingest.errors import UnreadableFileError
from haidang.data.ingest.files import bombs, dimensions

Cell = Any
Row = tuple[int, list[Cell]]
Merged = tuple[tuple[int, int], tuple[int, int]]  # first and last (row, column), from zero


@dataclass(frozen=True)
class Table:
    """The rows of one sheet that are not blank, and its merged cells."""

    rows: Iterator[Row]
    merged: Sequence[Merged] = ()

    def heading_lines(self, line: int) -> int:
        """Return how many lines the heading that begins at `line` takes: merged cells tell.

        A cell over several columns is the roof of headings below it; one over several lines
        reaches as deep as the heading does.
        """
        begun = [(first, last) for first, last in self.merged if first[0] == line - 1]
        deepest = max((last[0] for _, last in begun), default=line - 1)
        has_roof = any(first[1] < last[1] and last[0] == line - 1 for first, last in begun)
        return max(deepest - line + 2, 2 if has_roof else 1)


def table(path: Path, sheet: str = "") -> Table:
    """Return the named sheet, else the first that is not hidden; rows are (line, cells).

    Raises UnreadableFileError for what is no workbook or lacks the sheet, TooLargeError for bombs.
    """
    bombs.inspect(path)
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        found = _sheet(book, path, sheet or _first_visible(book))
        first = found.start[0] if found.start else 0
        rows = _filled(found.iter_rows(), first)
        return Table(rows, found.merged_cell_ranges or ())
    except calamine.WorksheetNotFound as error:
        names = ", ".join(f"“{name}”" for name in book.sheet_names)
        raise UnreadableFileError(
            f"Sổ tính không có trang “{sheet}”. Các trang có trong tệp: {names}."
        ) from error
    except (calamine.CalamineError, OSError, IndexError) as error:
        raise UnreadableFileError(
            "Không mở được sổ tính XLSX. Mở bằng Excel, lưu lại rồi tải lên."
        ) from error


def _sheet(book: calamine.CalamineWorkbook, path: Path, name: str) -> calamine.CalamineSheet:
    try:
        return book.get_sheet_by_name(name)
    except calamine.WorksheetNotFound:
        raise
    except calamine.CalamineError:
        if (content := dimensions.without(path)) is None:
            raise
        return calamine.CalamineWorkbook.from_filelike(content).get_sheet_by_name(name)


def visible(path: Path) -> list[str]:
    """Return the names of the sheets that are not hidden; raises as `table` does."""
    bombs.inspect(path)
    try:
        return _visible(calamine.CalamineWorkbook.from_path(str(path)))
    except (calamine.CalamineError, OSError) as error:
        raise UnreadableFileError(
            "Không mở được sổ tính XLSX. Mở bằng Excel, lưu lại rồi tải lên."
        ) from error


def _first_visible(book: calamine.CalamineWorkbook) -> str:
    return (_visible(book) or book.sheet_names)[0]


def _visible(book: calamine.CalamineWorkbook) -> list[str]:
    return [
        one.name for one in book.sheets_metadata if one.visible == calamine.SheetVisibleEnum.Visible
    ]


def _filled(table: Iterator[list[Cell]], first: int) -> Iterator[Row]:
    for line, cells in enumerate(table, start=first + 1):
        width = len(cells)
        while width and cells[width - 1] in ("", None):  # LibreOffice writes 1.024 columns
            width -= 1
        if width:
            yield line, cells[:width]


def text_of(cell: Cell) -> str:
    """Return a cell as text: ISO for dates, shortest exact form for numbers."""
    if cell is None or isinstance(cell, str):
        return cell or ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime.datetime | datetime.date | datetime.time):
        return cell.isoformat(" ") if isinstance(cell, datetime.datetime) else cell.isoformat()
    return str(cell)


def is_plain(cell: Cell) -> bool:
    """Say whether a program stored the cell as a number."""
    return isinstance(cell, int | float) and not isinstance(cell, bool)
